"""A song in segments is the song in one piece."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from separation.chunks import F32, Plan, aligned_plan, overlap_add, shifted
from tests.signals import difference_db, music


def in_pieces(song: F32, sizes: tuple[int, ...]) -> Iterator[F32]:
    at, turn = 0, 0
    while at < song.shape[1]:
        size = sizes[turn % len(sizes)]
        yield song[:, at : at + size]
        at, turn = at + size, turn + 1


def smoothed(segment: F32) -> F32:
    """Two "stems" out of a filter that hears 100 samples around: it can be right only where it has its context."""
    kernel = np.hanning(201) / np.hanning(201).sum()
    low = np.stack([np.convolve(channel, kernel)[100:-100] for channel in segment]).astype(np.float32)
    return np.stack((low, segment - low))


@pytest.mark.parametrize("samples", [1, 99, 4000, 4001, 4032, 4033, 8064, 20_011])
@pytest.mark.parametrize("sizes", [(1777,), (100_000,), (1, 5000)])
def test_segments_join_to_what_one_pass_gives(samples: int, sizes: tuple[int, ...]) -> None:
    song = music(1.0, 2)[:, :samples]
    plan = Plan(step=4000, context=100, fade=32)
    made = np.concatenate(list(overlap_add(in_pieces(song, sizes), smoothed, plan)), axis=-1)
    # the same sums in another order: float32 rounding only
    assert difference_db(made, smoothed(song)) < -130


def test_no_segment_is_longer_than_planned() -> None:
    lengths: list[int] = []

    def watched(segment: F32) -> F32:
        lengths.append(segment.shape[1])
        return segment[None]

    plan = Plan(step=1000, context=200, fade=50)
    song = music(0.5, 1)
    made = np.concatenate(list(overlap_add(in_pieces(song, (700,)), watched, plan)), axis=-1)
    assert np.array_equal(made[0], song)
    assert max(lengths) <= 1000 + 2 * 200 + 50


def test_a_seam_is_faded_not_cut() -> None:
    """Each segment answers with its own constant: between them the output moves no faster than the fade."""
    calls = iter(range(100))
    plan = Plan(step=1000, context=0, fade=100)
    song = np.ones((1, 5000), np.float32)
    pieces = overlap_add([song], lambda segment: np.full((1, *segment.shape), next(calls), np.float32), plan)
    steps = np.diff(np.concatenate(list(pieces), axis=-1)[0, 0])
    assert steps.max() == pytest.approx(1 / 100, rel=1e-3)


def test_shifts_cancel_an_error_that_moves() -> None:
    """An error that alternates from sample to sample has the other sign half the time: two passes cancel it."""
    comb = np.where(np.arange(10_000) % 2, -0.1, 0.1).astype(np.float32)
    song = music(0.2, 1)

    def erring(segment: F32) -> F32:
        return (segment + comb[: segment.shape[1]])[None]

    once, twice = shifted(erring, 1, 2)(song)[0], shifted(erring, 2, 2)(song)[0]
    assert np.abs(once - song).max() > 0.09
    assert np.abs(twice - song).max() < 1e-6


def test_a_plan_is_a_multiple_of_the_stride() -> None:
    plan = aligned_plan(40 * 44_100, 0.3, 65_536)
    assert plan.step % 65_536 == 0
    assert plan.context == 4 * 65_536
    with pytest.raises(ValueError, match="fits into it"):
        Plan(step=10, context=0, fade=11)
