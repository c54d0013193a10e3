"""A rough mix of the session's own tracks: its balance and panning, kept unless they are given up."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F64
from mixer.errors import UsageError
from mixer.processor import Aspect
from mixer.progress import Progress, silent
from mixer.session import FileContext, Session
from style_transfer.listen import Heard
from style_transfer.reference import file_context
from style_transfer.same_song import SameSong, TrackBalance, balance, recognise
from style_transfer.start import Values, put

KEPT = frozenset({Aspect.LEVEL, Aspect.PAN})
"""What a rough mix is made for."""
LEAST_CERTAINTY = 0.3
"""A track that is found with less is left to practice."""
LEAST_PAN = 0.03


@dataclass(frozen=True, slots=True)
class RoughMix:
    """A rough mix as it is handed in, and what of it is kept: level, pan, or both."""

    path: Path
    keeps: frozenset[Aspect] = KEPT


@dataclass(frozen=True, slots=True)
class Rough:
    """A rough mix as it was heard."""

    context: FileContext
    keeps: frozenset[Aspect]
    tracks: Mapping[str, TrackBalance]
    """Those that were found in it."""
    same: SameSong

    def put(self, session: Session, values: Values) -> None:
        """Write what is kept into ``values``: faders against their median, pans and widths."""
        usual_db = statistics.median(state.gain_db for state in self.tracks.values()) if self.tracks else 0.0
        for name, state in self.tracks.items():
            if Aspect.LEVEL in self.keeps:
                put(session, values, name, "fader", {"gain_db": round(state.gain_db - usual_db, 1)})
            if Aspect.PAN in self.keeps:
                pan = 0.0 if abs(state.pan) < LEAST_PAN else round(state.pan, 2)
                put(session, values, name, "panner", {"pan": pan, "width": round(state.width, 2)})

    def levels_lu(self, heard: Sequence[Heard]) -> F64:
        """Where tracks stand in the rough mix, ``[tracks]``; NaN where that is not known or not kept."""
        if Aspect.LEVEL not in self.keeps:
            return np.full(len(heard), np.nan)
        return np.array([self.tracks[e.track.id].level_lu if e.track.id in self.tracks else np.nan for e in heard])


def hear_rough_mix(
    file: RoughMix, session: Session, folder: Path, heard: Sequence[Heard], progress: Progress = silent
) -> Rough:
    """Find the balance of a rough mix.

    Raises:
        UsageError: it is not a mix of these tracks, or an aspect cannot be kept of it.
        AudioError: it cannot be read.
    """
    if not file.keeps <= KEPT:
        raise UsageError(f"of a rough mix level and pan can be kept, not {', '.join(sorted(file.keeps - KEPT))}")
    audio.probe(file.path)
    same = recognise(session, folder, heard, file.path, progress=progress)
    if same is None:
        raise UsageError(
            f"{file.path.name} is not a mix of these tracks, or runs at another speed: "
            "give a mix of the session's own tracks, or name it with --reference"
        )
    found = {
        name: state
        for name, state in balance(same, session.sample_rate).items()
        if not state.absent and state.certainty >= LEAST_CERTAINTY
    }
    return Rough(file_context(file.path, folder), file.keeps, found, same)
