"""Songs of any length through a model that sees a segment at a time: overlapping segments, cross-faded.

Segment k answers for the samples from ``k * step`` to ``(k + 1) * step``, sees ``context`` more on both sides, and is
faded into the next one over ``fade`` samples. Where the context covers all that the model hears at once, and ``step``
and ``context`` are multiples of its stride, the result is the same as in one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
Process = Callable[[F32], F32]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a song is cut, in samples."""

    step: int
    context: int
    fade: int

    def __post_init__(self) -> None:
        if not (self.step > 0 and self.context >= 0 and 0 <= self.fade <= self.step):
            raise ValueError(f"{self}: a step is positive, and a fade fits into it")


def aligned_plan(segment: float, overlap: float, stride: int) -> Plan:
    """The plan whose segments are about so many samples, with about this share in common with their neighbours.

    >>> aligned_plan(1_000_000, 0.25, 65_536)
    Plan(step=720896, context=131072, fade=16384)
    """
    context = max(1, round(segment * overlap / 2 / stride)) * stride
    step = max(1, round((segment - 2 * context) / stride)) * stride
    return Plan(step, context, stride // 4)


def overlap_add(blocks: Iterable[F32], process: Process, plan: Plan) -> Iterator[F32]:
    """The stems of a song, a step at a time, in memory that does not grow with the song.

    Args:
        blocks: the song, ``[channels, any length]`` each.
        process: from ``[channels, time]`` to ``[stems, channels, time]``.

    Shape:
        each yielded: ``[stems, channels, step]``, the last one of another length
    """
    segments = _segments(blocks, plan)
    tail: F32 | None = None
    rising = (np.arange(plan.fade, dtype=np.float32) + 0.5) / max(1, plan.fade)
    for segment, lead, last in segments:
        made = process(segment)[..., lead:]
        if tail is not None:
            made[..., : plan.fade] = tail + rising * (made[..., : plan.fade] - tail)
        if last:
            yield made
            return
        tail = made[..., plan.step : plan.step + plan.fade].copy()
        yield made[..., : plan.step]


def _segments(blocks: Iterable[F32], plan: Plan) -> Iterator[tuple[F32, int, bool]]:
    """Each segment with its context, how many samples of context come first, and whether it is the last."""
    pieces, source = _Buffer(), iter(blocks)
    at, more = 0, True
    while True:
        wanted = at + plan.step + plan.fade + plan.context + 1
        while more and pieces.stop < wanted:
            block = next(source, None)
            if block is None:
                more = False
            else:
                pieces.append(block)
        start = max(0, at - plan.context)
        # without more to come a rest that is shorter than the fade goes with this segment
        last = not more and pieces.stop <= at + plan.step + plan.fade
        stop = pieces.stop if last else min(pieces.stop, at + plan.step + plan.fade + plan.context)
        if stop > at:
            yield pieces.cut(start, stop), at - start, last
        if last:
            return
        at += plan.step
        pieces.forget(at - plan.context)


class _Buffer:
    """The part of a stream that is still needed, addressed by its place in the whole."""

    def __init__(self) -> None:
        self._pieces: list[F32] = []
        self._start = 0
        self.stop = 0

    def append(self, piece: F32) -> None:
        self._pieces.append(piece)
        self.stop += piece.shape[1]

    def cut(self, start: int, stop: int) -> F32:
        whole = np.concatenate(self._pieces, axis=1)
        self._pieces = [whole]
        return np.ascontiguousarray(whole[:, start - self._start : stop - self._start])

    def forget(self, before: int) -> None:
        while self._pieces and self._start + self._pieces[0].shape[1] <= before:
            self._start += self._pieces.pop(0).shape[1]
        if self._pieces and before > self._start:
            self._pieces[0] = self._pieces[0][:, before - self._start :].copy()
            self._start = before


def shifted(process: Process, shifts: int, longest: int) -> Process:
    """The mean of several passes over the same segment, each delayed a little more (the "shift trick" of Demucs).

    A model without time invariance errs differently each time, and the errors partly cancel. The delays are evenly
    spread over ``longest`` samples, so that the same song gives the same stems.
    """
    if shifts == 1:
        return process

    def mean_of_shifts(segment: F32) -> F32:
        total: F32 | None = None
        for index in range(shifts):
            delay = index * longest // shifts
            made = process(np.pad(segment, ((0, 0), (delay, 0))))[..., delay:]
            total = made if total is None else total + made
        assert total is not None
        return total / np.float32(shifts)

    return mean_of_shifts
