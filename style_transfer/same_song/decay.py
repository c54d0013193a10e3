"""How powers over time fade in a room: the reverb's response, seen band by band and frame by frame."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from mixer.processor import find
from mixer.processors.reverb import impulse_response
from style_transfer.features import EDGES_HZ


@lru_cache(maxsize=4)
def _analysis(sample_rate: int) -> tuple[Tensor, Tensor]:
    """Window ``[n]`` of about 93 ms, and the matrix ``[bands, n / 2 + 1]`` that adds bins up to Bark bands."""
    size = 4096 * max(1, round(sample_rate / 44100))
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    member = np.array([(hz >= low) & (hz < high) for low, high in pairwise(EDGES_HZ)])
    return torch.hann_window(size), torch.from_numpy(member).float()


def frames_in(seconds: float, sample_rate: int) -> int:
    """How many hops of the analysis these are."""
    return round(seconds * sample_rate / (_analysis(sample_rate)[0].shape[0] // 2))


def powers(x: Tensor, sample_rate: int) -> Tensor:
    """Band powers over time, half-overlapping: ``[signals, time] -> [signals, bands, frames]``."""
    window, member = _analysis(sample_rate)
    size = window.shape[0]
    spectrum = torch.stft(x, size, size // 2, window=window, return_complex=True)
    return torch.einsum("bf,sft->sbt", member, spectrum.real.square() + spectrum.imag.square())


def decay_kernel(sample_rate: int, room: dict[str, float]) -> Tensor:
    """How much of a sound's power in each band is still in the reverb frames later: ``[bands, frames]``.

    Args:
        room: the knobs of the reverb.
    """
    knobs = torch.tensor([room[param.name] for param in find("reverb").params], dtype=torch.float64)
    window, member = _analysis(sample_rate)
    power = powers(impulse_response(sample_rate, knobs), sample_rate).mean(0) / member.sum(1, keepdim=True)
    return power * (window.shape[0] // 2 / window.square().sum())  # each sample of the response is in two windows


def smeared(tracks: Tensor, kernel: Tensor) -> Tensor:
    """Powers convolved over time, each band by its own row: ``[tracks, bands, frames]``, ``[bands, frames]``."""
    frames = tracks.shape[2]
    reach = min(kernel.shape[1], frames)
    padded = torch.nn.functional.pad(tracks, (reach - 1, 0))
    weights = kernel[:, :reach].flip(1)[:, None]  # [bands, 1, reach]
    return torch.nn.functional.conv1d(padded, weights, groups=tracks.shape[1])
