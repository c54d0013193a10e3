"""The one place where the benchmark calls Faderwise: suggestions in their variants, the prior alone, random settings.

Everything else in the benchmark sees only an ``Outcome``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from mixer import audio
from mixer.arrays import F32
from mixer.assignment import assign
from mixer.console import Settings, Source, mix_array
from mixer.processors.equalizer import PEAKS
from mixer.render import settings, sources
from mixer.scan import scan
from mixer.session import LOUDNESS, Session
from style_transfer.brief import Brief
from style_transfer.listen import hear
from style_transfer.reference_file import ReferenceFile
from style_transfer.same_song import recover
from style_transfer.search import search
from style_transfer.start import Values, practice_start
from style_transfer.stems import ReferenceStems
from style_transfer.suggest import suggest
from style_transfer.suggestion import Refusal, Suggestion, apply_suggestion
from style_transfer.variant import USUAL
from tests.bench.mixbench.listening import Outcome
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.songs import Multitrack
from tests.signals import drawn_settings

EQ_GAINS = ("low_gain_db", *(f"peak{index}_gain_db" for index in PEAKS), "high_gain_db")


class Stems(StrEnum):
    """Whose stems of the reference a suggestion is given."""

    NONE = "none"
    SEPARATED = "separated"
    TRUE = "true"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a system may be given about the reference: the mix, and its stems by who made them."""

    file: Path
    stems: Mapping[Stems, ReferenceStems] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask for a suggestion: which stems come with the reference, and what is taken out of the program.

    ``instead`` puts something else in the place of what a module calls by a name: parts are measured by their absence.
    """

    name: str
    stems: Stems = Stems.NONE
    instead: Mapping[str, object] = field(default_factory=dict)
    fast: bool = False
    """Whether the answer is taken as it is, without a search."""


def _as_found(_search: object, values: Values, *_: object) -> tuple[Values, list[Refusal]]:
    return values, []


OURS = Variant("suggestion: mix alone")
START = Variant(
    "suggestion: its first answer", instead={"style_transfer.search.recover": partial(recover, start_only=True)}
)
SEPARATED = Variant("suggestion: mix and separated stems", Stems.SEPARATED)
TRUE_STEMS = Variant("suggestion: mix and true stems", Stems.TRUE)
WITHOUT_PRIOR = Variant(
    "suggestion: without prior",
    Stems.SEPARATED,
    {"style_transfer.suggest.search": partial(search, variant=replace(USUAL, prior=0.0))},
)
WITHOUT_GUARD = Variant(
    "suggestion: without guard",
    Stems.SEPARATED,
    {
        "style_transfer.search.keep_audible": _as_found,
        "style_transfer.search.keep_groups": _as_found,
        "style_transfer.match.GUARD_WEIGHT": 0.0,
    },
)
_UNLEARNED = {"style_transfer.learned.has_weights": lambda: False}
FROM_RULES = Variant("suggestion: from the rules' start", Stems.SEPARATED, _UNLEARNED)
RULES_ALONE = Variant("rules' start alone", Stems.SEPARATED, _UNLEARNED, fast=True)
CONTROLLER_ALONE = Variant("controller alone", Stems.SEPARATED, fast=True)
ABLATIONS = (WITHOUT_PRIOR, WITHOUT_GUARD, FROM_RULES)
STARTS = (RULES_ALONE, CONTROLLER_ALONE)
VARIANTS = (OURS, START, SEPARATED, TRUE_STEMS, *ABLATIONS, *STARTS)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What came of asking: the mix, and what the suggestion said of itself."""

    outcome: Outcome
    recalled: bool
    """Whether the reference was taken for a mix of these very tracks."""
    eq_move_db: float
    """The largest gain of each track's equaliser, on average."""
    loudness_error_lu: float
    true_peak_db: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A song on disk with its session, as a user has it."""

    folder: Path
    session: Session
    keys: tuple[str, ...]
    """The session's track ids in the song's order."""


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="mixbench-")


_OPENED: dict[str, Opened] = {}


def opened(song: Multitrack) -> Opened:
    """The song's session, written once per process into a temporary folder."""
    if song.name not in _OPENED:
        folder = Path(_scratch().name) / song.name
        folder.mkdir()
        for row, part in enumerate(song.parts):
            audio.write(folder / f"{row:02} {part.name}.wav", part.audio, RATE, depth="float")
        session = scan(folder, name=song.name, sample_rate=RATE).session
        keys = tuple(track.id for track in session.tracks)
        told = [f"{key}.role={part.role}" for key, part in zip(keys, song.parts, strict=True)]
        _OPENED[song.name] = Opened(folder, assign(session, told), keys)
    return _OPENED[song.name]


