"""Make songs for a corpus from scores that are free: of music21's corpus, and tunes of East Asia that nobody owns.

Each voice of the score is a track, played by choirs, strings, winds, brass or plucked instruments of a sound font;
``music21_pieces.toml`` says which pieces, and which words in their files make them free. Which part is played and how
loud it swells come from the song's seed. What tracks are like is as in ``make_mma_songs.py``.

    apt-get install fluidsynth fluid-soundfont-gm timgm6mb-soundfont musescore-general-soundfont
    pip install mido music21
    python datasets/make_music21_songs.py corpus/
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from corpus_manifest import RATE, NotThisSongError, Played
from make_demo_band import play
from make_demo_score import Note
from make_mma_songs import AUTHOR, FONT_SHARES, FONTS, LENGTH_S, TAIL_S, Font, recorded, run
from make_pattern_songs import role_named
from read_scores import Line, lines_of, pieces_of, said_rights, tune_lines

from mixer.roles import Role
from style_transfer.corpus import Recipe

PIECES = Path(__file__).with_name("music21_pieces.toml")
LATE_S = 0.009
"""How far players are apart."""
SWELL_QUARTERS = 16
"""From one loudest place to the next."""
TUTTI = 0.75
"""How hard a keyboard that doubles the voices is struck, beside them."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is played: from ``start``, in quarters, of a piece that has its end at ``end``, loudest near ``loudest``."""

    start: float
    end: float
    quarter_s: float
    loudest: float


def recipes(tables: dict[str, Any], songs_per_style: int, seed: int) -> list[Recipe]:
    """The songs to make, first one of each piece, then another of each."""
    return [
        Recipe(
            id=f"music21-{name}-{number + 1}",
            source="music21",
            style=table["style"],
            family=table["family"],
            region=table["region"],
            split_key=f"piece-{name}",
            seed=1000 * seed + 100 * number + row,
        )
        for number in range(songs_per_style)
        for row, (name, table) in enumerate(tables["pieces"].items())
    ]


def make(tables: dict[str, Any], recipe: Recipe, folder: Path) -> Sequence[Played]:
    """The tracks of one song."""
    name, _, number = recipe.id.removeprefix("music21-").rpartition("-")
    table = tables["pieces"][name]
    rng = np.random.default_rng([recipe.seed, 3])
    font = FONTS[int(rng.choice(len(FONTS), p=FONT_SHARES))]
    ensemble = tables["ensembles"][table["ensembles"][(int(number) - 1) % len(table["ensembles"])]]
    lines, keys = read(table)
    quarter_s, up = 60.0 / table["bpm"], int(rng.integers(-2, 3))
    end = max(sound.at + sound.length for line in (*lines, *keys) for sound in line)
    excerpt = Excerpt(starting(end, LENGTH_S / quarter_s, rng), end, quarter_s, float(rng.uniform(0, SWELL_QUARTERS)))
    played = []
    for (instrument, program), part, hardness in scored(lines, keys, ensemble):
        notes = sounded([sound.moved(up) for sound in part], excerpt, hardness, rng)
        if notes:
            played.append(_track(instrument, program, notes, font, table, rng, folder))
    return played


def read(table: dict[str, Any]) -> tuple[list[Line], list[Line]]:
    """The voices of a piece, high to low, and what its keyboard plays, if it has one.

    Raises NotThisSongError where the piece is not there, or does not say that it is free.
    """
    if "tune" in table:
        return tune_lines(table["tune"], table["chords"], table.get("beats", 4)), []
    import music21

    file = Path(music21.__file__).parent / "corpus" / table["file"]
    if not file.is_file():
        raise NotThisSongError("this music21 does not have it")
    if table["says"] not in said_rights(file):
        raise NotThisSongError(f"its file does not say '{table['says']}'")
    staves = pieces_of(file)
    return [lines_of(staves, text) for text in table["lines"]], [staves[number] for number in table.get("keys", [])]


def starting(end: float, quarters: float, rng: np.random.Generator) -> float:
    """Where to begin in a piece of so many quarters: where enough is left; at the beginning of what is too short."""
    latest = int((end - quarters) // 4)
    return 4.0 * int(rng.integers(0, latest + 1)) if latest > 0 else 0.0


def scored(
    lines: Sequence[Line], keys: Sequence[Line], ensemble: dict[str, Any]
) -> list[tuple[tuple[str, int], Line, float]]:
    """Who plays what, and how hard, 0 to 1: name and program, from the highest voice to the lowest.

    Fewer lines than players go to those spread over all; a keyboard without staves of its own doubles the voices, and
    a low instrument the lowest of them, an octave down.
    """
    players = ensemble["voices"]
    places = [round(n * (len(players) - 1) / max(1, len(lines) - 1)) for n in range(len(lines))]
    if len(lines) > len(players):
        places = [min(n, len(players) - 1) for n in range(len(lines))]
        merged: list[Line] = [[] for _ in players]
        for place, line in zip(places, lines, strict=True):
            merged[place] = sorted([*merged[place], *line], key=lambda sound: sound.at)
        places, lines = list(range(len(players))), merged
    chosen = [((players[at][0], players[at][1]), line, 1.0) for at, line in zip(places, lines, strict=True)]
    if "keys" in ensemble:
        own = sorted([sound for line in keys or lines for sound in line], key=lambda sound: sound.at)
        chosen.append(((ensemble["keys"][0], ensemble["keys"][1]), own, 1.0 if keys else TUTTI))
    if "low" in ensemble:
        chosen.append(((ensemble["low"][0], ensemble["low"][1]), [sound.moved(-12) for sound in lines[-1]], TUTTI))
    return chosen


def sounded(line: Line, excerpt: Excerpt, hardness: float, rng: np.random.Generator) -> list[Note]:
    """The notes of the excerpt; a piece that ends before the song does is played again from its beginning."""
    quarters, whole = LENGTH_S / excerpt.quarter_s, 4 * math.ceil(excerpt.end / 4)
    rounds = range(1 if excerpt.end - excerpt.start >= quarters else math.ceil((excerpt.start + quarters) / whole))
    notes = []
    for again in rounds:
        for sound in line:
            at = sound.at - excerpt.start + again * whole
            if not 0 <= at < quarters:
                continue
            swell = 12 * np.cos(2 * np.pi * (at - excerpt.loudest) / SWELL_QUARTERS)
            velocity = int(np.clip(hardness * (84 + swell + 5 * rng.standard_normal()), 30, 120))
            start_s = max(0.0, at * excerpt.quarter_s + LATE_S * float(rng.standard_normal()))
            length_s = 0.96 * sound.length * excerpt.quarter_s
            notes += [Note(start_s, length_s, pitch, velocity) for pitch in sound.pitches]
    return notes


def _track(
    name: str,
    program: int,
    notes: Sequence[Note],
    font: Font,
    table: dict[str, Any],
    rng: np.random.Generator,
    folder: Path,
) -> Played:
    role = Role.BACKING_VOCAL if name.endswith("choir") else role_named(name)
    audio = play(notes, program, LENGTH_S + TAIL_S, RATE, folder, font.path)
    licence = f"{table.get('licence', 'Apache-2.0')} AND {font.licence}"
    author = f"{table['author']}; {AUTHOR} (arrangement)"
    return Played(name, role, recorded(audio, role, rng), licence, author, font.path.stem)


if __name__ == "__main__":
    run("Make songs from free scores for a corpus.", PIECES, recipes, make)
