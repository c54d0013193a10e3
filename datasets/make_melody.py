"""Invent tunes over chords: a rhythm that comes back, chord notes on the beats, steps in between, from a seed.

No tune of anybody's is used, so that what is made can be given away; they are plausible, not beautiful.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from make_demo_score import Note

QUALITIES = {
    "": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10), "M7": (0, 4, 7, 11), "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9), "dim": (0, 3, 6), "m7b5": (0, 3, 6, 10), "9": (0, 4, 7, 10), "5": (0, 7),
}  # fmt: skip
_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_CHORD = re.compile(r"([A-G])([b#]?)(.*)")


@dataclass(frozen=True, slots=True)
class Chord:
    """A root as a pitch class, 0 to 11 from C, and its quality as a key of ``QUALITIES``."""

    root: int
    quality: str

    @property
    def name(self) -> str:
        return f"{_ROOTS[self.root]}{self.quality}"

    @property
    def notes(self) -> frozenset[int]:
        """Its pitch classes."""
        return frozenset((self.root + step) % 12 for step in QUALITIES[self.quality])


@dataclass(frozen=True, slots=True)
class Metre:
    """How bars pass: beats of equal length, a bar's quarter notes, and how late off-beats come (0 even, 1/3 swung)."""

    beats: int
    beat_s: float
    swing: float = 0.0

    @property
    def bar_s(self) -> float:
        return self.beats * self.beat_s

    def at_s(self, bar: int, eighth: int) -> float:
        """When an eighth note of a bar falls."""
        late = self.swing * 0.5 if eighth % 2 else 0.0
        return bar * self.bar_s + (eighth / 2 + late) * self.beat_s


def chords(text: str, semitones: int = 0) -> list[Chord]:
    """Read chords and move them up.

    >>> [chord.name for chord in chords("C Am7 F#dim", 2)]
    ['D', 'Bm7', 'Abdim']
    """
    read = []
    for word in text.split():
        match = _CHORD.fullmatch(word)
        if match is None or match[3] not in QUALITIES:
            raise ValueError(f"{word} is no chord that is known here")
        sharp = {"#": 1, "b": -1, "": 0}[match[2]]
        read.append(Chord((_LETTERS[match[1]] + sharp + semitones) % 12, match[3]))
    return read


def tune(
    bars: Sequence[Chord],
    metre: Metre,
    low: int,
    high: int,
    rng: np.random.Generator,
    *,
    busy: float = 0.5,
    scale: frozenset[int] | None = None,
) -> list[Note]:
    """A tune, a chord a bar: phrases of four bars of which the fourth breathes; MIDI pitches ``low`` to ``high``.

    ``busy``, 0 to 1, is how many of the eighths between the beats sound. ``scale`` are the pitch classes that the tune
    keeps to whatever the chord; without it, chord notes fall on the beats and notes of all the chords between.
    """
    steps = scale or frozenset[int]().union(*(chord.notes for chord in bars))
    rhythms = [_rhythm(metre.beats, busy, rng) for _ in range(2)]
    ending = [0] if metre.beats < 4 else [0, 1, 2]
    pitch = int(rng.integers(low + (high - low) // 3, high - (high - low) // 3))
    notes: list[Note] = []
    for bar, chord in enumerate(bars):
        onsets = ending if bar % 4 == 3 else rhythms[bar % 2]
        for place, eighth in enumerate(onsets):
            allowed = chord.notes if eighth % 2 == 0 and scale is None else steps
            pitch = _next_pitch(pitch, [p for p in range(low, high + 1) if p % 12 in allowed], rng)
            until = onsets[place + 1] if place + 1 < len(onsets) else min(2 * metre.beats, eighth + 4)
            start_s = metre.at_s(bar, eighth) + 0.006 * float(rng.standard_normal())
            length_s = 0.92 * (metre.at_s(bar, until) - metre.at_s(bar, eighth))
            velocity = int(np.clip(84 + 10 * (eighth == 0) + 8 * rng.standard_normal(), 50, 120))
            notes.append(Note(max(0.0, start_s), length_s, pitch, velocity))
    return notes


def _rhythm(beats: int, busy: float, rng: np.random.Generator) -> list[int]:
    chance = [0.85 if eighth % 2 == 0 else busy for eighth in range(2 * beats)]
    return [eighth for eighth, share in enumerate(chance) if rng.random() < share] or [0]


def _next_pitch(pitch: int, allowed: Sequence[int], rng: np.random.Generator) -> int:
    """One of the allowed pitches, near ones rather than far ones, seldom the same again."""
    away = np.array([abs(other - pitch) for other in allowed], dtype=float)
    weight = np.exp(-away / 2.5) * np.where(away == 0, 0.35, 1.0)
    return int(rng.choice(np.array(allowed), p=weight / weight.sum()))
