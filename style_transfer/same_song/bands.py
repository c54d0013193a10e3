"""Least squares in bands: what each track became in the mix, from complex spectra on both sides.

For each band and each side of the mix the complex gains of all lanes (channels of tracks) that bring their sum
nearest to the mix. What the mix has of anything else - reverb, distortion, other tracks - does not correlate and
stays out. All that is kept of an excerpt are its products, so that memory does not grow with the song and any subset of
excerpts can be solved without hearing them again.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from mixer.arrays import F64
from style_transfer.same_song.excerpts import Excerpt

BANDS = 32
LOWEST_HZ, HIGHEST_HZ = 30.0, 18000.0
RIDGE = 1e-3
"""Added to the normalised products: keeps what cannot be told apart from growing without bound."""
INDEPENDENT = 0.6
"""Of the values of half-overlapping Hann windows, neighbouring bins and frames repeat about the rest."""
C128 = npt.NDArray[np.complex128]


@lru_cache(maxsize=4)
def band_edges(sample_rate: int) -> tuple[int, tuple[tuple[int, int], ...], F64]:
    """Size of the transform (about 93 ms), the bins ``(first, stop)`` of each band, and the bands' centres in Hz."""
    size = 4096 * max(1, round(sample_rate / 44100))
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1)
    bins = [
        (round(low * size / sample_rate), round(high * size / sample_rate)) for low, high in itertools.pairwise(edges)
    ]
    return size, tuple((first, max(stop, first + 1)) for first, stop in bins), np.sqrt(edges[:-1] * edges[1:])


@dataclass(frozen=True, slots=True)
class Products:
    """Of one or more excerpts: lanes with lanes, lanes with the mix, the mix with itself."""

    gram: C128
    """``[bands, lanes, lanes]``"""
    cross: C128
    """``[bands, lanes, 2]``"""
    energy: F64
    """``[bands, 2]``"""
    points: F64
    """How many independent values each band holds, ``[bands]``."""

    def __add__(self, other: Products) -> Products:
        return Products(
            self.gram + other.gram, self.cross + other.cross, self.energy + other.energy, self.points + other.points
        )

    def __sub__(self, other: Products) -> Products:
        return self + Products(-other.gram, -other.cross, -other.energy, -other.points)

    def solve(self) -> C128:
        """The complex gains ``[bands, lanes, 2]``."""
        lanes = self.gram.shape[1]
        power = np.sqrt(np.einsum("bkk->bk", self.gram).real + 1e-12 * max(float(self.energy.max()), 1e-30))
        even = self.gram / (power[:, :, None] * power[:, None, :]) + RIDGE * np.eye(lanes)
        solved: C128 = np.linalg.solve(even, self.cross / power[:, :, None]) / power[:, :, None]
        return solved

    def explained(self, gains: C128) -> tuple[C128, F64]:
        """Of the sum that these gains make: its product with the mix, and its energy; ``[bands, 2]`` both."""
        product = np.einsum("bkc,bkc->bc", gains.conj(), self.cross)
        energy = np.einsum("bkc,bkl,blc->bc", gains.conj(), self.gram, gains).real
        return product, energy


def products(excerpt: Excerpt, sample_rate: int) -> Products:
    """The products of one excerpt's tracks as recorded."""
    return products_of(excerpt.lanes, excerpt.mix, sample_rate)


def products_of(lanes: Tensor, mix: Tensor, sample_rate: int) -> Products:
    """The products of ``[lanes, time]`` and ``[2, time]``, from half-overlapping windows."""
    size, edges, _ = band_edges(sample_rate)
    both = torch.cat([lanes, mix])
    if both.shape[1] < size:
        both = torch.nn.functional.pad(both, (0, size - both.shape[1]))
    window = torch.hann_window(size)
    spectra = torch.stft(both, size, size // 2, window=window, center=False, return_complex=True)
    count = len(lanes)
    full = np.empty((BANDS, count + 2, count + 2), np.complex128)
    for band, (first, stop) in enumerate(edges):
        rows = spectra[:, first:stop].reshape(count + 2, -1)
        full[band] = (rows.conj() @ rows.T).numpy()
    points = np.array([(stop - first) * spectra.shape[2] * INDEPENDENT for first, stop in edges])
    energy = np.einsum("bcc->bc", full[:, count:, count:]).real
    return Products(full[:, :count, :count], full[:, :count, count:], energy, points)


def total(parts: Sequence[Products]) -> Products:
    """The products of several excerpts together."""
    result = parts[0]
    for part in parts[1:]:
        result = result + part
    return result
