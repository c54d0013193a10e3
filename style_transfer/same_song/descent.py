"""Gradient descent on the strips through the console itself, one short excerpt after the other.

Reverb is left out: another room does not correlate with ours, and following it would move the strips.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from mixer.console import ChainTensors, add, master
from mixer.progress import Progress, silent
from style_transfer.desk import Desk
from style_transfer.same_song.dials import SEARCHED, Dials
from style_transfer.same_song.excerpts import Excerpt
from style_transfer.same_song.loss import Goal, complex_error
from style_transfer.same_song.opening import FIRST_HIGHPASS_HZ, written
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
    desk: Desk, pieces: Sequence[Excerpt], steps: int, seed: int, progress: Progress = silent, rate: float = RATE
) -> Values:
    """The desk's values with the free knobs of the strips where the mix is nearest to the reference."""
    dials = Dials.of(desk, SEARCHED)
    highpass = dials.value(("equalizer", "highpass_hz"))
    dials.put(("equalizer", "highpass_hz"), highpass.clamp(min=FIRST_HIGHPASS_HZ))
    open_compressors(desk, pieces, dials)
    resting = {key: unit.clone() for key, unit in dials.units.items()}
    optimizer = torch.optim.Adam([u.requires_grad_() for u in dials.units.values()], lr=rate, betas=(0.9, 0.98))
    goals = [Goal.of(piece.mix, desk.sample_rate) for piece in pieces]
    order = torch.Generator().manual_seed(seed)
    table = desk.tensors({})
    turns: list[int] = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        turns = turns or torch.randperm(len(pieces), generator=order).tolist()
        index = turns.pop()
        mix = sounding(desk, pieces[index], dials.onto(table))
        loss = complex_error(mix, goals[index], desk.sample_rate) + PRIOR * _left(dials, resting)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        optimizer.step()
        with torch.no_grad():
            for unit in dials.units.values():
                unit.clamp_(0.001, 0.999)
        progress((step + 1) / steps, "fitting the strips")
    dials.units = {key: unit.detach() for key, unit in dials.units.items()}
    return written(desk, dials)


def sounding(desk: Desk, excerpt: Excerpt, table: ChainTensors) -> Tensor:
    """The excerpt's tracks through strips and master, without reverb and pre-roll: ``[2, time]``."""
    whole = replace(excerpt.segment, preroll=0)  # the master's detectors hear the pre-roll too
    posts = desk.posts(whole, {name: knobs for name, knobs in table.items() if name != "send"})
    values = {
        name: {knob: torch.tensor([value], dtype=torch.float64) for knob, value in knobs.items()}
        for name, knobs in desk.values["master"].items()
    }
    return master(add(posts), desk.sample_rate, values)[:, excerpt.segment.preroll :]


def _left(dials: Dials, resting: dict[tuple[str, str], Tensor]) -> Tensor:
    """Mean square of the way that tone and compression have gone from where they began."""
    moved = [
        (unit - resting[key]).square().mean()
        for key, unit in dials.units.items()
        if key[0] in ("equalizer", "compressor")
    ]
    return torch.stack(moved).sum()
