"""What knobs do, in closed form on mean powers in bands: to hear a mix before it is made, and to learn from it.

Tracks add up as if they had nothing in common, compressors and their make-up leave a level where it was, and phases
are left out: right within a decibel or so, in the widest and lowest band within three, at a millisecond a mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.biquad import response
from mixer.processor import Place
from mixer.processors.equalizer import curve_sections
from style_transfer.controller.heads import Head, engineering
from style_transfer.controller.takes import Takes, Whole
from style_transfer.features import CENTRES_HZ, MID_FLOOR, SIDE_FLOOR, band_weights

_ABSOLUTE_GATE = 10 ** ((-70.0 + 0.691) / 10)
_RELATIVE_GATE = 10 ** (-10.0 / 10)
"""Of BS.1770-4, as powers."""
TINY = 1e-14


def curve_db(units: Tensor, heads: Sequence[Head], sample_rate: int, place: Place = Place.STRIP) -> Tensor:
    """What equalisers do to each band: ``[..., heads] -> [..., bands]``."""
    knobs = {name: value.flatten() for name, value in engineering(units, heads, "equalizer", place).items()}
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64, device=units.device)
    return response(curve_sections(sample_rate, knobs), centres, sample_rate).reshape(*units.shape[:-1], len(centres))


def placed(power: Tensor, pan: Tensor, width: Tensor, stereo: Tensor) -> Tensor:
    """Powers behind the panner, ``[..., 3, bands]``; knobs ``[...]`` (``mixer.processors.panner``)."""
    mid, side, cross = power.unbind(-2)
    angle = ((pan + 1) * (torch.pi / 4))[..., None]
    mono = torch.stack(
        [mid * (1 + (2 * angle).sin()) / 2, mid * (1 - (2 * angle).sin()) / 2, mid * (2 * angle).cos() / 2], dim=-2
    )
    left, right = (1 - pan.clamp(min=0))[..., None], (1 + pan.clamp(max=0))[..., None]
    wide = width[..., None]
    side, cross = side * wide.square(), cross * wide
    # the balance scales the sides, L = mid + side, R = mid - side
    sum_, apart = (left + right) / 2, (left - right) / 2
    both = torch.stack(
        [
            mid * sum_.square() + side * apart.square() + 2 * cross * sum_ * apart,
            mid * apart.square() + side * sum_.square() + 2 * cross * sum_ * apart,
            (mid + side) * sum_ * apart + cross * (sum_.square() + apart.square()),
        ],
        dim=-2,
    )
    return torch.where((stereo > 0)[..., None, None], both, mono)


@dataclass(frozen=True, slots=True)
class Sounding:
    """A batch of mixes: ``tracks`` ``[batch, tracks, 3, bands]`` with their reverb, behind the master's equaliser."""

    tracks: Tensor
    gain: Tensor
    """K-weighted power of each track over that of its recording ``[batch, tracks]``."""
    weights: Tensor
    """K-weighting of the bands ``[bands]``."""
    curve_db: Tensor
    """Of the tracks' equalisers ``[batch, tracks, bands]``."""

    def level_db(self) -> Tensor:
        """K-weighted level of each track ``[batch, tracks]``."""
        return 10 * torch.log10(weighted(self.tracks, self.weights) + TINY)

    def sums(self, members: Tensor) -> Tensor:
        """Powers of sums of tracks: members ``[batch, tracks, sums] -> [batch, sums, 3, bands]``."""
        return torch.einsum("btpk,bts->bspk", self.tracks, members)

    def gated_lufs(self, takes: Takes, members: Tensor) -> Tensor:
        """Loudness of sums of tracks through the gates of BS.1770: ``[batch, sums]``."""
        return gated_lufs(torch.einsum("btw,bts->bsw", takes.loudness * self.gain[..., None], members))


def sounding(
    takes: Takes,
    strips: Tensor,
    heads: Sequence[Head],
    sample_rate: int,
    room: Tensor,
    master_db: Tensor,
    equalised_db: Tensor | None = None,
) -> Sounding:
    """The mix that knobs make.

    Args:
        strips: positions of the strips' knobs in the unit interval ``[batch, tracks, heads]``.
        room: what the reverb answers a unit of mid power with in each band, in mid and in side ``[batch, 2, bands]``.
        master_db: of the master's equaliser ``[batch, bands]``.
        equalised_db: what the strips' equalisers do ``[batch, tracks, bands]``, where it is known already.
    """
    curve = curve_db(strips, heads, sample_rate) if equalised_db is None else equalised_db
    weights = band_weights(sample_rate).to(strips.device)
    fader, panner = engineering(strips, heads, "fader"), engineering(strips, heads, "panner")
    sent_db = engineering(strips, heads, "send", Place.SEND)["level_db"]
    gain = 10 ** ((curve + fader["gain_db"][..., None]) / 10)
    dry = placed(takes.power * gain[..., None, :], panner["pan"], panner["width"], takes.stereo)
    excited = dry[..., 0, :] * 10 ** (sent_db / 10)[..., None]
    wet = excited[..., None, :] * room[:, None]
    tracks = torch.cat([dry[..., :2, :] + wet, dry[..., 2:, :]], dim=-2) * 10 ** (master_db / 10)[:, None, None]
    tracks = tracks * takes.there[..., None, None]
    before = weighted(takes.power, weights)
    return Sounding(tracks, weighted(tracks, weights) / (before + TINY), weights, curve)


def weighted(power: Tensor, weights: Tensor) -> Tensor:
    """K-weighted power of both sides together: ``[..., 3, bands] -> [...]``."""
    return 2 * ((power[..., 0, :] + power[..., 1, :]) * weights).sum(-1)


def whole(power: Tensor, weights: Tensor) -> Whole:
    """The loudness-free description of mixes ``[..., 3, bands]``, as ``features.Shape`` has it."""
    total = weighted(power, weights)[..., None] + TINY
    mid, side, cross = power.unbind(-2)
    floor = MID_FLOOR * total
    mids, sides = mid.sum(-1), side.sum(-1)
    return Whole(
        10 * torch.log10((mid + floor) / total),
        10 * torch.log10((side + SIDE_FLOOR * mid + floor) / total),
        10 * torch.log10((sides + SIDE_FLOOR * mids + TINY) / (mids + TINY)),
        -2 * cross.sum(-1) / (mids + sides + TINY),
    )


def gated_lufs(loudness: Tensor) -> Tensor:
    """``mixer.loudness.gated_loudness`` for a batch ``[..., windows]``; -100 for silence."""
    loud = loudness >= _ABSOLUTE_GATE
    mean = (loudness * loud).sum(-1, keepdim=True) / loud.sum(-1, keepdim=True).clamp_min(1)
    kept = loud & (loudness > mean * _RELATIVE_GATE)
    power = (loudness * kept).sum(-1) / kept.sum(-1).clamp_min(1)
    return 10 * torch.log10(power + 10 ** ((-100 + 0.691) / 10)) - 0.691
