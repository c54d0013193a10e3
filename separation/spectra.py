"""The spectra that the masks of the default separator are made on: 4096 samples every 1024, as Spleeter was trained."""

from __future__ import annotations

import torch
from torch import Tensor

SAMPLE_RATE = 44_100
WINDOW = 4096
HOP = 1024
BINS = WINDOW // 2 + 1


def stft(audio: Tensor) -> Tensor:
    """Complex spectra; frame n is centred on sample 1024 n, and outside the signal there is silence.

    Shape:
        audio: ``[..., time]``; returned: ``[..., 2049, frames]``
    """
    flat = audio.reshape(-1, audio.shape[-1])
    window = torch.hann_window(WINDOW, device=audio.device)
    spectra = torch.stft(flat, WINDOW, HOP, window=window, center=True, pad_mode="constant", return_complex=True)
    return spectra.reshape(*audio.shape[:-1], *spectra.shape[-2:])


def istft(spectra: Tensor, samples: int) -> Tensor:
    """The signal of these spectra; exactly what ``stft`` was given, if they were not changed.

    Shape:
        spectra: ``[..., 2049, frames]``; returned: ``[..., samples]``
    """
    flat = spectra.reshape(-1, *spectra.shape[-2:])
    window = torch.hann_window(WINDOW, device=spectra.device)
    audio = torch.istft(flat, WINDOW, HOP, window=window, center=True, length=samples)
    return audio.reshape(*spectra.shape[:-2], samples)
