"""The master's own dynamics, with the strips frozen: the least of them that comes near to what was done to the mix."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mixer.console import master
from mixer.processor import find
from style_transfer.desk import Desk
from style_transfer.same_song.descent import turn
from style_transfer.same_song.dials import Dials
from style_transfer.same_song.dynamics import Mastering, strips_sum, tensors
from style_transfer.same_song.excerpts import Excerpt
from style_transfer.same_song.loss import Goal, complex_error
from style_transfer.start import Values, copied, put

STEPS = 24
WORTH = 0.02
"""What compressor and limiter must gain of the loss, in decades of relative error."""
STAGES: tuple[tuple[str, ...], ...] = (("fader",), ("fader", "compressor", "limiter"))
"""What may work; the rest is put back to where it does nothing."""


def settle(desk: Desk, pieces: Sequence[Excerpt], mastering: Mastering, seed: int) -> Values:
    """The desk's values with the free knobs of the master's compressor, fader and limiter set."""
    with torch.no_grad():
        table = desk.tensors({})
        sums = [strips_sum(desk, piece, table) for piece in pieces]
    goals = [Goal.of(piece.mix, desk.sample_rate) for piece in pieces]
    best: tuple[float, Values] | None = None
    for stage in STAGES:
        values = _standing(desk, mastering, stage)
        work = Desk(desk.session, desk.heard, values, desk.sample_rate)
        dials = Dials.of_master(work, stage)

        def heard(index: int, work: Desk = work, dials: Dials = dials) -> Tensor:
            mix = master(sums[index], desk.sample_rate, dials.onto(tensors(work.values["master"])))
            return complex_error(mix[:, pieces[index].segment.preroll :], goals[index], desk.sample_rate)

        turn(list(dials.units.values()), heard, len(pieces), STEPS, seed)
        with torch.no_grad():
            loss = sum(float(heard(index)) for index in range(len(pieces))) / len(pieces)
        for key in dials.units:
            put(desk.session, values, "master", key[0], {key[1]: float(dials.value(key))})
        if best is None or loss < best[0] - WORTH:
            best = (loss, values)
    assert best is not None
    return best[1]


def _standing(desk: Desk, mastering: Mastering, stage: Sequence[str]) -> Values:
    """The desk's values with the stage's processors where the search left them, the others at their defaults."""
    values = copied(desk.values)
    for name in ("compressor", "limiter"):
        if name in values["master"] and name not in stage:
            put(desk.session, values, "master", name, find(name).defaults())
    for key in mastering.dials.units:
        if key[0] in stage:
            put(desk.session, values, "master", key[0], {key[1]: float(mastering.dials.value(key))})
    return values
