"""How much of each bin of a spectrum is voice: the ratio mask of Spleeter's two networks, where there is a voice.

The networks find faint traces of voice in any music. Where somebody sings, some bins are nearly all voice; where nobody
does, none is. So the mask is closed where the largest shares around a moment are small. Measured: four of seven
instrumentals go from -43, -58, -24 and -15 dB of "voice" to below -45 dB, while the SDR of real voices does not change
by more than 0.3 dB.

What sounds like a voice for longer (a lead guitar, an organ) is told from one by consonants: who sings has an s or a t
every few seconds, far above the vowels. Where the networks are not sure, the mixture has treble, and for seconds no
consonant is in what they take for a voice, it is none. Measured: lead guitars go from -9 and -18 dB to -31 and -120 dB;
the voices of three real songs, also 6 and 12 dB quieter, stay as they are to the last bit.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import percentile_filter, uniform_filter1d
from torch import Tensor
from torch.nn import functional

from mixer.arrays import F32
from separation.spleeter.unet import STRIDE, UNet

BINS = 1536
"""Bins that the networks see: up to 16.5 kHz. They were trained on 1024 (11 kHz) and generalise above."""
_TOP_BINS = 64  # what is above the networks' range follows the mask of the last 700 Hz below
_FLOOR = 1e-10
_SILENCE = 1e-9  # power of a bin at -114 dB under a tone of full scale, in a song at the level that the networks know
_SUNG_BINS = slice(17, 335)  # 0.18 to 3.6 kHz
_AROUND_FRAMES, _SMOOTHED_FRAMES = 65, 9  # 1.5 s and 0.2 s
_LARGEST_PERCENT = 95
ABSENT, PRESENT = 0.07, 0.17
"""Mean over the sung bins of the largest shares around a moment, below and above which a voice is out or in."""
SURE = (0.45, 0.55)
"""The same mean, from which on and from where fully consonants do not matter: choirs have few."""
_SIBILANT_BINS = slice(557, 1200)  # 6 to 12.9 kHz
_SOON_FRAMES = 603  # 14 s: 7 s on both sides, which the overlap of segments covers
_CONSONANT_PERCENT, _VOWEL_PERCENT = 97, 80
CONSONANT_DB = (-60.0, -55.0)
"""Rare highest power of the sibilants against frequent power of the vowels, below and above which there is no and some
consonant. Real voices have -46 to -5 dB, quiet ones in dense mixtures and dull ones down to -53 dB."""
TREBLE_DB = (-35.0, -30.0)
"""The same of the mixture, below and above which a consonant could not and could be heard: old or narrow recordings."""


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
    return torch.cat((mask, above), 1) * _presence(mask, magnitudes[..., :frames])


def _presence(mask: Tensor, magnitudes: Tensor) -> Tensor:
    """From 0, nobody sings, to 1, somebody does, for each frame of ``[2, bins, frames]``."""
    largest = _largest_shares(mask)
    opened = _ramp(largest, ABSENT, PRESENT) ** 2
    power = magnitudes.mean(0).square()
    found = _treble_db(power * mask.mean(0).square())
    doubt = (1 - _ramp(found, *CONSONANT_DB)) * (1 - _ramp(largest, *SURE)) * _ramp(_treble_db(power), *TREBLE_DB)
    opened *= 1 - uniform_filter1d(doubt, _SMOOTHED_FRAMES)  # exactly 1 where there is no doubt
    return torch.from_numpy(opened.astype(np.float32)).to(mask.device)


def _ramp(x: F32, low: float, high: float) -> F32:
    rising: F32 = np.clip((x - low) / (high - low), 0, 1)
    return rising


def _treble_db(power: Tensor) -> F32:
    """Of ``[bins, frames]``, for each frame: how far sibilants rise above vowels within some seconds around."""
    rare, often = (
        percentile_filter(power[bins].sum(0).cpu().numpy(), percent, _SOON_FRAMES, mode="nearest")
        for bins, percent in ((_SIBILANT_BINS, _CONSONANT_PERCENT), (_SUNG_BINS, _VOWEL_PERCENT))
    )
    decibels: F32 = 10 * np.log10((rare + _SILENCE) / (often + _SILENCE))
    return decibels


def _largest_shares(mask: Tensor) -> F32:
    """The largest shares of the voice around each frame, mean over the sung bins."""
    half = _AROUND_FRAMES // 2
    rows = np.pad(mask[:, _SUNG_BINS].mean(0).cpu().numpy(), ((0, 0), (half, half)), mode="edge")
    largest = percentile_filter(rows.ravel(), _LARGEST_PERCENT, _AROUND_FRAMES).reshape(rows.shape)[:, half:-half]
    smooth: F32 = uniform_filter1d(largest.mean(0), _SMOOTHED_FRAMES)
    return smooth
