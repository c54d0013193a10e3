"""The batches of a training, one a step: what is drawn depends on the seed, the step and the process alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import numpy as np
import torch

from style_transfer.train.bank import Kept
from style_transfer.train.examples import Desk, Example
from style_transfer.train.plan import FRESH_AFTER, Plan
from style_transfer.train.processes import Processes
from style_transfer.train.scenes import Scenes, draw_scenes

Made = TypeVar("Made")

APART = 10_000_019
"""Between the seeds of two processes: more than a training has steps (the generator keeps 32 bits of a seed)."""


def batches(
    songs: Sequence[Kept], desk: Desk, plan: Plan, begin: int, processes: Processes, threads: int
) -> Generator[Example]:
    """This process's part of each batch, from step ``begin`` on.

    Args:
        threads: that draw ahead of the training; none to draw each batch when it is asked for.
    """
    blocks = range(begin // FRESH_AFTER, -(-plan.steps // FRESH_AFTER))

    def scenes_of(block: int) -> Scenes:
        # a last number of 0 changes nothing: the first process draws what one alone does
        return draw_scenes(songs, plan.scenes, np.random.default_rng([plan.seed, block, processes.rank]))

    for block, scenes in zip(blocks, ahead(scenes_of, blocks, min(threads, 1)), strict=True):
        steps = range(max(begin, block * FRESH_AFTER), min((block + 1) * FRESH_AFTER, plan.steps))
        yield from ahead(partial(_example, desk, scenes, plan, processes), steps, threads)


def _example(desk: Desk, scenes: Scenes, plan: Plan, processes: Processes, step: int) -> Example:
    generator = torch.Generator().manual_seed(plan.seed * 1_000_003 + step + processes.rank * APART)
    chosen = torch.randint(len(scenes), (plan.share(processes.count),), generator=generator)
    return desk.example(scenes, chosen, generator)


def ahead(make: Callable[[int], Made], numbers: Sequence[int], threads: int) -> Generator[Made]:
    """What is made of each number, in their order; by threads while what came before is in use, if there are any.

    >>> list(ahead(lambda number: number * number, range(5), threads=2))
    [0, 1, 4, 9, 16]
    """
    if not threads:
        yield from map(make, numbers)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        waiting: deque[Future[Made]] = deque()
        for number in numbers:
            waiting.append(pool.submit(make, number))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
