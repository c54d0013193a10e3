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
from mixer._vectormath import exp_into, log_into
from mixer.param import Param
from mixer.processor import F32, F64, Values, processor

DB_PER_NEPER = 20 / math.log(10)
THRESHOLD, RATIO, ATTACK, RELEASE, KNEE, MAKEUP = range(6)
"""Rows of the coefficient vector; attack and release are one-pole coefficients there."""


CHUNK = 1024
"""Frames that are taken at once through detector, smoother and gain."""
FLOOR = 1e-6
"""Peaks under -120 dBFS count as this; every threshold lies far above."""


@njit(cache=True, nogil=True, error_model="numpy")
def _levels(x: F32, over: F64, threshold: float) -> None:
    """Peak level of the louder channel, in dB over the threshold: ``x`` ``[channels, n]`` -> ``over`` ``[n]``."""
    peak = np.empty(x.shape[1])
    for n in range(x.shape[1]):
        peak[n] = max(np.float64(abs(x[0, n])), FLOOR)
    if x.shape[0] == 2:
        for n in range(x.shape[1]):
            peak[n] = max(np.float64(abs(x[1, n])), peak[n])
    log_into(peak, over)
    for n in range(x.shape[1]):
        over[n] = over[n] * DB_PER_NEPER - threshold


@njit(cache=True, nogil=True)
def _scale(x: F32, gain: float, y: F32) -> None:
    for c in range(x.shape[0]):
        for n in range(x.shape[1]):
            y[c, n] = x[c, n] * gain


@njit(cache=True, nogil=True, error_model="numpy")
def _compress(x: F32, coefficients: F64, state: float, y: F32, smoothed: F32) -> float:
    """Compress ``x`` ``[channels, n]`` into ``y``; ``smoothed`` receives the gain in dB; returns the last state."""
    threshold, ratio, knee, makeup = coefficients[0], coefficients[1], coefficients[4], coefficients[5]
    attack, release = coefficients[2], coefficients[3]
    slope = 1.0 / ratio - 1.0
    half, per_knee = knee / 2, 0.5 / knee if knee > 0 else 0.0
    keep = smoothed.shape[0] == x.shape[1]
    if slope == 0.0 and state == 0.0:
        _scale(x, math.exp(makeup / DB_PER_NEPER), y)
        if keep:
            smoothed[:] = 0.0
        return 0.0
    work, gain = np.empty(CHUNK), np.empty(CHUNK)
    for start in range(0, x.shape[1], CHUNK):
        size = min(CHUNK, x.shape[1] - start)
        _levels(x[:, start : start + size], work[:size], threshold)
        for n in range(size):  # eq. (4): inside the knee the square, above it the rest of the line
            inside = min(max(work[n] + half, 0.0), knee)
            work[n] = slope * (inside * inside * per_knee + max(work[n] - half, 0.0))
        for n in range(size):  # eq. (16)
            wanted = work[n]
            coefficient = attack if wanted < state else release
            state = wanted + coefficient * (state - wanted)
            work[n] = state
        if state > -1e-9:
            state = 0.0
        for n in range(size):
            gain[n] = (work[n] + makeup) / DB_PER_NEPER
        exp_into(gain[:size], gain[:size])
        for c in range(x.shape[0]):
            for n in range(size):
                y[c, start + n] = x[c, start + n] * gain[n]
        if keep:
            for n in range(size):
                smoothed[start + n] = work[n]
    return state


@njit(cache=True, nogil=True, error_model="numpy")
def _compress_adjoint(
    x: F32, coefficients: F64, smoothed: F32, grad_y: F32, grad_x: F32, grads: F64, knobs_move: bool
) -> None:
    """Adjoint of ``_compress`` from silence: writes ``grad_x`` and, if ``knobs_move``, adds to ``grads`` ``[6]``."""
    knee, makeup, attack, release = coefficients[4], coefficients[5], coefficients[2], coefficients[3]
    slope = 1.0 / coefficients[1] - 1.0
    if slope == 0.0 and not knobs_move:
        _scale(grad_y, math.exp(makeup / DB_PER_NEPER), grad_x)
        return
    over, gain = np.empty(CHUNK), np.empty(CHUNK)
    later = 0.0  # adjoint of the smoothed gain that reaches this sample from the next one
    for start in range((x.shape[1] - 1) // CHUNK * CHUNK, -1, -CHUNK):
        size = min(CHUNK, x.shape[1] - start)
        _levels(x[:, start : start + size], over[:size], coefficients[0])
        for n in range(size):
            gain[n] = (smoothed[start + n] + makeup) / DB_PER_NEPER
        exp_into(gain[:size], gain[:size])
        for i in range(size - 1, -1, -1):
            n = start + i
            into_gain = 0.0
            for c in range(x.shape[0]):
                into_gain += np.float64(grad_y[c, n]) * x[c, n]
                grad_x[c, n] = grad_y[c, n] * gain[i]
            into_db = into_gain * gain[i] / DB_PER_NEPER
            grads[MAKEUP] += into_db
            wanted, by_over, by_slope, by_knee = 0.0, 0.0, 0.0, 0.0
            if 2 * over[i] >= knee:
                wanted, by_over, by_slope = slope * over[i], slope, over[i]
            elif 2 * over[i] > -knee:
                share = (over[i] + knee / 2) / knee  # position inside the knee, 0 to 1
                wanted, by_over, by_slope = slope * share * share * knee / 2, slope * share, share * share * knee / 2
                by_knee = slope * share * (1 - share) / 2
            previous = np.float64(smoothed[n - 1]) if n > 0 else 0.0
            attacking = wanted < previous
            coefficient = attack if attacking else release
            total = into_db + later
            grads[ATTACK if attacking else RELEASE] += total * (previous - wanted)
            into_wanted = (1 - coefficient) * total
            grads[THRESHOLD] -= into_wanted * by_over
            grads[RATIO] -= into_wanted * by_slope / (coefficients[1] * coefficients[1])
            grads[KNEE] += into_wanted * by_knee
            if by_over != 0.0:
                loudest = 1 if x.shape[0] == 2 and abs(x[1, n]) > abs(x[0, n]) else 0
                grad_x[loudest, n] += into_wanted * by_over * DB_PER_NEPER / x[loudest, n]  # d|x|/dx / |x| = 1 / x
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
        knobs_move = ctx.needs_input_grad[1]
        parallel_map(
            lambda i: _compress_adjoint(source[i], rows[i], kept[i], given[i], into_x[i], into_rows[i], knobs_move),
            x.shape[0],
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
