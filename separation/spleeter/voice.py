"""How much of each bin of a spectrum is voice: the ratio mask of Spleeter's two networks."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from separation.spleeter.unet import STRIDE, UNet

BINS = 1536
"""Bins that the networks see: up to 16.5 kHz. They were trained on 1024 (11 kHz) and generalise above."""
_TOP_BINS = 64  # what is above the networks' range follows the mask of the last 700 Hz below
_FLOOR = 1e-10


def voice_mask(networks: tuple[UNet, UNet], spectra: Tensor) -> Tensor:
    """The share of the voice, as a Wiener-like ratio v^2 / (v^2 + a^2) of the two networks' masks.

    Shape:
        spectra: ``[2, 2049, frames]``, complex; returned: ``[2, 2049, frames]``, 0 to 1
    """
    bins, frames = spectra.shape[-2:]
    magnitudes = functional.pad(spectra[:, :BINS].abs(), (0, -frames % STRIDE))
    batch = magnitudes.transpose(1, 2)[None].contiguous()  # [1, 2, frames, bins]
    voice, rest = (network(batch)[0, :, :frames].square() for network in networks)
    mask = ((voice + _FLOOR / 2) / (voice + rest + _FLOOR)).transpose(1, 2)  # [2, bins, frames]
    above = mask[:, -_TOP_BINS:].mean(1, keepdim=True).expand(-1, bins - BINS, -1)
    return torch.cat((mask, above), 1)
