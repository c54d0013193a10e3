"""Gradient descent on the strips through the console itself, one short excerpt after the other.

Reverb is left out: another room does not correlate with ours, and following it would move the strips.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from mixer.progress import Progress, silent
from style_transfer.adam import Adam
from style_transfer.desk import Desk
from style_transfer.same_song.dials import SEARCHED, Dials
from style_transfer.same_song.dynamics import Mastering, strips_sum
from style_transfer.same_song.excerpts import Excerpt
from style_transfer.same_song.loss import Goal, complex_error
from style_transfer.same_song.opening import FIRST_HIGHPASS_HZ, faded, written
from style_transfer.start import Values

RATE = 0.03
UNDER_PEAK_DB = 6.0
FIRST_RATIO = 1.5
"""The compressors begin open, with a threshold under the loud peaks, so that there is a slope to follow."""
PRIOR = 0.01


def open_compressors(desk: Desk, pieces: Sequence[Excerpt], dials: Dials) -> None:
    """Set thresholds under what reaches the compressors, and the faders up by what these take."""
    with torch.no_grad():
        table = dials.onto(desk.tensors({}))
        off = {name: knobs for name, knobs in table.items() if name == "equalizer"}
        before = [desk.posts(piece.segment, off) for piece in pieces]
        frame = desk.sample_rate // 20
        peaks = torch.cat([post.abs().amax(1).unfold(1, frame, frame).amax(2) for post in before], 1)
        loud = torch.stack([row[row > 1e-3 * row.max()].quantile(0.9) if row.max() > 0 else row.max() for row in peaks])
        dials.put(("compressor", "threshold_db"), 20 * torch.log10(loud.double() + 1e-6) - UNDER_PEAK_DB)
        dials.put(("compressor", "ratio"), torch.full((len(peaks),), FIRST_RATIO, dtype=torch.float64))
        on = {name: knobs for name, knobs in dials.onto(table).items() if name in ("equalizer", "compressor")}
        after = [desk.posts(piece.segment, on) for piece in pieces]
        taken_db = 10 * torch.log10(_energy(before) / _energy(after))
        dials.put(("fader", "gain_db"), dials.value(("fader", "gain_db")) + taken_db)


def _energy(posts: Sequence[Tensor]) -> Tensor:
    """Of each track over all pieces, ``[tracks]``."""
    return torch.stack([post.square().sum((1, 2)).double() for post in posts]).sum(0) + 1e-20


def descend(
    desk: Desk, pieces: Sequence[Excerpt], mastering: Mastering, steps: int, seed: int, progress: Progress = silent
) -> Values:
    """The desk's values with the free knobs of the strips where the mix is nearest to the reference.

    What happens on the master is turned along, so that the strips do not have to make up for it.
    """
    dials = Dials.of_tracks(desk, SEARCHED)
    highpass = dials.value(("equalizer", "highpass_hz"))
    dials.put(("equalizer", "highpass_hz"), highpass.clamp(min=FIRST_HIGHPASS_HZ))
    open_compressors(desk, pieces, dials)
    resting = {key: unit.clone() for key, unit in dials.units.items()}
    goals = [Goal.of(piece.mix, desk.sample_rate) for piece in pieces]
    table = desk.tensors({})

    def loss(index: int) -> Tensor:
        mix = mastering.heard(strips_sum(desk, pieces[index], dials.onto(table)), pieces[index])
        return complex_error(mix, goals[index], desk.sample_rate) + PRIOR * _left(dials, resting)

    turn([*dials.units.values(), *mastering.units()], loss, len(pieces), steps, seed, progress)
    return written(desk, dials)


def turn(
    units: Sequence[Tensor],
    loss: Callable[[int], Tensor],
    pieces: int,
    steps: int,
    seed: int,
    progress: Progress = silent,
) -> None:
    """Adam on positions in [0, 1], in place, hearing the pieces in an order that the seed draws."""
    adam = Adam([unit.requires_grad_() for unit in units])
    order = torch.Generator().manual_seed(seed)
    turns: list[int] = []
    for step in range(steps):
        turns = turns or torch.randperm(pieces, generator=order).tolist()
        adam.step(loss(turns.pop()), RATE * faded(step / steps))
        with torch.no_grad():
            for unit in units:
                unit.clamp_(0.001, 0.999)
        progress((step + 1) / steps, "fitting the strips")
    for unit in units:
        unit.requires_grad_(False)


def _left(dials: Dials, resting: dict[tuple[str, str], Tensor]) -> Tensor:
    """Mean square of the way that tone and compression have gone from where they began."""
    moved = [
        (unit - resting[key]).square().mean()
        for key, unit in dials.units.items()
        if key[0] in ("equalizer", "compressor")
    ]
    return torch.stack(moved).sum()
