"""Finding the settings: gradient descent through the differentiable console, with good practice as the prior.

The strips are moved on telling segments of all tracks. A long-term feature is the mean over all segments, so each step
hears one segment through the console and takes the others' powers as they were last heard. The unknowns are offsets
from practice in units of how sure practice is; the prior is their mean square.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mixer.biquad import response
from mixer.console import ChainTensors, add
from mixer.processors.equalizer import curve_sections
from mixer.progress import Progress, silent
from style_transfer.desk import EQ_GAINS, Desk
from style_transfer.features import CENTRES_HZ, Power, Shape, band_distance, band_weights
from style_transfer.listen import Heard, Segment
from style_transfer.practice import practice
from style_transfer.start import Values, role_practice, trust
from style_transfer.target import StyleTarget

STRIP_STEPS = 48
STRIP_RATE = 0.12
AUDIBLE_DB = -14.0
"""A track counts as audible when it holds this share of the power in some band; the guard keeps what was audible."""
GUARD_ROOM_DB = 6.0
"""How far the guard lets the best band of a track fall before it pushes back."""
LEVEL_PRIOR = 2.0
PRIOR_WEIGHT = 0.5
"""What one unit off practice on every track costs, in dB of distance: of the levels, which a whole mix says little
about, and of the pans and the tone."""
GUARD_WEIGHT = 0.3
LEAST_TONE_DB = 0.7
LEAST_PAN = 0.05
"""Smaller moves are not heard and not made."""


def shape_loss(shape: Shape, target: Shape) -> Tensor:
    """Distance of a mix to the target: tone of mid and side, width, balance; in dB, each term at its weight."""
    loudest = torch.maximum(shape.mid_db, target.mid_db).max()
    width = torch.sqrt((shape.width_db - target.width_db).square() + 1) - 1
    return (
        band_distance(shape.mid_db, target.mid_db)
        + band_distance(shape.side_db, target.side_db, loudest) / 2
        + width / 4
        + 5 * (shape.imbalance - target.imbalance).square()
    )


def fit_strips(
    desk: Desk, segments: Sequence[Segment], target: StyleTarget, seed: int, progress: Progress = silent
) -> Values:
    """Faders, pans and equaliser gains of the strips, moved from where the desk has them towards the target."""
    sigmas = _sigmas(desk)
    units = {key: torch.zeros(len(desk.heard), dtype=torch.float64, requires_grad=True) for key in sigmas}
    optimizer = torch.optim.Adam(units.values(), lr=STRIP_RATE, betas=(0.9, 0.98))
    order = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        table = desk.tensors({})
        powers = [_mix_power(desk, segment, table) for segment in segments]
        usual = _levels_lu(desk, mixed_bands(desk, table))
        wanted = Shape.of(sum(powers, Power.nothing()), desk.sample_rate).mid_db - target.shape.mid_db
    for step in range(STRIP_STEPS):
        if step % len(segments) == 0:
            turns = torch.randperm(len(segments), generator=order).tolist()
        index = turns[step % len(segments)]
        for group in optimizer.param_groups:
            group["lr"] = STRIP_RATE * (1 - 0.9 * step / STRIP_STEPS)
        table = desk.tensors({key: units[key] * sigmas[key] for key in sigmas})
        powers[index] = _mix_power(desk, segments[index], table)
        total = sum(powers, Power.nothing())
        loss = shape_loss(Shape.of(total, desk.sample_rate), target.shape)
        bands = mixed_bands(desk, table)
        loss = loss + _left_prior(units) + LEVEL_PRIOR * _shifted(desk, bands, usual)
        loss = loss + GUARD_WEIGHT * _lost(desk, bands)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        optimizer.step()
        powers[index] = powers[index].detach()
        progress((step + 1) / STRIP_STEPS, "moving the strips")
    offsets = {key: (units[key] * sigmas[key]).detach() for key in sigmas}
    for knob in EQ_GAINS:
        offsets["equalizer", knob] *= desk.where_needed(offsets["equalizer", knob], knob, wanted)
    return _written(desk, offsets)


def _sigmas(desk: Desk) -> dict[tuple[str, str], Tensor]:
    """What one unit of each unknown is, in its knob's own unit; zero where the knob is not free."""
    rules = practice().master
    spread = torch.tensor([float(role_practice(entry).spread > 0) for entry in desk.heard])
    sigmas = {
        ("fader", "gain_db"): _level_sigmas(desk) * desk.free("fader", "gain_db"),
        ("panner", "pan"): rules.pan_sigma * spread.double() * desk.free("panner", "pan"),
    }
    for knob in EQ_GAINS:
        sigmas["equalizer", knob] = rules.strip_eq_sigma_db * desk.free("equalizer", knob)
    return sigmas


