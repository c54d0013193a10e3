"""What tells drums, bass and the rest apart in each bin of an accompaniment's spectrum.

Drums are tall in a spectrogram and sudden, tones are wide and steady (Fitzgerald, "Harmonic/percussive separation
using median filtering", DAFx 2010); a bass line is the strongest harmonic comb at the bottom; what is at the sides is
neither. Cues are ratios, and nothing that they look at is further than half a second (the loudest bin: one) away.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.ndimage import median_filter
from torch import Tensor
from torch.nn import functional

from separation.spectra import BINS, HOP, SAMPLE_RATE, WINDOW

COUNT = 20
"""How many cues each bin has."""
STEADY_AGAINST_TALL, OCTAVES = 2, 12
"""Places of two of them: the log ratio of the medians in time and in frequency, and the octaves above 440 Hz."""
MEDIANS_SCALE, OCTAVES_SCALE = 2.0, 4.0
"""What these two are divided by."""
REACH_FRAMES = 64
"""Nothing further away changes a cue."""
MEDIAN = 17  # frames and bins
_FLOOR = 0.03  # magnitude of a tone at -90 dBFS, in a song at the level that the networks know
_BIN_HZ = SAMPLE_RATE / WINDOW
_BASS_BINS = 24  # up to 258 Hz: where bass lines have their fundamentals
_LOWEST_F0_HZ, _HIGHEST_F0_HZ, _STEPS_PER_OCTAVE = 36.0, 260.0, 36
_PARTIALS = 6
_COMB_TOP_HZ = 1500.0
_ONSET_FRAMES = 2
_SMOOTHED_FRAMES = round(0.12 * SAMPLE_RATE / HOP) | 1


def cues(spectra: Tensor, voice: Tensor) -> Tensor:
    """The cues of each bin, computed on the CPU.

    Args:
        spectra: of the accompaniment, complex.
        voice: how much of the mixture was taken out as voice, 0 to 1.

    Shape:
        spectra, voice: ``[2, 2049, frames]``; returned: ``[20, 2049, frames]``, roughly -2 to 2
    """
    left, right = spectra.abs()
    magnitude = left + right
    level = torch.log(magnitude + _FLOOR)
    steady, tall = _median(level, 1), _median(level, 0)
    rise = level - _delayed(level, _ONSET_FRAMES)
    fall = _delayed(level, -_ONSET_FRAMES) - level
    side = (spectra[0] - spectra[1]).abs()
    bottom = level[1:_BASS_BINS].amax(0, keepdim=True)
    comb, sureness = _bass_comb(magnitude)
    octaves = torch.log2(torch.arange(1, BINS + 1) * _BIN_HZ / 440.0)[:, None].expand_as(level)
    loudest = _mean(level.amax(0, keepdim=True), 1, 87).expand_as(level)
    return torch.stack(
        (
            (level - steady) / 2,
            (level - tall) / 2,
            (steady - tall) / MEDIANS_SCALE,
            (level - _mean(level, 1, 5)) / 2,
            (level - _mean(level, 1, 43)) / 2,
            (level - _mean(level, 0, 5)) / 2,
            (level - _mean(level, 0, 65)) / 2,
            rise / 2,
            fall / 2,
            _mean(rise, 0, 65),
            _mean(fall, 0, 65),
            _mean(rise, 0, 1025),
            octaves / OCTAVES_SCALE,
            torch.sin(octaves * (math.pi / 4)),
            voice.mean(0) * 2 - 1,
            torch.log(side / (magnitude + 1e-9) + 0.01) / 2 + 1,
            (level - bottom) / 4 + 1,
            comb,
            comb * sureness,
            (level - loudest) / 4 + 1,
        )
    )


def _median(x: Tensor, axis: int) -> Tensor:
    """The median of 17 neighbours in frequency (axis 0) or time (axis 1) of ``[bins, frames]``."""
    half = MEDIAN // 2
    rows = np.pad((x if axis == 1 else x.T).numpy(), ((0, 0), (half, half)), mode="edge")
    # scipy's filter for one dimension is many times faster than its own for two
    filtered = median_filter(rows.ravel(), MEDIAN).reshape(rows.shape)[:, half:-half]
    medians = torch.from_numpy(np.ascontiguousarray(filtered))
    return medians if axis == 1 else medians.T


def _mean(x: Tensor, axis: int, width: int) -> Tensor:
    """The mean of ``width`` (odd) neighbours along an axis of ``[bins, frames]``, fewer at the edges."""
    half, count = width // 2, x.shape[axis]
    if axis == 1:
        return functional.avg_pool1d(x[None], width, 1, half, count_include_pad=False)[0]
    sums = torch.zeros(count + 1, x.shape[1])  # differences of these cost the same for any width
    torch.cumsum(x, 0, out=sums[1:])
    place = torch.arange(count)
    first, stop = (place - half).clamp_min(0), (place + half + 1).clamp_max(count)
    return (sums[stop] - sums[first]) / (stop - first)[:, None]


def _delayed(x: Tensor, frames: int) -> Tensor:
    """``[bins, frames]`` moved in time, the first or last frame repeated."""
    if frames > 0:
        return functional.pad(x[None], (frames, 0), mode="replicate")[0, :, :-frames]
    return functional.pad(x[None], (0, -frames), mode="replicate")[0, :, -frames:]


def _bass_comb(magnitude: Tensor) -> tuple[Tensor, Tensor]:
    """Where each bin lies on the comb of the strongest low note, 1 on a partial to -1 between, and how sure that is.

    The note is the candidate whose first partials have the largest weighted sum of square roots of magnitude.
    """
    octaves = math.log2(_HIGHEST_F0_HZ / _LOWEST_F0_HZ)
    steps = torch.arange(int(octaves * _STEPS_PER_OCTAVE)) / _STEPS_PER_OCTAVE
    candidates = _LOWEST_F0_HZ * 2**steps  # [notes]
    places = candidates[:, None] * torch.arange(1, _PARTIALS + 1) / _BIN_HZ  # [notes, partials]
    below = places.floor().long()
    share = (places - below)[..., None]
    root = magnitude[: int(places.max()) + 2].sqrt()
    partials = root[below] * (1 - share) + root[below + 1] * share  # [notes, partials, frames]
    weights = 0.8 ** torch.arange(_PARTIALS)
    salience = _mean((partials * weights[:, None]).sum(1), 1, _SMOOTHED_FRAMES)  # [notes, frames]
    best, note = salience.max(0)
    sureness = (best / salience.mean(0).clamp_min(1e-9) - 1).clamp(0, 1)
    hz = torch.arange(BINS)[:, None] * _BIN_HZ
    comb = torch.cos(2 * math.pi * hz / candidates[note])
    return torch.where((hz > _BIN_HZ) & (hz < _COMB_TOP_HZ), comb, torch.zeros(())), sureness.expand(BINS, -1)