def ask(song: Multitrack, reference: Reference, variant: Variant, loudness_lufs: float | None) -> Suggestion:
    """The suggestion itself: the call that is timed."""
    at = opened(song)
    file = ReferenceFile(reference.file, stems=reference.stems.get(variant.stems))
    asked = None if loudness_lufs is None else LOUDNESS.clamp(loudness_lufs)
    with ExitStack() as changed:
        for name, value in variant.instead.items():
            changed.enter_context(patch(name, value))
        return suggest(at.session, at.folder, Brief((file,), loudness_lufs=asked, fast=variant.fast))


def applied(song: Multitrack, suggestion: Suggestion) -> Suggested:
    """The suggestion as sound."""
    at = opened(song)
    session = apply_suggestion(at.session, suggestion)
    outcome = console_outcome(song, at.keys, sources(session, at.folder), settings(session))
    report = suggestion.report
    gains = [[abs(session.values(key)["equalizer"][gain]) for gain in EQ_GAINS] for key in at.keys]
    return Suggested(
        outcome,
        suggestion.recalled,
        float(np.mean([max(row) for row in gains])),
        abs(report.loudness_after_lufs - suggestion.loudness_lufs) if report else 0.0,
        report.true_peak_after_db if report else -np.inf,
    )


def prior_alone(song: Multitrack, _reference: F32) -> Outcome:
    """Good practice for the roles, without a look at the reference."""
    at = opened(song)
    values = practice_start(at.session, hear(at.session, at.folder))
    console = Settings({key: values[key] for key in at.keys}, values["reverb"], values["master"])
    return console_outcome(song, at.keys, sources(at.session, at.folder), console)


def random_settings(song: Multitrack, _reference: F32) -> Outcome:
    """Our console with every knob drawn at random; the seed is the song's name."""
    at = opened(song)
    rng = np.random.default_rng(list(song.name.encode()))
    return console_outcome(song, at.keys, sources(at.session, at.folder), drawn_settings(list(at.keys), rng))


OWN_BASELINES = {"role rules alone": prior_alone, "random settings": random_settings}


def console_outcome(song: Multitrack, keys: Sequence[str], tracks: Sequence[Source], console: Settings) -> Outcome:
    """The console's mix, and what is in it: tracks without reverb and groups with it, through the master's EQ alone."""
    master = {name: knobs for name, knobs in console.master.items() if name == "equalizer"}
    by_key = {source.key: source for source in tracks}

    def rendered(rows: Sequence[int], reverb: bool, whole: bool) -> F32:
        some = [by_key[keys[row]] for row in rows if keys[row] in by_key]
        values = Settings(console.tracks, console.reverb if reverb else {}, console.master if whole else master)
        mix = mix_array(some, values, RATE)[:, : song.frames]
        return np.pad(mix, ((0, 0), (0, song.frames - mix.shape[1])))

    every = range(len(keys))
    return Outcome(
        rendered(every, True, True),
        np.stack([rendered([row], False, False) for row in every]),
        {group: rendered(song.rows(group), True, False) for group in song.groups},
    )
