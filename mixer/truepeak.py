"""Where a waveform peaks between its samples: the oversampling detector that the meter and the limiter share.

Interpolators that are all correct below 20 kHz still disagree on what lies right under half the sample rate, and
with it on the peaks of bright, clipped or noisy material, by up to half a decibel. The meter reads the narrow
interpolator, which agrees with the usual true-peak meters; the limiter keeps its output under the ceiling for
narrow and wide ones alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from mixer.arrays import F32, F64, I64

OVERSAMPLING = 8
"""Twice what ITU-R BS.1770-4 Annex 2 asks for: the grid misses at most 0.17 dB of a tone at half the sample rate."""

_TILE = 128
_PIECE = 4096  # the peak so far spares most of the next piece the work


@dataclass(frozen=True, slots=True)
class Interpolator:
    """Polyphase rows of one or more windowed-sinc interpolators, centred in a common span of taps.

    Row ``r`` reads ``sum_j taps[r, j] * x[n + j - half + 1]`` for ``j`` in ``first[r]..last[r] - 1``: the waveform at
    a time in ``[n, n + 1)``. The first ``narrow`` rows are read always, the others only near the ceiling.
    """

    taps: F64
    first: I64
    last: I64
    narrow: int

    @property
    def half(self) -> int:
        """Samples that a reading needs after its own; one fewer are needed before it."""
        return len(self.taps[0]) // 2

    @property
    def bound(self) -> float:
        """The most by which a narrow row can exceed the samples that it reads, rounding included."""
        return float(np.abs(self.taps[: self.narrow]).sum(axis=1).max()) * (1 + 1e-6)


def interpolator(*designs: tuple[int, float, float]) -> Interpolator:
    """Interpolators of ``(length, beta, cutoff)``; the first is the narrow one.

    Args:
        designs: the length in samples (a multiple of 4), the Kaiser window's beta, and the cutoff (-6 dB) as a
            fraction of half the sample rate.
    """
    span = max(length for length, _, _ in designs)
    rows, first, last = [], [], []
    for length, beta, cutoff in designs:
        offsets = np.arange(length) - length // 2 + 1
        # at cutoff 1 the row at phase 0 is the sample itself, which is read anyway
        for phase in range(1 if cutoff == 1 else 0, OVERSAMPLING):
            distance = phase / OVERSAMPLING - offsets
            inside = np.maximum(0.0, 1 - (2 * distance / length) ** 2)
            row = np.zeros(span)
            start = (span - length) // 2
            row[start : start + length] = (
                cutoff * np.sinc(cutoff * distance) * np.i0(beta * np.sqrt(inside)) / np.i0(beta)
            )
            rows.append(row)
            first.append(start)
            last.append(start + length)
    narrow = sum(start == first[0] and stop == last[0] for start, stop in zip(first, last, strict=True))
    return Interpolator(np.stack(rows), np.array(first), np.array(last), narrow)


METERING = interpolator((20, 5.0, 1.0))
"""What the meter reads: flat within 0.2 dB to 0.4 of the sample rate."""

LIMITING = interpolator((20, 5.0, 1.0), (64, 5.0, 1.0), (96, 6.0, 0.955), (192, 5.0, 1.0))
"""What the limiter keeps under the ceiling: the usual meters', and those that reach or stop just short of the end."""


@njit(cache=True, nogil=True)
def correlate(x, taps, first, last, acc) -> None:  # type: ignore[no-untyped-def]
    """``acc[i] = sum_j taps[j] * x[i + j]``; on slices, which the compiler can vectorise, and four taps at a time."""
    count = acc.shape[0]
    acc[:] = 0
    for j in range(first, last, 4):
        h0, h1, h2, h3 = taps[j], taps[j + 1], taps[j + 2], taps[j + 3]
        x0, x1, x2, x3 = x[j : j + count], x[j + 1 : j + 1 + count], x[j + 2 : j + 2 + count], x[j + 3 : j + 3 + count]
        for i in range(count):
            acc[i] += (h0 * x0[i] + h1 * x1[i]) + (h2 * x2[i] + h3 * x3[i])


