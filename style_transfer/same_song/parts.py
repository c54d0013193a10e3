"""What least squares say of each track in the mix: level, place, tone, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from mixer.arrays import F64
from mixer.biquad import response
from mixer.kweighting import weighting
from mixer.processors.panner import channel_gains
from style_transfer.listen import Heard
from style_transfer.same_song.bands import C128, band_edges, total
from style_transfer.same_song.recognition import SameSong

ABSENT_LU = -42.0
"""A track that holds less than this of the mix's loudness is not in it."""
LEAST_CERTAINTY = 0.5
MONO_SIDE = 1e-3
"""A stereo track whose sides differ by less than this part of their power has no width to find."""
WIDTHS = np.linspace(0, 2, 81)


@dataclass(frozen=True, slots=True)
class Parts:
    """Each track's part of the mix, in bands; powers are sums over the excerpts."""

    source: F64
    """Of the tracks as recorded, the covariance of their channels: ``[tracks, bands, 2, 2]``; mono twice the same."""
    found: F64
    """Of what they became: ``[tracks, bands, 2, 2]``."""
    certainty: F64
    """``[tracks, bands]``, 0 to 1: how little of it could be chance."""
    mix: F64
    """``[bands]``"""


@dataclass(frozen=True, slots=True)
class TrackBalance:
    """One track in the mix, as its balance tells; what a compressor or reverb did is averaged out."""

    gain_db: float
    """What its fader does, tone aside, on the scale of the file."""
    pan: float
    width: float
    level_lu: float
    """K-weighted level in the mix against the whole mix."""
    tone_db: tuple[float, ...]
    """Per band, around ``gain_db``; see ``bands.band_edges``."""
    certainty: float
    """0 to 1."""
    absent: bool
    """The track is not in the mix, or too quiet in it to be found."""


def lanes_of(heard: Sequence[Heard]) -> list[slice]:
    """Which lanes each track has, mono tracks first."""
    ends = np.cumsum([entry.track.channels for entry in heard]).tolist()
    return [slice(end - entry.track.channels, end) for entry, end in zip(heard, ends, strict=True)]


def parts_of(same: SameSong) -> Parts:
    """Solve the excerpts together, and take off what chance alone would give each track."""
    whole = total(same.parts)
    gains = whole.solve()
    product, energy = whole.explained(gains)
    residual = (whole.energy - 2 * product.real + energy).clip(min=0) / whole.points[:, None]  # [bands, 2]
    loading = 1e-9 * np.einsum("bkk->bk", whole.gram).real.max(1)[:, None, None] + 1e-12
    inverse: C128 = np.linalg.inv(whole.gram + loading * np.eye(whole.gram.shape[1]))
    tracks = lanes_of(same.heard)
    count = len(whole.points)
    source, found = np.zeros((len(tracks), count, 2, 2)), np.zeros((len(tracks), count, 2, 2))
    certainty = np.zeros((len(tracks), count))
    for row, lanes in enumerate(tracks):
        gram, gain = whole.gram[:, lanes, lanes], gains[:, lanes]
        source[row] = np.broadcast_to(gram.real, (count, 2, 2))
        found[row] = np.einsum("bkc,bkl,bld->bcd", gain.conj(), gram, gain).real
        spread = np.einsum("bkl,blk->b", gram, inverse[:, lanes, lanes]).real[:, None] * residual  # [bands, 2]
        power = np.einsum("bcc->bc", found[row])
        kept = 1 - np.minimum(spread / (power + 1e-30), 1)
        found[row] *= np.sqrt(kept[:, :, None] * kept[:, None, :])
        certainty[row] = (power * kept).sum(1) / (power.sum(1) + 1e-30)
    return Parts(source, found, certainty, whole.energy.sum(1))


def balance(same: SameSong, sample_rate: int) -> dict[str, TrackBalance]:
    """The balance and panning of the mix, by track; robust to effects, at the scale of the file.

    >>> from style_transfer.same_song.parts import TrackBalance
    >>> TrackBalance(-3.0, 0.5, 1.0, -12.0, (), 0.9, absent=False).pan
    0.5
    """
    parts = parts_of(same)
    weights = loudness_weights(sample_rate)
    loudness = float((weights * parts.mix).sum())
    result = {}
    for row, entry in enumerate(same.heard):
        pan, width = place(parts, row, entry.track.channels)
        passed = through(parts.source[row], pan, width, entry.track.channels)
        power = np.einsum("bcc->b", parts.found[row])
        level = 10 * math.log10((weights * power).sum() / loudness + 1e-9)
        gain = 10 * math.log10(((weights * power).sum() + 1e-30) / ((weights * passed).sum() + 1e-30) + 1e-9)
        tone = 10 * np.log10((power + 1e-9 * power.max() + 1e-30) / (passed + 1e-9 * passed.max() + 1e-30)) - gain
        sure = float((weights * power * parts.certainty[row]).sum() / ((weights * power).sum() + 1e-30))
        absent = level < ABSENT_LU or sure < LEAST_CERTAINTY
        result[entry.track.id] = TrackBalance(gain, pan, width, level, tuple(tone.tolist()), sure, absent)
    return result


def loudness_weights(sample_rate: int) -> F64:
    """The K-weighting at the bands' centres, as a factor on power."""
    centres = torch.from_numpy(band_edges(sample_rate)[2])
    weights: F64 = (10 ** (response(torch.from_numpy(weighting(sample_rate)), centres, sample_rate) / 10)).numpy()
    return weights


def through(source: F64, pan: float, width: float, channels: int) -> F64:
    """Power of both sides after the panner: covariance ``[bands, 2, 2] -> [bands]``."""
    matrix = np.array(channel_gains(pan, width, channels))
    given = source[:, :channels, :channels]
    power: F64 = np.einsum("ck,bkl,cl->b", matrix, given, matrix)
    return power


def place(parts: Parts, row: int, channels: int) -> tuple[float, float]:
    """Pan and width that give the track's sides the powers, and the likeness, that they have in the mix."""
    found = parts.found[row].sum(0)
    left, right = max(found[0, 0], 1e-30), max(found[1, 1], 1e-30)
    if channels == 1:
        return min(max(4 / math.pi * math.atan2(math.sqrt(right), math.sqrt(left)) - 1, -1.0), 1.0), 1.0
    tone = np.einsum("bcc->b", parts.found[row]) / (np.einsum("bcc->b", parts.source[row]) + 1e-30)
    source = (tone[:, None, None] * parts.source[row]).sum(0)
    side = (source[0, 0] + source[1, 1] - 2 * source[0, 1]) / (source[0, 0] + source[1, 1] + 1e-30)
    width = 1.0
    if side > MONO_SIDE:
        likeness = [_likeness(_widened(source, w)) for w in WIDTHS]
        width = float(WIDTHS[np.argmin(np.abs(np.array(likeness) - _likeness(found)))])
    wide = _widened(source, width)
    ratio = math.sqrt(right / left * wide[0, 0] / max(wide[1, 1], 1e-30))
    return (1 - 1 / ratio if ratio > 1 else ratio - 1), width


def _widened(source: F64, width: float) -> F64:
    matrix = np.array([[1 + width, 1 - width], [1 - width, 1 + width]]) / 2
    wide: F64 = matrix @ source @ matrix.T
    return wide


def _likeness(covariance: F64) -> float:
    return float(covariance[0, 1] / math.sqrt(max(covariance[0, 0] * covariance[1, 1], 1e-30)))
