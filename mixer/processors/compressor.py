"""Compressor: feed-forward, log domain, soft knee, separate attack and release.

D. Giannoulis, M. Massberg, J. D. Reiss, "Digital Dynamic Range Compressor Design - A Tutorial and Analysis", JAES
60(6), 2012: static curve eq. (4), feed-forward log-domain detector with a branching one-pole smoother, eq. (16).
One kernel computes the gain for both paths; its backward pass is the exact adjoint.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import torch
from numba import njit
from torch import Tensor

from mixer._parallel import parallel_map
from mixer.param import Param
from mixer.processor import F32, F64, Values, processor

DB_PER_NEPER = 20 / math.log(10)
THRESHOLD, RATIO, ATTACK, RELEASE, KNEE, MAKEUP = range(6)
"""Rows of the coefficient vector; attack and release are one-pole coefficients there."""


@njit(cache=True, nogil=True)
def _static_curve(level_db: float, threshold: float, ratio: float, knee: float) -> float:
    """Gain in dB (zero or less) that the static curve asks for, eq. (4)."""
    over = level_db - threshold
    slope = 1.0 / ratio - 1.0
    if 2 * over >= knee:
        return slope * over
    if 2 * over <= -knee:
        return 0.0
    return slope * (over + knee / 2) ** 2 / (2 * knee)


@njit(cache=True, nogil=True)
def _compress(x: F32, coefficients: F64, state: float, y: F32, smoothed: F32) -> float:
    """Compress ``x`` ``[channels, n]`` into ``y``; ``smoothed`` receives the gain in dB; returns the last state."""
    threshold, ratio, knee, makeup = coefficients[0], coefficients[1], coefficients[4], coefficients[5]
    attack, release = coefficients[2], coefficients[3]
    quiet = math.exp((threshold - knee / 2) / DB_PER_NEPER)  # below it the static curve does nothing
    resting = math.exp(makeup / DB_PER_NEPER)
    keep = smoothed.shape[0] == x.shape[1]
    for n in range(x.shape[1]):
        peak = np.float64(abs(x[0, n]))
        if x.shape[0] == 2:
            peak = max(peak, np.float64(abs(x[1, n])))
        wanted = 0.0
        if peak > quiet:
            wanted = _static_curve(DB_PER_NEPER * math.log(peak), threshold, ratio, knee)
        coefficient = attack if wanted < state else release
        state = wanted + coefficient * (state - wanted)
        if state > -1e-9:
            state = 0.0
        gain = resting if state == 0.0 else math.exp((state + makeup) / DB_PER_NEPER)
        for c in range(x.shape[0]):
            y[c, n] = x[c, n] * gain
        if keep:
            smoothed[n] = state
    return state


@njit(cache=True, nogil=True)
def _compress_adjoint(x: F32, coefficients: F64, smoothed: F32, grad_y: F32, grad_x: F32, grads: F64) -> None:
    """Adjoint of ``_compress`` from silence: writes ``grad_x`` and adds to ``grads`` ``[6]``."""
    threshold, ratio, knee, makeup = coefficients[0], coefficients[1], coefficients[4], coefficients[5]
    attack, release = coefficients[2], coefficients[3]
    quiet = math.exp((threshold - knee / 2) / DB_PER_NEPER)
    slope = 1.0 / ratio - 1.0
    later = 0.0  # adjoint of the smoothed gain that reaches this sample from the next one
    for n in range(x.shape[1] - 1, -1, -1):
        loudest, peak = 0, np.float64(abs(x[0, n]))
        if x.shape[0] == 2 and abs(x[1, n]) > peak:
            loudest, peak = 1, np.float64(abs(x[1, n]))
        gain = math.exp((smoothed[n] + makeup) / DB_PER_NEPER)
        into_gain = 0.0
        for c in range(x.shape[0]):
            into_gain += np.float64(grad_y[c, n]) * x[c, n]
            grad_x[c, n] = grad_y[c, n] * gain
        into_db = into_gain * gain / DB_PER_NEPER
        grads[MAKEUP] += into_db
        previous = np.float64(smoothed[n - 1]) if n > 0 else 0.0
        over = (DB_PER_NEPER * math.log(peak) if peak > quiet else threshold - knee / 2) - threshold
        wanted, by_over, by_slope, by_knee = 0.0, 0.0, 0.0, 0.0
        if 2 * over >= knee and peak > quiet:
            wanted, by_over, by_slope = slope * over, slope, over
        elif 2 * over > -knee:
            share = (over + knee / 2) / knee  # position inside the knee, 0 to 1
            wanted, by_over, by_slope = slope * share * share * knee / 2, slope * share, share * share * knee / 2
            by_knee = slope * share * (1 - share) / 2
        attacking = wanted < previous
        coefficient = attack if attacking else release
        total = into_db + later
        grads[ATTACK if attacking else RELEASE] += total * (previous - wanted)
        into_wanted = (1 - coefficient) * total
        grads[THRESHOLD] -= into_wanted * by_over
        grads[RATIO] -= into_wanted * by_slope / (ratio * ratio)
        grads[KNEE] += into_wanted * by_knee
        if by_over != 0.0:
            sign = 1.0 if x[loudest, n] > 0 else -1.0
            grad_x[loudest, n] += into_wanted * by_over * DB_PER_NEPER / peak * sign
        later = coefficient * total


class _Compress(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, coefficients: Tensor) -> Tensor:
        x = x.contiguous()
        y, smoothed = torch.empty_like(x), torch.empty_like(x[:, 0])
        source, rows, target, kept = x.numpy(), coefficients.contiguous().numpy(), y.numpy(), smoothed.numpy()
        parallel_map(lambda i: _compress(source[i], rows[i], 0.0, target[i], kept[i]), x.shape[0])
        ctx.save_for_backward(x, coefficients, smoothed)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        x, coefficients, smoothed = ctx.saved_tensors
        grad_x, into = torch.empty_like(x), torch.zeros_like(coefficients)
        source, rows, kept = x.numpy(), coefficients.contiguous().numpy(), smoothed.numpy()
        given, into_x, into_rows = grads[0].contiguous().numpy(), grad_x.numpy(), into.numpy()
        parallel_map(
            lambda i: _compress_adjoint(source[i], rows[i], kept[i], given[i], into_x[i], into_rows[i]), x.shape[0]
        )
        return grad_x, into


@processor(
    Param("threshold_db", "dB", -60.0, 0.0, -18.0, "linear", "Level above which the gain is reduced (peak)."),
    Param("ratio", ":1", 1.0, 20.0, 1.0, "log", "dB in over the threshold for one dB out; 1:1 does nothing."),
    Param("attack_ms", "ms", 0.1, 250.0, 10.0, "log", "Time constant of growing gain reduction."),
    Param("release_ms", "ms", 5.0, 2500.0, 120.0, "log", "Time constant of receding gain reduction."),
    Param("knee_db", "dB", 0.0, 24.0, 6.0, "linear", "Width of the soft knee around the threshold."),
    Param("makeup_db", "dB", 0.0, 24.0, 0.0, "linear", "Gain after the compressor."),
    strip=20,
    master=20,
)
def compressor(
    x: Tensor,
    sample_rate: int,
    *,
    threshold_db: Tensor,
    ratio: Tensor,
    attack_ms: Tensor,
    release_ms: Tensor,
    knee_db: Tensor,
    makeup_db: Tensor,
) -> Tensor:
    """Feed-forward compressor with a soft knee; the detector hears the louder channel; no look-ahead, no latency."""
    attack, release = one_pole(attack_ms, sample_rate), one_pole(release_ms, sample_rate)
    rows = torch.stack([threshold_db, ratio, attack, release, knee_db, makeup_db], dim=1)  # [tracks, 6]
    return cast(Tensor, _Compress.apply(x, rows))  # type: ignore[no-untyped-call]  # torch has no type for it


def one_pole(time_ms: Tensor, sample_rate: int) -> Tensor:
    """Coefficient of a one-pole smoother with this time constant: exp(-1000 / (ms * rate))."""
    return torch.exp(-1000 / (time_ms * sample_rate))


@compressor.renderer
class CompressorRenderer:
    """Streams blocks through the kernel; the smoothed gain carries on."""

    latency = 0
    tail = 0

    def __init__(self, sample_rate: int, channels: int, values: Values) -> None:
        del channels  # read off each block
        times = torch.tensor([values["attack_ms"], values["release_ms"]], dtype=torch.float64)
        attack, release = one_pole(times, sample_rate).tolist()
        row = [values["threshold_db"], values["ratio"], attack, release, values["knee_db"], values["makeup_db"]]
        self._coefficients = np.array(row)
        self._idle = values["ratio"] == 1.0 and values["makeup_db"] == 0.0
        self._state = 0.0

    def __call__(self, block: F32) -> F32:
        if not self._idle:
            self._state = _compress(block, self._coefficients, self._state, block, np.empty(0, np.float32))
        return block
