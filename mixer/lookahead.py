"""The limiter's gain: how far, and from when on, a signal must be turned down so that no peak passes the ceiling.

    true peak of all channels -> wanted reduction -> hold -> release -> smoothing -> reduction of the delayed signal

A reduction r stands for the gain 1 - r. *Hold* spreads each wanted reduction over the window that the smoothing
will average, and some samples more on both sides: a gain that moves while an interpolator reads across it would move
the peaks themselves. So every average over the smoothing window is at least what each peak in reach wants, and the
gain has no corner. Reductions are exactly zero, not nearly, where nothing wants one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from mixer.arrays import F64
from mixer.truepeak import LIMITING, correlate, scan

Audio = npt.NDArray[np.floating[Any]]

ATTACK_S = 0.003
"""Length of the smoothing window: long enough that a fast gain adds little of its own, short enough to go unheard."""

MARGIN = 1 - 10 ** (-0.05 / 20)
"""Peaks that pass the ceiling end this much under it, for interpolators that read differently from ours."""

_PLATEAU = 16  # samples on each side of a peak in which its gain stands still
_NEAR = 0.85  # of the ceiling: from here on a peak that only wide interpolators see could pass it
_TILE = 512


@dataclass(frozen=True, slots=True)
class Trace:
    """The stages of one stretch, each ``[time]`` and aligned with the input that came last."""

    wanted: F64
    released: F64
    reduction: F64


@njit(cache=True, nogil=True)
def _want(peaks, ceiling, wanted) -> None:  # type: ignore[no-untyped-def]
    """Reduction that brings each peak to ``MARGIN`` under the ceiling; just over the ceiling, the mirrored excess."""
    for n in range(peaks.shape[0]):
        p = np.float64(peaks[n])
        if p <= ceiling:
            wanted[n] = 0.0
        elif p < ceiling * (1 + MARGIN):
            wanted[n] = 2 * (p - ceiling) / p
        else:
            wanted[n] = 1 - ceiling * (1 - MARGIN) / p


@njit(cache=True, nogil=True)
def _release(held, coefficient, state, released) -> float:  # type: ignore[no-untyped-def]
    """Follow a growing reduction at once and a receding one through a one-pole; returns the last value."""
    for n in range(held.shape[0]):
        m = held[n]
        state = m if m >= state else m + coefficient * (state - m)
        if state < 1e-9:
            state = 0.0
        released[n] = state
    return float(state)


@njit(cache=True, nogil=True)
def _smooth(released, window, reduction) -> None:  # type: ignore[no-untyped-def]
    """Weighted mean of ``released`` over the window that ends at each sample."""
    for start in range(0, reduction.shape[0], _TILE):
        count = min(_TILE, reduction.shape[0] - start)
        correlate(released[start:], window, 0, window.shape[0], reduction[start : start + count])


def _hold(wanted: F64, length: int) -> F64:
    """Largest value of each stretch of ``length`` samples, by stretches that double."""
    size = 1
    while 2 * size <= length:
        wanted = np.maximum(wanted[:-size], wanted[size:])
        size *= 2
    rest = length - size
    return np.maximum(wanted[: len(wanted) - rest], wanted[rest:])


class Lookahead:
    """The gain of one limiter over consecutive blocks of any size, which it does not depend on.

    Args:
        sample_rate: in Hz.
        channels: all are turned down together.
        ceiling: linear.
        release: coefficient of the one-pole, per sample.
        dtype: of the audio; float32, or float64 where gradients are checked.
    """

    def __init__(
        self, sample_rate: int, channels: int, ceiling: float, release: float, dtype: npt.DTypeLike = np.float32
    ) -> None:
        self.ceiling, self.release = ceiling, release
        length = 4 * max(1, round(ATTACK_S * sample_rate / 4))
        hann = np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2
        self.window: F64 = hann / hann.sum()
        self.hold = length + 2 * _PLATEAU + 1
        self.latency = LIMITING.half + length - 1 + _PLATEAU
        self.taps: Audio = LIMITING.taps.astype(dtype)
        self._audio: Audio = np.zeros((channels, max(2 * LIMITING.half - 1, self.latency)), dtype)
        self._wanted = np.zeros(self.hold - 1)
        self._released = np.zeros(length - 1)

    def push(self, block: Audio) -> tuple[Audio, Trace]:
        """The next ``[channels, time]`` turned down, ``latency`` samples late, and how that came about."""
        time, past = block.shape[1], self._audio.shape[1]
        audio = np.concatenate([self._audio, block], axis=1)
        peaks = np.empty(time, block.dtype)
        context = np.ascontiguousarray(audio[:, past - 2 * LIMITING.half + 1 :])
        i = LIMITING
        scan(context, self.taps, i.first, i.last, i.narrow, i.bound, self.ceiling, _NEAR, peaks)
        fresh = np.empty(time)
        _want(peaks, self.ceiling, fresh)
        wanted = np.concatenate([self._wanted, fresh])
        released = np.concatenate([self._released, np.empty(time)])
        reduction = np.zeros(time)
        if self._released.any() or wanted.any():
            _release(_hold(wanted, self.hold), self.release, self._released[-1], released[len(self._released) :])
            _smooth(released, self.window, reduction)
        else:
            released[:] = 0
        delayed = audio[:, past - self.latency : past - self.latency + time]
        trace = Trace(fresh, released[len(self._released) :], reduction)
        self._audio = audio[:, time:].copy()
        self._wanted, self._released = wanted[time:].copy(), released[time:].copy()
        return (delayed * (1 - reduction)).astype(block.dtype), trace


@njit(cache=True, nogil=True)
def _release_adjoint(held, released, coefficient, grad) -> float:  # type: ignore[no-untyped-def]
    """Turn the gradient of ``released`` into that of ``held``, in place; returns that of the coefficient."""
    later, into_coefficient = 0.0, 0.0
    for n in range(held.shape[0] - 1, -1, -1):
        before = released[n - 1] if n > 0 else 0.0
        total = grad[n] + later
        if released[n] == 0.0:
            later, grad[n] = 0.0, 0.0
        elif held[n] >= before:
            later, grad[n] = 0.0, total
        else:
            into_coefficient += total * (before - held[n])
            later, grad[n] = total * coefficient, total * (1 - coefficient)
    return into_coefficient


@njit(cache=True, nogil=True)
def _hold_adjoint(wanted, held, grad, length) -> F64:  # type: ignore[no-untyped-def]
    """Hand each gradient of ``held`` to the sample that was the largest."""
    into = np.zeros(wanted.shape[0])
    largest = -1
    for n in range(held.shape[0]):
        if held[n] > 0.0:
            if largest <= n - length or wanted[largest] != held[n]:
                largest = n
                while wanted[largest] != held[n]:
                    largest -= 1
            into[largest] += grad[n]
    return into


@njit(cache=True, nogil=True)
def _loudest(x, taps, first, last, at) -> tuple[int, int, float]:  # type: ignore[no-untyped-def]
    """Channel, row and value of the largest reading at one sample."""
    channel, row, value = 0, 0, x.dtype.type(0)
    for c in range(x.shape[0]):
        for r in range(taps.shape[0]):
            reading = x.dtype.type(0)
            for j in range(first[r], last[r]):
                reading += taps[r, j] * x[c, at + j]
            if abs(reading) > abs(value):
                channel, row, value = c, r, reading
    return channel, row, value


@njit(cache=True, nogil=True)
def _scan_adjoint(x, taps, first, last, narrow, ceiling, grad, grad_x) -> float:  # type: ignore[no-untyped-def]
    """Add the gradient of the wanted reductions to that of the audio; returns that of the ceiling."""
    half = taps.shape[1] // 2
    into_ceiling = 0.0
    for n in range(grad.shape[0]):
        if grad[n] == 0.0:
            continue
        channel, row, value = _loudest(x, taps[:narrow], first, last, n)
        for c in range(x.shape[0]):
            if abs(x[c, n + half - 1]) > abs(value):
                channel, row, value = c, -1, x[c, n + half - 1]
        if abs(value) > _NEAR * ceiling:
            c, r, wide = _loudest(x, taps[narrow:], first[narrow:], last[narrow:], n)
            if abs(wide) > abs(value):
                channel, row, value = c, r + narrow, wide
        p = np.float64(abs(value))
        if p < ceiling * (1 + MARGIN):
            by_peak, by_ceiling = 2 * ceiling / (p * p), -2 / p
        else:
            by_peak, by_ceiling = ceiling * (1 - MARGIN) / (p * p), -(1 - MARGIN) / p
        into_ceiling += grad[n] * by_ceiling
        into_reading = grad[n] * by_peak * (1.0 if value > 0 else -1.0)
        if row < 0:
            grad_x[channel, n + half - 1] += into_reading
        else:
            for j in range(first[row], last[row]):
                grad_x[channel, n + j] += into_reading * taps[row, j]
    return into_ceiling


def limit(look: Lookahead, x: Audio) -> tuple[Audio, Trace]:
    """A whole signal ``[channels, time]`` through a fresh limiter, output aligned with input."""
    y, trace = look.push(np.pad(x, ((0, 0), (0, look.latency))))
    return y[:, look.latency :], trace


def limit_adjoint(look: Lookahead, x: Audio, trace: Trace, grad_y: Audio) -> tuple[Audio, float, float]:
    """Gradients of audio, ceiling and release coefficient, given that of the output of ``limit(look, x)``."""
    into_reduction = np.pad(-(grad_y.astype(np.float64) * x).sum(axis=0), (look.latency, 0))
    grad_x = grad_y * (1 - trace.reduction[look.latency :])
    if not trace.wanted.any():
        return grad_x.astype(x.dtype), 0.0, 0.0
    into = np.convolve(into_reduction, look.window)[len(look.window) - 1 :]  # the window is symmetric
    held = _hold(np.pad(trace.wanted, (look.hold - 1, 0)), look.hold)
    into_release = _release_adjoint(held, trace.released, look.release, into)
    into_wanted = _hold_adjoint(trace.wanted, held, into, look.hold)
    before = 2 * LIMITING.half - 1
    padded = np.pad(x, ((0, 0), (before, look.latency)))
    into_audio = np.zeros(padded.shape)
    i = LIMITING
    into_ceiling = _scan_adjoint(padded, look.taps, i.first, i.last, i.narrow, look.ceiling, into_wanted, into_audio)
    grad_x += into_audio[:, before : before + x.shape[1]]
    return grad_x.astype(x.dtype), into_ceiling, into_release
