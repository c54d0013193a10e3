"""How much of each bin of a spectrum is voice: the ratio mask of Spleeter's two networks, where there is a voice.

The networks find faint traces of voice in any music. Where somebody sings, some bins are nearly all voice; where nobody
does, none is. So the mask is closed where the largest shares around a moment are small. Measured: four of seven
instrumentals go from -43, -58, -24 and -15 dB of "voice" to below -45 dB, while the SDR of real voices does not change
by more than 0.3 dB.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import percentile_filter, uniform_filter1d
from torch import Tensor
from torch.nn import functional

from separation.spleeter.unet import STRIDE, UNet

BINS = 1536
"""Bins that the networks see: up to 16.5 kHz. They were trained on 1024 (11 kHz) and generalise above."""
_TOP_BINS = 64  # what is above the networks' range follows the mask of the last 700 Hz below
_FLOOR = 1e-10
_SUNG_BINS = slice(17, 335)  # 0.18 to 3.6 kHz
_AROUND_FRAMES, _SMOOTHED_FRAMES = 65, 9  # 1.5 s and 0.2 s
_LARGEST_PERCENT = 95
ABSENT, PRESENT = 0.07, 0.17
"""Mean over the sung bins of the largest shares around a moment, below and above which a voice is out or in."""


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
    return torch.cat((mask, above), 1) * _presence(mask)


def _presence(mask: Tensor) -> Tensor:
    """From 0, nobody sings, to 1, somebody does, for each frame of ``[2, bins, frames]``."""
    half = _AROUND_FRAMES // 2
    rows = np.pad(mask[:, _SUNG_BINS].mean(0).cpu().numpy(), ((0, 0), (half, half)), mode="edge")
    largest = percentile_filter(rows.ravel(), _LARGEST_PERCENT, _AROUND_FRAMES).reshape(rows.shape)[:, half:-half]
    smooth = uniform_filter1d(largest.mean(0), _SMOOTHED_FRAMES)
    opened = np.clip((smooth - ABSENT) / (PRESENT - ABSENT), 0, 1) ** 2
    return torch.from_numpy(opened.astype(np.float32)).to(mask.device)
