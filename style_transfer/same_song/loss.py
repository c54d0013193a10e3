"""How far a mix is from the reference where both are the same performance: the complex error, band by band.

The energy of (mix - reference) over that of the reference, in bands of the Bark scale, as a logarithm: each band counts
however loud it is, and phase counts, so that no track can take the place of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from style_transfer.features import EDGES_HZ

FLOOR = 1e-3
"""Of the band's energy: errors under -30 dB are not chased."""
EMPTY = 1e-6
"""Of the loudest band's energy: what lies under counts as equally empty."""
WEIGHT_POWER = 0.25


@lru_cache(maxsize=4)
def _analysis(sample_rate: int) -> tuple[Tensor, Tensor]:
    """Window ``[n]`` of about 46 ms, and the matrix ``[bands, n / 2 + 1]`` that adds bins up to bands."""
    size = 2048 * max(1, round(sample_rate / 44100))
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    edges = (0, *EDGES_HZ[1:])
    member = np.array([(hz >= low) & (hz < high) for low, high in pairwise(edges)])
    return torch.hann_window(size), torch.from_numpy(member).float()


def _spectrum(x: Tensor, sample_rate: int) -> Tensor:
    window, _ = _analysis(sample_rate)
    size = window.shape[0]
    return torch.stft(x, size, size // 4, window=window, return_complex=True)


@dataclass(frozen=True, slots=True)
class Goal:
    """The reference's part of the loss, computed once."""

    spectrum: Tensor
    energy: Tensor
    """``[2, bands]``"""
    weights: Tensor

    @classmethod
    def of(cls, mix: Tensor, sample_rate: int) -> Goal:
        """Of the reference ``[2, time]``."""
        spectrum = _spectrum(mix, sample_rate)
        energy = _bands(spectrum, sample_rate)
        weights = (energy / (energy.max() + 1e-20)) ** WEIGHT_POWER
        return cls(spectrum, energy, weights / (weights.sum() + 1e-20))


def _bands(spectrum: Tensor, sample_rate: int) -> Tensor:
    power = (spectrum.real.square() + spectrum.imag.square()).sum(-1)  # [2, bins]
    return power @ _analysis(sample_rate)[1].T


def complex_error(mix: Tensor, goal: Goal, sample_rate: int) -> Tensor:
    """Mean over bands of log10 of the relative error, of ``[2, time]``; 0 for silence, -3 at best."""
    error = _bands(_spectrum(mix, sample_rate) - goal.spectrum, sample_rate)
    empty = EMPTY * goal.energy.max() + 1e-20
    return (goal.weights * torch.log10((error + FLOOR * goal.energy + empty) / (goal.energy + empty))).sum()
