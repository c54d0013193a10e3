"""From what was heard to what the network reads: how the usual mix of these tracks differs from the reference.

Nothing in here depends on the level of the recordings, on the order of the tracks, or on how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from style_transfer.controller.effects import TINY, Sounding, sounding, weighted, whole
from style_transfer.controller.heads import DECIBELS, Head, column
from style_transfer.controller.takes import Takes, Told, Whole
from style_transfer.features import BANDS

TRACK_NUMBERS, GROUP_NUMBERS, MIX_NUMBERS = 7 * BANDS + 24, 4 * BANDS + 17, 4 * BANDS + 4
DOUBTED_LU = 3.0
"""A level with this tolerance counts half, before the network has its say."""
_FAINT_DB = -60.0
_SCALE = 10.0
"""Decibels that count as 1."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the network reads: ``[batch, tracks | groups | 1, numbers]`` float32."""

    tracks: Tensor
    groups: Tensor
    mix: Tensor
    role: Tensor
    there: Tensor
    lead: Tensor
    """How far a track's group is ahead in the reference, as far as that can be trusted, in units of a fader's head."""


def tokens(takes: Takes, reference: Whole, told: Told, heads: Sequence[Head], sample_rate: int) -> Tokens:
    """The usual mix beside the reference.

    Args:
        reference: the whole mix.
        told: its stem groups, as far as they are known.
    """
    now = usual_mix(takes, heads, sample_rate)
    total = now.sums(takes.there.double()[..., None])[:, 0]  # [batch, 3, bands]
    mix = whole(total, now.weights)
    groups, per_group, gap = _of_groups(takes, told, now)
    own = takes.groups.float()
    mid_gap, side_gap = (reference.mid_db - mix.mid_db).float(), (reference.side_db - mix.side_db).float()
    tracks = [
        *_of_tracks(takes, now, total, heads),
        torch.einsum("btg,bgn->btn", own, per_group),
        (mid_gap / _SCALE)[:, None].expand(-1, own.shape[1], -1),
        (side_gap / _SCALE)[:, None].expand(-1, own.shape[1], -1),
    ]
    every = [
        *(part.float() / _SCALE for part in (reference.mid_db, reference.side_db, mid_gap, side_gap)),
        *(part.float()[:, None] / _SCALE for part in (reference.width_db, mix.width_db)),
        *(part.float()[:, None] for part in (reference.imbalance, mix.imbalance)),
    ]
    trusted = 1 / (1 + (told.level[..., 1] / DOUBTED_LU).square())
    return Tokens(
        torch.cat(tracks, dim=-1) * takes.there[..., None],
        groups,
        torch.cat(every, dim=-1)[:, None],
        takes.role,
        takes.there,
        torch.einsum("btg,bg->bt", own, gap * trusted) / DECIBELS,
    )


def _of_groups(takes: Takes, told: Told, now: Sounding) -> tuple[Tensor, Tensor, Tensor]:
    """What is read of each stem group, what of that its tracks are told, and how far it is ahead in the reference."""
    members = takes.groups
    groups = whole(now.sums(members), now.weights)
    has = (members.sum(1) > 0).float()  # [batch, groups]
    levels = now.gated_lufs(takes, members) - now.gated_lufs(takes, takes.there.double()[..., None])
    gap, shared = level_gap(told, levels, has)
    tone_gap = told.owned * (told.tone_db - groups.mid_db.float()) * has[..., None]
    wide_gap = told.width[..., 2] * (told.width[..., 0] - groups.width_db.float()) * has
    aside_gap = told.imbalance[..., 2] * (told.imbalance[..., 0] - groups.imbalance.float()) * has
    per_group = [
        told.presence,
        *(_known(known) for known in (told.level, told.width, told.imbalance)),
        torch.stack([has, shared, gap / _SCALE, wide_gap / _SCALE, aside_gap], dim=-1),
        tone_gap / _SCALE,
        told.owned,
    ]
    tones = [groups.mid_db.float() * has[..., None] / _SCALE, told.tone_db / _SCALE]
    return torch.cat([*per_group, *tones], dim=-1), torch.cat(per_group, dim=-1), gap


def usual_mix(takes: Takes, heads: Sequence[Head], sample_rate: int) -> Sounding:
    """The mix that practice makes, dry."""
    batch = takes.power.shape[0]
    dry = torch.zeros(batch, 2, BANDS, dtype=torch.float64)
    return sounding(takes, takes.usual, heads, sample_rate, dry, dry[:, 0])


def level_gap(told: Told, levels: Tensor, has: Tensor) -> tuple[Tensor, Tensor]:
    """How much louder each group is in the reference than here, among the groups that both have; and which those are.

    Args:
        levels: loudness of the session's groups in LU ``[batch, groups]``.
        has: 1 where the session has the group.
    """
    shared = told.level[..., 2] * has

    def among(level: Tensor) -> Tensor:
        power = 10 ** (level.double() / 10) * shared
        return level - 10 * torch.log10(power.sum(-1, keepdim=True) + TINY)

    gap = (among(told.level[..., 0].double()) - among(levels)) * shared
    return gap.float(), shared


def _known(known: Tensor) -> Tensor:
    return torch.stack([known[..., 0] / _SCALE, known[..., 1], known[..., 2]], dim=-1) * known[..., 2:]


def _of_tracks(takes: Takes, now: Sounding, total: Tensor, heads: Sequence[Head]) -> list[Tensor]:
    """Each track's own tone, its share of its group and of the mix in each band, and numbers."""
    power = now.tracks[..., 0, :] + now.tracks[..., 1, :]  # [batch, tracks, bands]
    sums = now.sums(takes.groups)  # [batch, groups, 3, bands]
    group = torch.einsum("btg,bgk->btk", takes.groups, sums[..., 0, :] + sums[..., 1, :])
    every = (total[:, 0] + total[:, 1])[:, None]
    own = whole(now.tracks, now.weights)
    shares = [_share_db(power, group), _share_db(power, every)]
    level = now.level_db() - 10 * torch.log10(weighted(total, now.weights) + TINY)[:, None]
    active = (takes.loudness > 1e-2 * takes.loudness.amax(-1, keepdim=True)).double().mean(-1)
    numbers = torch.stack(
        [
            level.clamp(min=_FAINT_DB) / _SCALE,
            takes.numbers[..., 1].double() / _SCALE,
            (takes.numbers[..., 2] - takes.numbers[..., 0]).double() / _SCALE,
            active,
            takes.stereo.double(),
            takes.sure.double(),
        ],
        dim=-1,
    )
    pan = takes.usual[..., column(heads, "panner", "pan")]
    parts = [own.mid_db.clamp(min=_FAINT_DB) / _SCALE, *(share / _SCALE for share in shares), numbers]
    return [*(part.float() for part in parts), pan[..., None] - 0.5]


def _share_db(power: Tensor, whole_power: Tensor) -> Tensor:
    return (10 * torch.log10((power + TINY) / (whole_power + TINY))).clamp(min=_FAINT_DB / 2)
