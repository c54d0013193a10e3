"""All that explanations and summaries draw on, and one move as they see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixer.param import Param
from style_transfer.evidence import MixState, TrackState
from style_transfer.features import Shape
from style_transfer.group_findings import GroupFound
from style_transfer.listen import Heard
from style_transfer.prepare import Listening
from style_transfer.search import Found
from style_transfer.start import Values
from style_transfer.suggestion import Origin
from style_transfer.target import StyleTarget


@dataclass(frozen=True, slots=True)
class Findings:
    """What was heard, found and measured."""

    listening: Listening
    found: Found
    heard: Mapping[str, Heard]
    """By track."""
    before: MixState
    practised: Mapping[str, TrackState]
    """The tracks as practice alone would have them."""
    practised_shape: Shape
    """And their sum."""
    strips_shape: Shape
    """The sum of the tracks as suggested, before the master."""
    after: MixState
    groups: Sequence[GroupFound]
    """What a reference's stems say, against the session's groups."""
    values: Values
    """As suggested."""
    loudness_lufs: float
    """As asked for."""

    @property
    def them(self) -> str:
        """What the mix is compared with, in a sentence."""
        return ("your wish", "the reference", "the references")[min(2, len(self.listening.references))]

    @property
    def target(self) -> StyleTarget:
        """What the references ask for."""
        return self.listening.target


@dataclass(frozen=True, slots=True)
class Move:
    """One knob that moves, and what is known about the song."""

    findings: Findings
    target: str
    processor: str
    param: Param
    before: float
    after: float
    origin: Origin

    @property
    def heard(self) -> Heard:
        """The track as recorded."""
        return self.findings.heard[self.target]

    @property
    def on_a_track(self) -> bool:
        """Else on the reverb or the master."""
        return self.target in self.findings.heard

    @property
    def levels_lu(self) -> tuple[float, float]:
        """Where the track sits against the mix, before and after the whole suggestion."""
        before, after = (state.tracks[self.target] for state in (self.findings.before, self.findings.after))
        return before.level_lu, after.level_lu

    @property
    def band_hz(self) -> float:
        """Where a band of an equaliser works most: a peak at its centre, a shelf beyond its midpoint."""
        name = self.param.name
        hz = self.findings.values[self.target]["equalizer"].get(name.replace("gain_db", "hz"), 1000.0)
        return hz / 1.5 if name.startswith("low") else hz * 1.3 if name.startswith("high") else hz
