"""Multichannel Wiener filtering: estimates of magnitudes become stems that share the mixture, in phase and in space.

Duong, Vincent, Gribonval, "Under-determined reverberant audio source separation using a full-rank spatial covariance
model", IEEE TASLP 18(7), 2010; one step of expectation-maximisation as Open-Unmix does by default.
"""

from __future__ import annotations

import torch
from torch import Tensor

WINDOW_FRAMES = 300
"""Frames over which a stem's place in the stereo image is taken as constant (7 s)."""
_EPSILON = 1e-10
_LOUDEST = 10.0


def multichannel_wiener(magnitudes: Tensor, mixture: Tensor) -> Tensor:
    """The stems' complex spectra.

    Shape:
        magnitudes: ``[stems, channels, bins, frames]``
        mixture: ``[channels, bins, frames]``, complex
        returned: ``[stems, channels, bins, frames]``, complex; nearly adding up to the mixture
    """
    frames = mixture.shape[-1]
    pieces = [
        _one_window(magnitudes[..., at : at + WINDOW_FRAMES], mixture[..., at : at + WINDOW_FRAMES])
        for at in range(0, frames, WINDOW_FRAMES)
    ]
    return torch.cat(pieces, -1)


def _one_window(magnitudes: Tensor, mixture: Tensor) -> Tensor:
    scale = torch.clamp(mixture.abs().max() / _LOUDEST, min=1.0)
    x = mixture / scale
    start = torch.polar(magnitudes / scale, x.angle().expand_as(magnitudes))  # the mixture's phase
    power = start.abs().square().mean(1)  # [stems, bins, frames]
    covariance = torch.einsum("jcft,jdft->jfcd", start, start.conj())
    covariance = covariance / (power.sum(-1)[..., None, None] + _EPSILON)
    channels = x.shape[0]
    total = torch.einsum("jft,jfcd->ftcd", power.to(x.dtype), covariance)
    total = total + _EPSILON**0.5 * torch.eye(channels, dtype=x.dtype, device=x.device)
    whitened = torch.linalg.solve(total, x.permute(1, 2, 0)[..., None])[..., 0]  # [bins, frames, channels]
    stems = torch.einsum("jft,jfcd,ftd->jcft", power.to(x.dtype), covariance, whitened)
    return stems * scale