@njit(cache=True, nogil=True)
def _read(x, start, taps, first, last, acc, out) -> None:  # type: ignore[no-untyped-def]
    """Raise ``out[i]`` to the largest absolute reading of any row in any channel."""
    for r in range(taps.shape[0]):
        for c in range(x.shape[0]):
            correlate(x[c][start:], taps[r], first[r], last[r], acc)
            for i in range(acc.shape[0]):
                out[i] = max(out[i], abs(acc[i]))


@njit(cache=True, nogil=True)
def scan(x, taps, first, last, narrow, bound, floor, near, out) -> None:  # type: ignore[no-untyped-def]
    """Largest absolute value of any channel in ``[n, n + 1)``, for each n, as far as it can matter.

    Args:
        x: ``[channels, count + span - 1]``, float32 or float64; sample n of the output lies at ``n + half - 1``.
        taps, first, last, narrow, bound: an ``Interpolator``'s, taps in the type of x.
        floor: where nothing can exceed ``near * floor``, the samples' own peak is given.
        near: wide rows are read only where the narrow ones read more than ``near * floor``.
        out: ``[count]``, overwritten; it does not depend on how a stream is cut.
    """
    half = taps.shape[1] // 2
    reach = (last[0] - first[0]) // 2
    limit = near * floor
    buffer, wide_buffer = np.empty(_TILE, x.dtype), np.empty(_TILE, x.dtype)
    for start in range(0, out.shape[0], _TILE):
        count = min(_TILE, out.shape[0] - start)
        readings, acc, wide = out[start : start + count], buffer[:count], wide_buffer[:count]
        readings[:] = 0
        level = x.dtype.type(0)
        for c in range(x.shape[0]):
            samples = x[c][start + half - 1 :]
            context = x[c][start + half - reach : start + half + reach + count - 1]
            for i in range(count):
                readings[i] = max(readings[i], abs(samples[i]))
            for i in range(context.shape[0]):
                level = max(level, abs(context[i]))
        if level * bound <= limit:
            continue
        _read(x, start, taps[:narrow], first, last, acc, readings)
        if narrow < taps.shape[0] and readings.max() > limit:
            wide[:] = 0
            _read(x, start, taps[narrow:], first[narrow:], last[narrow:], acc, wide)
            for i in range(count):
                if readings[i] > limit:
                    readings[i] = max(readings[i], wide[i])


class TruePeakMeter:
    """The largest true peak of a stream (ITU-R BS.1770-4 Annex 2), fed with blocks of any size.

    Error below 0.1 dB up to 0.4 of the sample rate. What lies above, no two meters read alike.
    """

    def __init__(self, channels: int) -> None:
        self._taps = METERING.taps.astype(np.float32)
        self._history = np.zeros((channels, 2 * METERING.half - 1), np.float32)
        self._peak = 0.0

    def push(self, block: F32) -> None:
        """Measure the next ``[channels, time]``."""
        for start in range(0, block.shape[1], _PIECE):
            x = np.concatenate([self._history, block[:, start : start + _PIECE]], axis=1)
            self._history = x[:, x.shape[1] - self._history.shape[1] :].copy()
            self._peak = self._highest(x)

    @property
    def peak(self) -> float:
        """The largest true peak so far, linear; the stream is taken to end here, in silence."""
        return self._highest(np.pad(self._history, ((0, 0), (0, METERING.half))))

    def _highest(self, x: F32) -> float:
        out = np.empty(x.shape[1] - self._history.shape[1], np.float32)
        m = METERING
        scan(x, self._taps, m.first, m.last, m.narrow, m.bound, self._peak, 1.0, out)
        return max(self._peak, float(out.max(initial=0.0)))
