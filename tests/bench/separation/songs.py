"""Songs whose stems are known: which of them anything was tuned on, and which are for the test alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F32
from mixer.roles import Role
from separation.evaluation import Truth, read_multitrack
from tests.signals import SONGS

VOICES = {"rock": ("vocals_1", "vocals_2"), "britpop": ("MusicDelta_Britpop_RAW_07_01", "MusicDelta_Britpop_RAW_08_01")}
"""Tracks that are sung and do not say so in their names."""
DEVELOPMENT, TEST = ("rock",), ("country", "britpop")
"""Real multitracks: levels, blend and gate were chosen with a look at the first alone, the gate also at the others'
voices."""
EXCERPT_S = 20.0


def real_songs(names: tuple[str, ...]) -> Iterator[Truth]:
    """The real multitracks that are there."""
    for name in names:
        if (SONGS / name).is_dir():
            yield read_multitrack(SONGS / name, dict.fromkeys(VOICES.get(name, ()), Role.LEAD_VOCAL))


def made_songs(corpus: Path | None, part: str) -> Iterator[Truth]:
    """The arrangements of a part of what ``datasets/make_separation_corpus.py`` makes, some seconds of each."""
    folders = sorted((corpus / part).iterdir()) if corpus is not None and (corpus / part).is_dir() else []
    for folder in folders:
        whole = read_multitrack(folder)
        length = min(
            round(EXCERPT_S * whole.sample_rate),
            *(np.flatnonzero(s.any(0)).max() for s in whole.stems.values() if s.any()),
        )
        yield Truth(whole.name, whole.sample_rate, {name: stem[:, :length] for name, stem in whole.stems.items()})


def test_songs(corpus: Path | None) -> list[Truth]:
    """What nothing of the separation into four stems was tuned on."""
    return [*real_songs(TEST), *made_songs(corpus, "test")]


def game_music(folders: Sequence[Path]) -> Iterator[tuple[str, F32, int]]:
    """Name, samples and rate of a part from the middle of each long file below some folders, in order of name."""
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in audio.SUFFIXES):
            about = audio.probe(path)
            if about.seconds > 3 * EXCERPT_S:
                start = round((about.seconds / 2 - EXCERPT_S / 2) * about.sample_rate)
                excerpt, rate = audio.read(path, start=start, frames=round(EXCERPT_S * about.sample_rate))
                yield path.stem, excerpt, rate


def spoilt(song: Truth) -> Iterator[Truth]:
    """A song as bad material has it: one flaw each."""
    stems = {name: np.array(stem) for name, stem in song.stems.items()}

    def changed(name: str, change: dict[str, F32]) -> Truth:
        return Truth(name, song.sample_rate, stems | change)

    yield changed("as it is", {})
    yield changed("without a voice", {"vocals": np.zeros_like(stems["vocals"])})
    yield changed("mono", {name: np.repeat(stem.mean(0, keepdims=True), 2, 0) for name, stem in stems.items()})
    left, right = np.array([[1], [0]], np.float32), np.array([[0], [1]], np.float32)
    yield changed(
        "voice hard left, drums hard right", {"vocals": stems["vocals"] * left, "drums": stems["drums"] * right}
    )
    yield changed("20 dB quieter", {name: stem * np.float32(0.1) for name, stem in stems.items()})
