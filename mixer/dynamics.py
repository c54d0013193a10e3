"""The compressor's gain: the kernels that both of its paths share, and their exact adjoint.

D. Giannoulis, M. Massberg, J. D. Reiss, "Digital Dynamic Range Compressor Design - A Tutorial and Analysis", JAES
60(6), 2012: static curve eq. (4), feed-forward log-domain detector with a branching one-pole smoother, eq. (16).
Each stage is a loop of its own over a chunk, so that all but the smoother compile to vector instructions.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mixer._vectormath import exp_into, log_into
from mixer.arrays import F32, F64

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
def compress(x: F32, coefficients: F64, state: float, y: F32, smoothed: F32) -> float:
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


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _smoothing_adjoint(ahead: F64, into: F64, later: float, attack: float, release: float, grads: F64) -> float:
    """Adjoint of eq. (16): ``into`` ``[n]``, the gradient of the smoothed gain, becomes that of the wanted gain.

    Args:
        ahead: by how much the smoothed gain lay above the wanted one before each step, in dB; positive attacks.
        later: what comes from the steps after these; what goes to those before is returned.
    """
    for n in range(into.shape[0] - 1, -1, -1):
        into[n] += later
        later = into[n] * (attack if ahead[n] > 0 else release)
    by_attack, by_release = 0.0, 0.0
    for n in range(into.shape[0]):
        by_attack += into[n] * max(ahead[n], 0.0)
        by_release += into[n] * min(ahead[n], 0.0)
        into[n] *= 1 - (attack if ahead[n] > 0 else release)
    grads[ATTACK] += by_attack
    grads[RELEASE] += by_release
    return later


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _curve_adjoint(over: F64, into: F64, slope: float, knee: float, grads: F64) -> None:
    """Adjoint of eq. (4): ``into`` ``[n]``, the gradient of the wanted gain, becomes that of the level."""
    half, per_knee = knee / 2, 1.0 / knee if knee > 0 else 0.0
    by_threshold, by_slope, by_knee = 0.0, 0.0, 0.0
    for n in range(into.shape[0]):
        above = 1.0 if over[n] >= half else 0.0
        share = max(above, min(max((over[n] + half) * per_knee, 0.0), 1.0))  # position inside the knee, 0 to 1
        by_slope += into[n] * (share * share * half + max(over[n] - half, 0.0))
        by_knee += into[n] * share * (1 - share)
        into[n] *= share * slope
        by_threshold += into[n]
    grads[THRESHOLD] -= by_threshold
    grads[RATIO] -= by_slope * (1 + slope) * (1 + slope)  # the slope is 1 / ratio - 1
    grads[KNEE] += by_knee * slope / 2


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _gain_adjoint(x: F32, gain: F64, grad_y: F32, grad_x: F32, into: F64) -> float:
    """Adjoint of the multiplication: writes ``grad_x`` and the gradient of the gain in dB, and returns its sum."""
    into[:] = 0.0
    for c in range(x.shape[0]):
        for n in range(x.shape[1]):
            into[n] += np.float64(grad_y[c, n]) * x[c, n]
            grad_x[c, n] = grad_y[c, n] * gain[n]
    total = 0.0
    for n in range(x.shape[1]):
        into[n] *= gain[n] / DB_PER_NEPER
        total += into[n]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def compress_adjoint(
    x: F32, coefficients: F64, smoothed: F32, grad_y: F32, grad_x: F32, grads: F64, knobs_move: bool
) -> None:
    """Adjoint of ``compress`` from silence: writes ``grad_x`` and, if ``knobs_move``, adds to ``grads`` ``[6]``."""
    knee, makeup, attack, release = coefficients[4], coefficients[5], coefficients[2], coefficients[3]
    slope = 1.0 / coefficients[1] - 1.0
    if slope == 0.0 and not knobs_move:
        _scale(grad_y, math.exp(makeup / DB_PER_NEPER), grad_x)
        return
    half, per_knee = knee / 2, 0.5 / knee if knee > 0 else 0.0
    work = np.empty((4, CHUNK))
    later = 0.0  # adjoint of the smoothed gain that reaches this chunk from the next one
    for start in range((x.shape[1] - 1) // CHUNK * CHUNK, -1, -CHUNK):
        here = slice(start, min(start + CHUNK, x.shape[1]))
        size = here.stop - start
        over, gain, ahead, into = work[0, :size], work[1, :size], work[2, :size], work[3, :size]
        _levels(x[:, here], over, coefficients[0])
        for n in range(size):
            gain[n] = (smoothed[start + n] + makeup) / DB_PER_NEPER
        exp_into(gain, gain)
        ahead[0] = smoothed[start - 1] if start else 0.0
        ahead[1:] = smoothed[start : start + size - 1]
        for n in range(size):
            inside = min(max(over[n] + half, 0.0), knee)
            ahead[n] -= slope * (inside * inside * per_knee + max(over[n] - half, 0.0))
        grads[MAKEUP] += _gain_adjoint(x[:, here], gain, grad_y[:, here], grad_x[:, here], into)
        later = _smoothing_adjoint(ahead, into, later, attack, release, grads)
        _curve_adjoint(over, into, slope, knee, grads)
        for n in range(size):
            if into[n] != 0.0:
                loudest = 1 if x.shape[0] == 2 and abs(x[1, start + n]) > abs(x[0, start + n]) else 0
                grad_x[loudest, start + n] += into[n] * DB_PER_NEPER / x[loudest, start + n]  # d|x|/dx / |x| = 1 / x
