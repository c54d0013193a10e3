"""Drums and hands that were recorded, stroke by stroke: the free one-shots that Debian carries for Sonic Pi.

``pattern_kits.toml`` says which recording each General MIDI drum note is, soft strokes first.

    apt-get install sonic-pi-samples
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from corpus_manifest import RATE, NotThisSongError
from make_demo_score import Note

from mixer import audio
from mixer.arrays import F32

Array = npt.NDArray[np.float64]

KITS = Path(__file__).with_name("pattern_kits.toml")
SAMPLES = Path("/usr/share/sonic-pi/samples")
LICENCE = "CC0-1.0"
HATS = frozenset({42, 44, 46})
"""One pair of cymbals: each stroke ends the one before."""
DAMPED_S = 0.012
HARD = 80
"""MIDI velocity from which a stroke is hard, where soft and hard ones were recorded."""


@dataclass(frozen=True, slots=True)
class Kit:
    """A set of drums: by General MIDI note, recordings ``[channels, time]`` at the corpus's rate, the softest first."""

    name: str
    strokes: Mapping[int, Sequence[F32]]
    licence: str = LICENCE

    def play(self, notes: Sequence[Note], length_s: float) -> Array:
        """The strokes at their times, ``[2, time]``; those that would begin after the end are left out.

        Raises KeyError where the kit has no such drum.
        """
        track = np.zeros((2, round(length_s * RATE)))
        due = sorted(notes, key=lambda note: note.start_s)
        for place, note in enumerate(due):
            start = round(note.start_s * RATE)
            recorded = self.strokes[note.pitch]
            sound: npt.NDArray[np.floating[Any]] = (
                recorded[-1 if note.velocity >= HARD else 0] * (note.velocity / 127) ** 1.5
            )
            after = next((other for other in due[place + 1 :] if other.pitch in HATS), None)
            if note.pitch in HATS and after is not None:
                sound = damped(sound, round(after.start_s * RATE) - start)
            piece = sound[:, : max(0, track.shape[1] - start)]
            track[:, start : start + piece.shape[1]] += piece
        return track


def kit(name: str) -> Kit:
    """A set of ``pattern_kits.toml``. Raises NotThisSongError where the recordings are not installed."""
    if not SAMPLES.is_dir():
        raise NotThisSongError("its drums (sonic-pi-samples) are not installed")
    table = tomllib.loads(KITS.read_text(encoding="utf-8"))[name]
    strokes = {int(note): [_recording(file) for file in files] for note, files in table.items()}
    return Kit(name, strokes)


def damped(sound: npt.NDArray[np.floating[Any]], samples: int) -> Array:
    """A stroke that a hand ends after so many samples."""
    ramp = np.clip((samples + DAMPED_S * RATE - np.arange(sound.shape[1])) / (DAMPED_S * RATE), 0.0, 1.0)
    return np.asarray(sound * ramp, np.float64)


def _recording(name: str) -> F32:
    sound, _ = audio.read(SAMPLES / f"{name}.flac", RATE)
    return sound
