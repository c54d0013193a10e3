"""How far two renders are apart: what is left when one is taken from the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from interfaces.daw.exporter import Check, Checker, Exported
from mixer.arrays import F32, F64
from mixer.progress import Progress
from mixer.session import Session

Block = F32 | F64
Tell = Callable[[int], None]
"""Is told how many frames are done."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was found between two renders.

    Attributes:
        null_db: energy of the difference against the energy of what was wanted; -inf where they are equal, inf where
            they are not and what was wanted is silence.
        excess_db: highest sample of what came against the highest that was wanted; nan if what came holds no numbers.
    """

    null_db: float
    excess_db: float


def difference(wanted: Iterable[Block], got: Iterable[Block], tell: Tell) -> Difference:
    """Compare two streams of equally long blocks, ``[2, n]`` each; where one ends earlier it counts as silent."""
    error = energy = peak = highest = 0.0
    frames = 0
    for want, have in _side_by_side(wanted, got):
        error += float(np.square(have - want).sum())
        energy += float(np.square(want).sum())
        peak = max(peak, float(np.abs(want).max()))
        highest = float(np.maximum(highest, np.abs(have).max()))  # keeps what is no number
        frames += want.shape[1]
        tell(frames)
    return Difference(_decibels(error, energy) / 2, _decibels(highest, peak))


def _side_by_side(wanted: Iterable[Block], got: Iterable[Block]) -> Iterator[tuple[F64, F64]]:
    sides = iter(wanted), iter(got)
    while True:
        want, have = (next(side, None) for side in sides)
        if want is None and have is None:
            return
        length = max(block.shape[1] for block in (want, have) if block is not None)
        yield _filled(want, length), _filled(have, length)


def _filled(block: Block | None, length: int) -> F64:
    """On both sides, as long as asked for."""
    made = np.zeros((2, length))
    if block is not None:
        made[:, : block.shape[1]] = block
    return made


def _decibels(amplitude: float, reference: float) -> float:
    """20 log10 of a ratio; -inf for nothing, inf for something where nothing was wanted."""
    if amplitude == 0:
        return -math.inf
    if reference == 0:
        return math.inf
    return 20 * math.log10(amplitude / reference) if math.isfinite(amplitude) else math.nan


def not_measurable(why: str) -> Checker:
    """The check of a kind of export that nothing here can play."""

    def check(_: Session, __: Path, ___: Exported, ____: Path, _____: Progress) -> Check:
        return Check(why)

    return check
