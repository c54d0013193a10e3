"""The energy of K-weighted audio (ITU-R BS.1770-4) in a stream, kept so that every gating window is a short sum."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numba import njit

from mixer.arrays import F32, F64, I64
from mixer.errors import AudioError

MOMENTARY_S = 0.4
HOP = 0.25  # of a momentary window: 100 ms
RANGE_WINDOW_S = 3.0
RANGE_HOP = 1 - 0.97  # of a range window: 90 ms, pyloudnorm's; EBU Tech 3342 asks for at most 100 ms


@lru_cache(maxsize=8)
def weighting(sample_rate: int) -> F64:
    """K-weighting as two biquads ``[2, (b0, b1, b2, a1, a2)]``."""
    from pyloudnorm import Meter  # loads scipy.signal, which takes most of a second

    filters = Meter(sample_rate)._filters.values()
    return np.array([[*(stage.passband_gain * stage.b), *stage.a[1:]] for stage in filters])


@njit(cache=True, nogil=True)
def _accumulate(x, weighting, state, ends, energies, carry) -> float:  # type: ignore[no-untyped-def]
    """K-weight ``[channels, time]``, store the energy of each stretch that ends in this block; return the peak."""
    a, b = weighting[0], weighting[1]
    peak = 0.0
    for c in range(x.shape[0]):
        z0, z1, z2, z3 = state[c, 0], state[c, 1], state[c, 2], state[c, 3]
        energy = carry[c]
        begin = 0
        for k in range(len(ends) + 1):
            end = ends[k] if k < len(ends) else x.shape[1]
            for i in range(begin, end):
                v = np.float64(x[c, i])
                u = a[0] * v + z0
                z0 = (a[1] * v + z1) - a[3] * u
                z1 = a[2] * v - a[4] * u
                w = b[0] * u + z2
                z2 = (b[1] * u + z3) - b[3] * w
                z3 = b[2] * u - b[4] * w
                energy += w * w
                peak = max(peak, abs(v))
            begin = end
            if k < len(ends):
                energies[k, c] = energy
                energy = 0.0
                if abs(z0) + abs(z1) + abs(z2) + abs(z3) < 1e-30:  # denormals are slow
                    z0 = z1 = z2 = z3 = 0.0
        state[c, 0], state[c, 1], state[c, 2], state[c, 3] = z0, z1, z2, z3
        carry[c] = energy
    return peak


def _window_edges(count: int, window_s: float, hop: float, sample_rate: int) -> tuple[I64, I64]:
    """First and past-the-last sample of ``count`` windows, rounded down as pyloudnorm rounds them."""
    j = np.arange(count)
    return (
        (window_s * (j * hop) * sample_rate).astype(np.int64),
        (window_s * (j * hop + 1) * sample_rate).astype(np.int64),
    )


def _grid(samples: int, sample_rate: int) -> I64:
    """Every sample at which some window begins or ends, from 0 to beyond ``samples``."""
    edges = [np.zeros(1, np.int64)]
    for window_s, hop in ((MOMENTARY_S, HOP), (RANGE_WINDOW_S, RANGE_HOP)):
        count = math.ceil(samples / (window_s * hop * sample_rate)) + 2
        edges += _window_edges(count, window_s, hop, sample_rate)
    grid = np.unique(np.concatenate(edges))
    # beyond the shorter of the two hops' last edges, edges would be missing
    return grid[: np.searchsorted(grid, samples, side="right") + 1]


class WeightedEnergy:
    """K-weighted energy between the edges of all windows, so that any window is a sum of few numbers."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.sample_rate = sample_rate
        self.samples = 0
        self.sample_peak = 0.0
        self._state = np.zeros((channels, 4))
        self._carry = np.zeros(channels)
        self._done: list[F64] = []
        self._edges = _grid(sample_rate * 60, sample_rate)

    def push(self, block: F32) -> None:
        stop = self.samples + block.shape[1]
        if stop >= self._edges[-1]:
            self._edges = _grid(2 * stop, self.sample_rate)
        inner = self._edges[slice(*np.searchsorted(self._edges, [self.samples, stop], side="right"))]
        energies = np.empty((len(inner), block.shape[0]))
        sections = weighting(self.sample_rate)
        peak = _accumulate(block, sections, self._state, inner - self.samples, energies, self._carry)
        if not np.isfinite(self._carry).all():
            raise AudioError("loudness of NaN or infinite samples cannot be measured: repair the audio first")
        self.sample_peak = max(self.sample_peak, float(peak))
        self._done.append(energies.sum(axis=1))
        self.samples = stop

    def followed_by_silence(self, samples: int) -> WeightedEnergy:
        """What it would be after so many zeros more."""
        later = WeightedEnergy(self.sample_rate, len(self._carry))
        later.samples, later._edges, later._done = self.samples, self._edges, list(self._done)
        later._state, later._carry = self._state.copy(), self._carry.copy()
        later.push(np.zeros((len(self._carry), samples), np.float32))
        return later

    def total(self) -> float:
        return float(sum(part.sum() for part in self._done) + self._carry.sum())

    def between(self, starts: I64, stops: I64) -> F64:
        """Energy of each stretch from an edge to an edge; beyond the end there is silence."""
        parts = np.concatenate([*self._done, [self._carry.sum(), 0.0]])
        edges = self._edges[: len(parts)]
        pairs = np.stack([np.searchsorted(edges, starts), np.searchsorted(edges, stops)], axis=1)
        return np.add.reduceat(parts, np.minimum(pairs, len(parts) - 1).ravel())[::2]

    def windows(self, window_s: float, hop: float) -> F64:
        """Mean square of pyloudnorm's windows: the last may be short of half a hop of signal."""
        excess = (self.samples / self.sample_rate - window_s) / (window_s * hop)
        count = int(np.round(excess) + 1)
        energy = self.between(*_window_edges(count, window_s, hop, self.sample_rate))
        return energy / (window_s * self.sample_rate)

    def whole_windows(self, hops: int) -> F64:
        """Mean square of the windows of so many 100 ms that lie inside; of all there is where none does."""
        count = math.floor(self.samples / self.sample_rate / (MOMENTARY_S * HOP) + 1e-9) + 1
        edges, _ = _window_edges(count, MOMENTARY_S, HOP, self.sample_rate)
        if count <= hops:
            return np.full(min(self.samples, 1), self.total() / max(self.samples, 1))
        return self.between(edges[:-hops], edges[hops:]) / (edges[hops:] - edges[:-hops])
