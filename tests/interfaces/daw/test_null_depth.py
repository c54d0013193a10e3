"""The depth of a null between two streams of blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from interfaces.daw.null_depth import difference
from mixer.arrays import F32
from tests.signals import music


def blocks(sound: F32, size: int = 1000) -> Iterator[F32]:
    return (sound[:, at : at + size] for at in range(0, sound.shape[1], size))


def told(_: int) -> None:
    """Nobody listens."""


def test_a_mix_that_is_one_per_cent_louder_is_at_minus_forty() -> None:
    sound = music(0.2)
    found = difference(blocks(sound), blocks(sound * np.float32(1.01)), told)
    assert found.null_db == pytest.approx(-40, abs=0.01)
    assert found.excess_db == pytest.approx(20 * math.log10(1.01), abs=0.001)


def test_nothing_differs() -> None:
    sound = music(0.2)
    frames: list[int] = []
    assert difference(blocks(sound), blocks(sound.copy()), frames.append).null_db == -math.inf
    assert frames[-1] == sound.shape[1]


def test_mono_stands_on_both_sides() -> None:
    mono = music(0.1, 1)
    assert difference(blocks(np.repeat(mono, 2, 0)), blocks(mono), told).null_db == -math.inf


def test_what_is_missing_or_too_much_counts() -> None:
    sound = np.full((2, 4000), 0.5, np.float32)
    assert difference(blocks(sound), blocks(sound[:, :3600]), told).null_db == pytest.approx(-10, abs=0.01)
    assert difference(blocks(sound[:, :2500]), blocks(sound), told).null_db == pytest.approx(-2.2, abs=0.1)


def test_silence_and_what_is_no_number() -> None:
    nothing = np.zeros((2, 3000), np.float32)
    assert difference(blocks(nothing), blocks(nothing), told).null_db == -math.inf
    assert difference(blocks(nothing), blocks(nothing + np.float32(1e-3)), told).null_db == math.inf
    broken = music(0.1)
    broken[0, 7] = np.nan
    found = difference(blocks(music(0.1)), blocks(broken), told)
    assert math.isnan(found.null_db)
    assert math.isnan(found.excess_db)
