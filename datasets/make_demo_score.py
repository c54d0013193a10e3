"""Read the demo songs' notes from ``demo_songs.toml`` and play them as people would, not quite evenly."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

STEPS_PER_BAR = 16
BEATS_PER_BAR = 4
ACCENT_VELOCITY = 1.22
GHOST_VELOCITY = 0.55
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, slots=True)
class Note:
    """One note: times in seconds from the start of the song, a MIDI pitch, a MIDI velocity; syllable if it is sung.

    ``cents`` is how far it lies from the equal-tempered pitch, -200 to 200, for scales of other tunings.
    """

    start_s: float
    duration_s: float
    pitch: int
    velocity: int
    syllable: str = "*"
    cents: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """One player: the notes, and the table of ``demo_songs.toml`` that says how they sound, are recorded and mixed."""

    name: str
    notes: tuple[Note, ...]
    table: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Song:
    title: str
    bpm: float
    length_s: float
    parts: dict[str, Part]
    table: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Hit:
    step: int
    steps: int
    letter: str


def load_song(path: Path, name: str) -> Song:
    """Read one song; the same seed in the file gives the same performance."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))[name]
    beat_s = 60.0 / table["bpm"]
    parts = {}
    for index, (part_name, part) in enumerate(table["parts"].items()):
        rng = np.random.default_rng([table["seed"], index])
        notes = [*_grid_notes(table, part, rng), *_line_notes(table, part, rng)]
        parts[part_name] = Part(part_name, tuple(sorted(notes, key=lambda note: note.start_s)), part)
    length_s = table["bars"] * BEATS_PER_BAR * beat_s + table["tail_s"]
    return Song(table["title"], table["bpm"], length_s, parts, table)


def pitch_number(name: str) -> int:
    """MIDI number of a name such as ``C#4`` (middle C is ``C4``, 60) or of a plain number."""
    if name.isdigit():
        return int(name)
    accidental = name[1:-1].count("#") - name[1:-1].count("b")
    return 12 * (int(name[-1]) + 1) + _SEMITONES[name[0]] + accidental


def _hits(table: dict[str, Any], grids: dict[str, str]) -> list[_Hit]:
    hits: list[_Hit] = []
    for section, first_bar, last_bar in table["sections"]:
        grid = next((g.replace("|", "") for names, g in grids.items() if section in names.split()), "")
        if len(grid) % STEPS_PER_BAR:
            raise ValueError(f"{table['title']}, {section}: {grid!r} is not a whole number of bars")
        for offset in range((last_bar - first_bar + 1) * STEPS_PER_BAR if grid else 0):
            letter = grid[offset % len(grid)]
            if letter == "-":
                hits[-1] = _Hit(hits[-1].step, hits[-1].steps + 1, hits[-1].letter)
            elif letter != ".":
                hits.append(_Hit((first_bar - 1) * STEPS_PER_BAR + offset, 1, letter))
    return hits


def _chord(table: dict[str, Any], step: int) -> list[int]:
    names = table["chords"][step // STEPS_PER_BAR].split()
    voicing: list[int] = table["voicings"][names[step % STEPS_PER_BAR * len(names) // STEPS_PER_BAR]]
    return voicing


def _pitches(table: dict[str, Any], part: dict[str, Any], hit: _Hit) -> list[int]:
    if part.get("program") == "drums":
        return [part["keys"].get(hit.letter.lower(), part["keys"].get("x"))]
    bass, *upper = _chord(table, hit.step)
    if part["kind"] == "chords":
        turn = part.get("invert", 0)
        return upper[turn:] + [pitch + 12 for pitch in upper[:turn]]
    classes = {pitch % 12 for pitch in upper}
    flat = (bass + 6) % 12 in classes and (bass + 7) % 12 not in classes
    fifth = (6 if flat else 7) - (12 if bass >= 36 else 0)
    return [bass + {"r": 0, "f": fifth, "o": 12}[hit.letter]]


def _grid_notes(table: dict[str, Any], part: dict[str, Any], rng: np.random.Generator) -> list[Note]:
    step_s = 60.0 / table["bpm"] * BEATS_PER_BAR / STEPS_PER_BAR
    notes = []
    for hit in _hits(table, part.get("grid", {})):
        strength = ACCENT_VELOCITY if hit.letter.isupper() else GHOST_VELOCITY if hit.letter == "g" else 1.0
        late_s = 1e-3 * (part.get("late_ms", 0.0) + part.get("timing_ms", 0.0) * rng.standard_normal())
        for index, pitch in enumerate(_pitches(table, part, hit)):
            start_s = max(0.0, hit.step * step_s + late_s + 1e-3 * index * part.get("strum_ms", 0.0))
            velocity = round(part.get("velocity", 84) * strength + 4.0 * rng.standard_normal())
            notes.append(Note(start_s, 0.95 * hit.steps * step_s, pitch, min(max(velocity, 1), 127)))
    return notes


def _line_notes(table: dict[str, Any], part: dict[str, Any], rng: np.random.Generator) -> list[Note]:
    if "line" not in part:
        return []
    beat_s = 60.0 / table["bpm"]
    beat = float((part["line"]["start_bar"] - 1) * BEATS_PER_BAR)
    notes = []
    for word in part["line"]["notes"].replace("|", " ").split():
        syllable, pitch, beats = word.split(":")
        if syllable != "_":
            # a singer's own timing is the singer's affair: the melody itself stays on the beat
            played = syllable == "*"
            late_s = 1e-3 * part.get("timing_ms", 0.0) * rng.standard_normal() if played else 0.0
            velocity = round(part.get("velocity", 96) + 4.0 * rng.standard_normal())
            duration_s = float(beats) * beat_s * (0.97 if played else 1.0)
            notes.append(Note(max(0.0, beat * beat_s + late_s), duration_s, pitch_number(pitch), velocity, syllable))
        beat += float(beats)
    if beat > table["bars"] * BEATS_PER_BAR:
        raise ValueError(f"{table['title']}: a line is {beat - table['bars'] * BEATS_PER_BAR:g} beats too long")
    return notes
