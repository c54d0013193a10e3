"""How wrong an answer is: by what its knobs do to the mix, and by the knobs themselves with how sure it was of them.

What a mix does not tell is not asked for: faders count against each other, tone by the curve that bands make together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from style_transfer.controller.effects import Sounding, whole
from style_transfer.controller.heads import Head, engineering
from style_transfer.controller.inputs import level_gap
from style_transfer.controller.network import Answer
from style_transfer.controller.takes import Takes, Told, Whole
from style_transfer.features import WEIGHT_SLOPE_DB

HEARD_LU = -40.0
"""Tracks further under their mix do not count."""
KNOB_WEIGHT, TONE_WEIGHT, PAN_WEIGHT, SHAPE_WEIGHT, GROUP_WEIGHT = 0.3, 0.3, 4.0, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Truth:
    """What was done: positions of all knobs, and the mix of the session's half that they make."""

    strips: Tensor
    mix: Tensor
    made: Sounding


def relative_levels(made: Sounding, there: Tensor) -> Tensor:
    """Levels of the tracks against the sum of their powers, in LU ``[batch, tracks]``."""
    levels = made.level_db()
    power = 10 ** (levels / 10) * there
    return levels - 10 * torch.log10(power.sum(-1, keepdim=True) + 1e-12)


def track_errors_lu(made: Sounding, truth: Sounding, there: Tensor) -> tuple[Tensor, Tensor]:
    """How far off each track's level is ``[batch, tracks]``, and which of them count."""
    wanted = relative_levels(truth, there)
    return (relative_levels(made, there) - wanted).abs(), there & (wanted > HEARD_LU)


def mean_over(values: Tensor, counted: Tensor) -> Tensor:
    """Mean of those that count."""
    return (values * counted).sum() / counted.sum().clamp_min(1)


def shape_error_db(a: Whole, b: Whole) -> Tensor:
    """Distance of two mixes ``[batch]``: tone of mid and half of side, loud bands counting more, width, imbalance."""
    total = torch.zeros_like(a.width_db)
    loudest = torch.maximum(a.mid_db, b.mid_db).amax(-1, keepdim=True)
    for one, other, share in ((a.mid_db, b.mid_db, 1.0), (a.side_db, b.side_db, 0.5)):
        weights = 10 ** ((torch.maximum(one, other).detach() - loudest.detach()) / WEIGHT_SLOPE_DB)
        apart = torch.sqrt((one - other).square() + 0.25) - 0.5
        total = total + share * (weights * apart).sum(-1) / weights.sum(-1)
    return total + (a.width_db - b.width_db).abs() / 8 + 5 * (a.imbalance - b.imbalance).square()


def paired_loss(made: Sounding, truth: Truth, takes: Takes, strips: Tensor, heads: Sequence[Head]) -> dict[str, Tensor]:
    """Where the right answer is known: levels, tone and places of the tracks, and the whole."""
    errors, counted = track_errors_lu(made, truth.made, takes.there)
    every = takes.there.double()[..., None]
    wholes = [whole(some.sums(every)[:, 0], some.weights) for some in (made, truth.made)]
    return {
        "track_lu": mean_over(torch.sqrt(errors.square() + 0.25) - 0.5, counted),
        "tone_db": TONE_WEIGHT * mean_over(_tone_errors(takes, made, truth.made), counted),
        "pan": PAN_WEIGHT * mean_over(_place_errors(strips, truth.strips, takes, heads), counted),
        "shape_db": SHAPE_WEIGHT * shape_error_db(*wholes).mean(),
    }


def foreign_loss(made: Sounding, takes: Takes, reference: Whole, told: Told, answer: Answer) -> dict[str, Tensor]:
    """Where only the reference is known: its groups' balance and the whole, for the least that gets there."""
    every = takes.there.double()[..., None]
    mix = whole(made.sums(every)[:, 0], made.weights)
    levels = made.gated_lufs(takes, takes.groups) - made.gated_lufs(takes, every)
    gap, shared = level_gap(told, levels, (takes.groups.sum(1) > 0).float())
    return {
        "group_lu": GROUP_WEIGHT * mean_over(gap.abs(), shared > 0),
        "shape_db": SHAPE_WEIGHT * shape_error_db(mix, reference).mean(),
        "moved": 0.1 * mean_over(answer.strips.square().mean(-1), takes.there),
    }


def knob_loss(answer: Answer, strips: Tensor, mix: Tensor, there: Tensor, fader: int) -> Tensor:
    """Negative log likelihood of the true offsets, in units of the heads' widths."""
    apart = relative_offsets(answer.strips - strips, there, fader)
    own = 0.5 * (apart / answer.strips_sigma).square() + answer.strips_sigma.log()
    whole_apart = answer.mix - mix
    whole_own = 0.5 * (whole_apart / answer.mix_sigma).square() + answer.mix_sigma.log()
    return KNOB_WEIGHT * (mean_over(own.clamp(max=30).mean(-1), there) + 0.3 * whole_own.clamp(max=30).mean())


def relative_offsets(apart: Tensor, there: Tensor, fader: int) -> Tensor:
    """Errors of the offsets, those of the faders without what all tracks of a session share."""
    counted = there.to(apart.dtype)
    shared = (apart[..., fader] * counted).sum(-1, keepdim=True) / counted.sum(-1, keepdim=True)
    column_of = torch.zeros_like(apart)
    column_of[..., fader] = shared.expand_as(counted)
    return apart - column_of


def _tone_errors(takes: Takes, made: Sounding, truth: Sounding) -> Tensor:
    """Mean distance of the curves where a track has something, a constant apart ``[batch, tracks]``."""
    power = takes.power[..., 0, :] + takes.power[..., 1, :]
    heard = power / power.amax(-1, keepdim=True).clamp_min(1e-12) > 1e-3
    apart = made.curve_db - truth.curve_db
    count = heard.sum(-1, keepdim=True).clamp_min(1)
    apart = apart - (apart * heard).sum(-1, keepdim=True) / count
    return (torch.sqrt(apart.square() + 0.25) - 0.5).mul(heard).sum(-1) / count[..., 0]


def _place_errors(strips: Tensor, truth: Tensor, takes: Takes, heads: Sequence[Head]) -> Tensor:
    """Distance in pan, and for stereo tracks a quarter of that in width ``[batch, tracks]``."""
    now, then = engineering(strips, heads, "panner"), engineering(truth, heads, "panner")
    return (now["pan"] - then["pan"]).abs() + 0.25 * (now["width"] - then["width"]).abs() * takes.stereo
