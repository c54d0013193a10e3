"""Which mixes are asked for: every case has a key, from which everything in it follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.bench.mixbench.engine import Finish, Taste
from tests.bench.mixbench.made import MADE
from tests.bench.mixbench.places import REFERENCES
from tests.bench.mixbench.songs import REAL

PIECES = 4
"""Finished pieces of music for each song."""


class Table(StrEnum):
    """What is compared with what."""

    PAIRED = "paired"
    KNOWN = "known"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Case:
    """One song and one reference: the name of another song (or the same), or of a file of finished music."""

    table: Table
    song: str
    reference: str
    taste: Taste = Taste.PLAUSIBLE
    finish: Finish = Finish.LIMITED
    seed: int = 0

    @property
    def key(self) -> str:
        """Unique, and readable in a table of the worst."""
        made = f" {self.taste} {self.finish} {self.seed}" if self.table is not Table.UNKNOWN else ""
        return f"{self.table}: {self.song} after {self.reference}{made}"

    @property
    def test(self) -> bool:
        """Whether the song is for the test alone."""
        return self.song in TEST_SONGS


TEST_SONGS = frozenset([name for name, test in REAL.items() if test] + [song.name for song in MADE if song.test])
_FOREIGN = (
    ("rock", "demo"), ("demo", "rock"), ("rock", "samba"), ("samba", "rock"), ("demo", "trance"), ("bluegrass", "demo"),
    ("trance", "samba"), ("country", "britpop"), ("britpop", "country"), ("country", "tango"), ("desert", "country"),
    ("britpop", "big-band"), ("tango", "britpop"), ("big-band", "desert"),
)  # fmt: skip
"""Song and reference, both of one part. In each part: voices on both sides, on either side alone, and on neither."""


def paired_cases(songs: Sequence[str]) -> list[Case]:
    """Four mixes of every song by the other engine: usual and wild, as they are, loud, and coded with loss."""
    cases = []
    for row, song in enumerate(songs):
        last = (Taste.WILD, Finish.OGG) if row % 2 else (Taste.PLAUSIBLE, Finish.MP3)
        kinds = (
            (Taste.PLAUSIBLE, Finish.CLEAN),
            (Taste.WILD, Finish.CLEAN),
            (Taste.PLAUSIBLE if row % 2 else Taste.WILD, Finish.LIMITED),
            last,
        )
        seed = sum(song.encode())
        cases += [Case(Table.PAIRED, song, song, *kind, seed + number) for number, kind in enumerate(kinds)]
    return cases


def known_cases(songs: Sequence[str]) -> list[Case]:
    """Finished mixes of other songs of the same part, made by the other engine."""
    pairs = [(song, other) for song, other in _FOREIGN if song in songs and other in songs]
    return [Case(Table.KNOWN, song, other, seed=sum(other.encode()) + 100) for song, other in pairs]


def unknown_cases(songs: Sequence[str]) -> list[Case]:
    """Every song against some of the finished pieces of music that are there, so that each piece is as often asked."""
    pieces = sorted(path.stem for path in REFERENCES.glob("*.flac"))
    some = range(min(PIECES, len(pieces)))
    return [
        Case(Table.UNKNOWN, song, pieces[(row * PIECES + number) % len(pieces)])
        for row, song in enumerate(songs)
        for number in some
    ]


def all_cases(songs: Sequence[str], most: int | None = None) -> list[Case]:
    """Every case of these songs; at most so many of each table, spread evenly."""
    chosen: list[Case] = []
    for cases in (paired_cases(songs), known_cases(songs), unknown_cases(songs)):
        step = max(1, len(cases) // most) if most else 1
        chosen += cases[::step][: most or len(cases)]
    return chosen
