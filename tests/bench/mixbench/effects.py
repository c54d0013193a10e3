"""Effects of other makers and other laws than the console's: a reference must not be one that the console can repeat.

pedalboard (GPL, for benchmarks alone) and scipy. Audio is ``[channels, time]``, at 44.1 kHz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pedalboard import Compressor, HighpassFilter, HighShelfFilter, LowShelfFilter, PeakFilter, Plugin, Reverb
from scipy.ndimage import minimum_filter1d
from scipy.signal import butter, fftconvolve, lfilter, resample_poly, sosfilt

from mixer.arrays import F32, F64
from tests.bench.harness import Pedalboard
from tests.bench.mixbench.places import RATE

LOOK_AHEAD_S = 0.002


@dataclass(frozen=True, slots=True)
class Band:
    """One filter; ``kind`` is low (shelf), peak, high (shelf) or cut (high-pass, 6 dB an octave)."""

    kind: str
    hz: float
    gain_db: float = 0.0
    q: float = 0.7


def equalised(x: F32, bands: Sequence[Band]) -> F32:
    """Through pedalboard's filters."""
    kinds = {"low": LowShelfFilter, "peak": PeakFilter, "high": HighShelfFilter}
    filters: list[Plugin] = [
        HighpassFilter(band.hz) if band.kind == "cut" else kinds[band.kind](band.hz, band.gain_db, band.q)
        for band in bands
    ]
    return np.asarray(Pedalboard(filters)(np.ascontiguousarray(x), RATE), np.float32)


def compressed(x: F32, threshold_db: float, ratio: float, attack_ms: float, release_ms: float, *, rms: bool) -> F32:
    """pedalboard's compressor (linear-gain smoothing, hard knee), or one that follows the power of both sides.

    The latter averages the power over 10 ms, has a hard knee and one time constant: half the release.
    """
    if not rms:
        effect = Compressor(threshold_db=threshold_db, ratio=ratio, attack_ms=attack_ms, release_ms=release_ms)
        return np.asarray(Pedalboard([effect])(np.ascontiguousarray(x), RATE), np.float32)
    return x * power_gain(x, threshold_db, ratio, release_ms)


def power_gain(x: F32, threshold_db: float, ratio: float, release_ms: float) -> F32:
    """What the compressor that follows the power multiplies both sides with, ``[1, time]``."""
    power = _smoothed(np.square(x, dtype=np.float64).mean(axis=0), 10.0)
    over_db = np.maximum(10 * np.log10(power + 1e-12) + 3.0 - threshold_db, 0.0)
    gain_db = -_smoothed(over_db * (1 - 1 / ratio), release_ms / 2)
    return np.asarray(10 ** (gain_db / 20), np.float32)[None]


def _smoothed(x: F64, time_ms: float) -> F64:
    pole = float(np.exp(-1000 / (time_ms * RATE)))
    return np.asarray(lfilter([1 - pole], [1, -pole], x), np.float64)


def hall(x: F32, size: float, damping: float) -> F32:
    """pedalboard's reverb (comb and all-pass filters), the wet sound alone; linear."""
    effect = Reverb(room_size=size, damping=damping, wet_level=0.33, dry_level=0.0, width=1.0)
    return np.asarray(Pedalboard([effect])(np.ascontiguousarray(x), RATE), np.float32)


def room(x: F32, seed: int, decay_s: float, pre_delay_s: float) -> F32:
    """Sparse echoes of both signs, 2,000 a second on each side, darker with time; linear.

    Velvet noise: M. Karjalainen, H. Jarvelainen, Reverberation modeling using velvet noise, AES 30th conf., 2007.
    """
    rng = np.random.default_rng(seed)
    length = round(1.1 * decay_s * RATE)
    response = np.zeros((2, length))
    for side in response:
        at = np.unique(rng.integers(0, length, round(2000 * length / RATE)))
        side[at] = rng.choice([-1.0, 1.0], len(at))
    response *= 10 ** (-3 * np.arange(length) / (decay_s * RATE))
    bright = sosfilt(butter(1, 7000, fs=RATE, output="sos"), response, axis=-1)
    dark = sosfilt(butter(1, 2000, fs=RATE, output="sos"), response, axis=-1)
    fade = np.linspace(1, 0, length)
    response = bright * fade + dark * (1 - fade)
    response /= np.sqrt(np.square(response).sum(axis=1, keepdims=True))
    late = np.pad(response, ((0, 0), (round(pre_delay_s * RATE), 0)))
    return np.asarray(fftconvolve(x, late, axes=-1)[:, : x.shape[1]], np.float32)


def placed(x: F32, pan: float, width: float) -> F32:
    """``[1 or 2, time]`` to two sides: mono by the -3 dB law, stereo by width and then a linear balance."""
    if x.shape[0] == 1:
        angle = (pan + 1) * np.pi / 4
        return np.asarray(np.array([[np.cos(angle)], [np.sin(angle)]]) * x, np.float32)
    mid, side = (x[0] + x[1]) / 2, width * (x[0] - x[1]) / 2
    balance = np.array([[min(1.0, 1 - pan)], [min(1.0, 1 + pan)]])
    return np.asarray(balance * np.stack([mid + side, mid - side]), np.float32)


def limiting_gain(x: F32, ceiling_db: float) -> F32:
    """What a look-ahead limiter multiplies both sides with, ``[1, time]``; it sees between samples (4 x)."""
    reach = round(LOOK_AHEAD_S * RATE)
    fine = np.abs(resample_poly(x, 4, 1, axis=-1)).max(axis=0)
    peak = fine[: 4 * x.shape[1]].reshape(-1, 4).max(axis=1)
    wanted = np.minimum(1.0, 10 ** (ceiling_db / 20) / (peak + 1e-9))
    held = minimum_filter1d(wanted, 2 * reach + 1)
    window = np.hanning(2 * reach + 1)
    return np.asarray(np.minimum(fftconvolve(held, window / window.sum(), "same"), 1.0)[None], np.float32)


def clipping_gain(x: F32, drive_db: float) -> F32:
    """What a soft clipper (tanh) multiplies each sample with, ``[2, time]``, at unity for quiet ones."""
    driven = np.asarray(x, np.float64) * 10 ** (drive_db / 20)
    return np.asarray(
        np.where(np.abs(driven) < 1e-4, 1.0, np.tanh(driven) / np.where(driven == 0, 1, driven)), np.float32
    )