def _left_prior(units: dict[tuple[str, str], Tensor]) -> Tensor:
    tone = torch.stack([units["equalizer", knob] for knob in EQ_GAINS])
    return PRIOR_WEIGHT * (tone.square().mean() + units["panner", "pan"].square().mean())


def _levels_lu(desk: Desk, bands: Tensor) -> Tensor:
    """K-weighted level of each track against the sum of all: ``[tracks, bands] -> [tracks]``."""
    level = (bands * band_weights(desk.sample_rate)).sum(1)
    return 10 * torch.log10((level + 1e-20) / (level.sum() + 1e-20))


def _shifted(desk: Desk, bands: Tensor, usual: Tensor) -> Tensor:
    """Mean square of the tracks' distance from their usual levels, however it came about, in units of its sigma."""
    return ((_levels_lu(desk, bands) - usual) / _level_sigmas(desk)).square().mean()


def _level_sigmas(desk: Desk) -> Tensor:
    sigmas = [role_practice(entry).level_sigma_lu / trust(entry) for entry in desk.heard]
    return torch.tensor(sigmas, dtype=torch.float64)


def _mix_power(desk: Desk, segment: Segment, table: ChainTensors) -> Power:
    return Power.of(add(desk.posts(segment, table)), desk.sample_rate)


def raw_bands(heard: Sequence[Heard]) -> Tensor:
    """Band powers of the tracks as recorded, ``[tracks, bands]``."""
    return torch.stack([entry.power.mid + entry.power.side for entry in heard])


def audibility_db(bands: Tensor) -> Tensor:
    """Share of the power that each track holds in its best band, in dB: ``[tracks, bands] -> [tracks]``; smooth."""
    share = bands / (bands.sum(0) + 1e-20)
    return 2 * torch.logsumexp(10 * torch.log10(share.clamp_min(1e-9)) / 2, dim=1)


def mixed_bands(desk: Desk, table: ChainTensors) -> Tensor:
    """Band powers of the tracks after fader and equaliser, from closed-form responses: ``[tracks, bands]``."""
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    curves = response(curve_sections(desk.sample_rate, dict(table["equalizer"])), centres, desk.sample_rate)
    return raw_bands(desk.heard) * 10 ** ((curves + table["fader"]["gain_db"][:, None]) / 10)


def _lost(desk: Desk, bands: Tensor) -> Tensor:
    """Decibels by which audible tracks have sunk below what the guard allows, summed."""
    before = audibility_db(raw_bands(desk.heard))
    allowed = (before - GUARD_ROOM_DB).clamp(max=-GUARD_ROOM_DB)
    sunk = torch.relu(allowed - audibility_db(bands))
    return (sunk * (before > AUDIBLE_DB)).sum()


def _written(desk: Desk, offsets: dict[tuple[str, str], Tensor]) -> Values:
    """The desk's values with the offsets added, rounded to what a person would dial."""
    values = {target: {name: dict(knobs) for name, knobs in rows.items()} for target, rows in desk.values.items()}
    table = desk.tensors(offsets)
    least = {"equalizer": LEAST_TONE_DB, "panner": LEAST_PAN}
    for row, entry in enumerate(desk.heard):
        for processor, knob in offsets:
            if abs(float(offsets[processor, knob][row])) > least.get(processor, 0.0):
                digits = 2 if knob == "pan" else 1
                values[entry.track.id][processor][knob] = round(float(table[processor][knob][row]), digits)
    return values
