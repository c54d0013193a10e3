"""What a training draws: the same from a seed, whoever draws it and when."""

from __future__ import annotations

import threading
from itertools import islice, pairwise
from pathlib import Path

import pytest
import torch

from style_transfer.train.batches import ahead, batches
from style_transfer.train.examples import Desk, Example
from style_transfer.train.plan import FRESH_AFTER, Plan
from style_transfer.train.processes import Processes
from tests.style_transfer.train.made_up import songs


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(torch.Generator().manual_seed(0))


def drawn(desk: Desk, begin: int, *, batch: int = 4, rank: int = 0, count: int = 1, threads: int = 0) -> list[Example]:
    """Six steps over a change of scenes, or what is left of them."""
    plan = Plan(Path(), steps=FRESH_AFTER + 3, batch=batch, seed=5, scenes=6)
    return list(batches(songs(2), desk, plan, begin, Processes(rank, count), threads))


def same(a: Example, b: Example) -> bool:
    pairs = ((a.tokens.tracks, b.tokens.tracks), (a.truth.strips, b.truth.strips), (a.room, b.room))
    return all(torch.equal(one, other) for one, other in pairs)


def test_threads_draw_what_the_training_itself_would(desk: Desk) -> None:
    alone, helped = drawn(desk, FRESH_AFTER - 3), drawn(desk, FRESH_AFTER - 3, threads=3)
    assert len(alone) == len(helped) == 6
    assert all(same(a, b) for a, b in zip(alone, helped, strict=True))
    assert not any(same(a, b) for a, b in pairwise(alone))


def test_a_training_that_goes_on_draws_what_was_left(desk: Desk) -> None:
    whole, rest = drawn(desk, FRESH_AFTER - 3), drawn(desk, FRESH_AFTER - 1)
    assert all(same(a, b) for a, b in zip(whole[2:], rest, strict=True))


def test_each_process_draws_its_own_part_and_the_first_what_one_alone_does(desk: Desk) -> None:
    begin = FRESH_AFTER - 1
    first, second = (drawn(desk, begin, rank=rank, count=2) for rank in range(2))
    alone = drawn(desk, begin, batch=2)
    assert all(same(a, b) for a, b in zip(first, alone, strict=True))
    assert not any(same(a, b) for a, b in zip(first, second, strict=True))
    assert [len(some.truth.strips) for some in second] == [2] * 4


def test_what_is_ahead_is_made_meanwhile_and_ends_with_whom_it_is_for() -> None:
    made, third = [], threading.Event()

    def make(number: int) -> int:
        made.append(number)
        if number == 2:
            third.set()
        return number

    some = ahead(make, range(100), threads=2)
    assert next(some) == 0
    assert third.wait(10)  # while the first is in use
    assert list(islice(some, 2)) == [1, 2]
    some.close()
    assert len(made) < 10


def test_what_goes_wrong_in_a_thread_is_not_lost() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda number: 1 // (2 - number), range(5), threads=2))
