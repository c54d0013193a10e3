"""What an engineer might have done: knobs around practice, balance included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from mixer.processor import Place
from mixer.processors.reverb import impulse_response
from style_transfer.controller.balance_prior import GROUP_SIGMA_DB, TRACK_SIGMA_DB
from style_transfer.controller.effects import Sounding, curve_db, sounding
from style_transfer.controller.heads import Head, column, engineering, widths
from style_transfer.controller.takes import GROUPS, Takes
from style_transfer.features import EDGES_HZ
from style_transfer.train.bank import RATE

FLAT = 0.4
"""Share of the gains of equalisers that are left alone."""
WOKEN, PUT_TO_REST = 0.25, 0.2
"""How often what is at its lowest, and so off, is used; and how often what practice uses is not."""
MASTER_SIGMA = 0.4
"""Of the master's knobs, in units of a head."""
ROOMS = 24


@dataclass(frozen=True, slots=True)
class Rooms:
    """Some settings of the reverb bus, as positions ``[rooms, knobs]``, and what each answers ``[rooms, 2, bands]``."""

    units: Tensor
    answers: Tensor

    @classmethod
    def drawn(cls, heads: Sequence[Head], generator: torch.Generator) -> Rooms:
        """Around the bus as it stands by itself."""
        bus = [head for head in heads if head.place is Place.BUS]
        rest = torch.tensor([head.param.to_unit(head.param.default) for head in bus])
        offsets = torch.randn(ROOMS, len(bus), generator=generator) * widths(bus) * 1.5
        units = (rest + offsets).clamp(0, 1)
        return cls(units, torch.stack([answer(row, bus) for row in units]))


def answer(units: Tensor, bus: Sequence[Head]) -> Tensor:
    """What the bus answers a unit of mid power with, in mid and in side in each band ``[2, bands]``."""
    knobs = engineering(units, bus, "reverb", Place.BUS)
    response = impulse_response(RATE, torch.stack(list(knobs.values()))).double()
    spectrum = torch.fft.rfft(torch.stack([response[0] + response[1], response[0] - response[1]]) / 2)
    power = spectrum.abs().square()
    hz = torch.linspace(0, RATE / 2, power.shape[-1])
    edges = [int(torch.searchsorted(hz, edge)) for edge in EDGES_HZ]
    return torch.stack([power[:, low:high].mean(1) for low, high in pairwise(edges)], dim=1)


def drawn_strips(takes: Takes, heads: Sequence[Head], generator: torch.Generator) -> Tensor:
    """Positions of the strips' knobs ``[batch, tracks, heads]``: around what is usual for the true roles."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    def chance(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    batch, tracks, _ = takes.usual.shape
    units = takes.usual + widths(heads) * normal(batch, tracks, len(heads))
    for index, head in enumerate(heads):
        rests = takes.usual[..., index]
        if head.processor == "equalizer" and head.param.unit == "dB":
            units[..., index] = torch.where(chance(batch, tracks) < FLAT, rests, units[..., index])
        if head.param.off_at_low and head.processor != "fader":
            off = rests <= 0
            units[..., index] = torch.where(off, 0.45 + 0.12 * normal(batch, tracks), units[..., index])
            used = torch.where(off, WOKEN, 1 - PUT_TO_REST)
            units[..., index] *= chance(batch, tracks) < used
    fader = column(heads, "fader", "gain_db")
    group = (takes.groups.float() @ normal(batch, len(GROUPS), 1))[..., 0] * GROUP_SIGMA_DB
    span_db = heads[fader].param.high - heads[fader].param.low
    units[..., fader] = takes.usual[..., fader] + (group + TRACK_SIGMA_DB * normal(batch, tracks)) / span_db
    pan = column(heads, "panner", "pan")
    reach = 2 * (takes.usual[..., pan] - 0.5).abs()
    side = torch.sign(normal(batch, tracks))
    apart = side * reach * (0.3 + 1.3 * chance(batch, tracks)) + 0.05 * normal(batch, tracks)
    units[..., pan] = 0.5 + torch.where(takes.stereo > 0, 0.1 * normal(batch, tracks), apart) / 2
    return units.clamp(0, 1)


def drawn_mix(rooms: Rooms, heads: Sequence[Head], batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Positions of the mix's knobs ``[batch, heads]``, and the rooms' answers ``[batch, 2, bands]``."""
    rest = torch.tensor([head.param.to_unit(head.param.default) for head in heads])
    units = (rest + MASTER_SIGMA * widths(heads) * torch.randn(batch, len(heads), generator=generator)).clamp(0, 1)
    room = torch.randint(ROOMS, (batch,), generator=generator)
    bus = [index for index, head in enumerate(heads) if head.place is Place.BUS]
    units[:, bus] = rooms.units[room]
    return units, rooms.answers[room]


def mixed(
    takes: Takes,
    strips: Tensor,
    mix: Tensor,
    room: Tensor,
    heads: tuple[Sequence[Head], Sequence[Head]],
    equalised_db: Tensor | None = None,
) -> Sounding:
    """The mix that positions of the strips' knobs and of the mix's make."""
    return sounding(takes, strips, heads[0], RATE, room, curve_db(mix, heads[1], RATE, Place.MASTER), equalised_db)
