"""What CLAP hears: log-mel spectrograms equal to its own feature extractor's, but differentiable.

The extractor of transformers (``ClapFeatureExtractor``) works on numpy arrays, and no gradient comes through it. A test
holds this one to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

_FLOOR = 1e-10
_EDGE_S = 0.02
"""Mirrored before and behind a clip, so that resampling by FFT does not wrap the end into the beginning."""


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """From mono sound to what the model takes.

    Attributes:
        filters: ``[bins, mels]``, power to mel.
        window: samples of a frame; ``hop`` between frames; ``longest`` of a clip, all at ``sample_rate``.
        fused: whether the model looks at four views of a clip; short clips show it the same one four times.
    """

    filters: Tensor
    sample_rate: int
    window: int
    hop: int
    longest: int
    fused: bool

    def __call__(self, clips: Tensor, start: int = 0) -> Tensor:
        """``[clips, time]`` at the model's sample rate -> ``[clips, views, frames, mels]`` in dB.

        Shorter clips are repeated as often as they fit whole, and padded with silence ("repeatpad"); of longer ones
        the ten seconds from ``start`` are heard ("rand_trunc", with the place chosen by the caller).
        """
        mel = self.log_mel(self.fitted(clips, start))[:, None]
        return mel.expand(-1, 4, -1, -1) if self.fused else mel

    def fitted(self, clips: Tensor, start: int = 0) -> Tensor:
        """Clips of the length that the model hears, ``[clips, time] -> [clips, longest]``."""
        time = clips.shape[-1]
        if time > self.longest:
            return clips[:, start : start + self.longest]
        whole = clips.repeat(1, self.longest // time)
        return torch.nn.functional.pad(whole, (0, self.longest - whole.shape[-1]))

    def log_mel(self, clips: Tensor) -> Tensor:
        """``[clips, time] -> [clips, frames, mels]`` in dB, nothing below -100 dB."""
        spectra = torch.stft(
            clips.double(),
            self.window,
            self.hop,
            window=torch.hann_window(self.window, dtype=torch.float64),
            pad_mode="reflect",
            return_complex=True,
        )  # [clips, bins, frames]
        power = spectra.real.square() + spectra.imag.square()
        mel = power.transpose(1, 2) @ self.filters
        return (10 * torch.log10(mel.clamp_min(_FLOOR))).float()


def resampled(clips: Tensor, from_rate: int, to_rate: int) -> Tensor:
    """``[clips, time]`` at another sample rate, differentiable: the spectrum is cut off, or continued with nothing."""
    if from_rate == to_rate:
        return clips
    common = math.gcd(from_rate, to_rate)
    down, up = from_rate // common, to_rate // common
    time = clips.shape[-1]
    edge = min(math.ceil(_EDGE_S * from_rate / down), (time - 1) // (2 * down)) * down
    behind = edge + -time % down
    padded = torch.nn.functional.pad(clips[:, None], (edge, min(behind, time - 1)), mode="reflect")[:, 0]
    padded = torch.nn.functional.pad(padded, (0, -padded.shape[-1] % down))
    length = padded.shape[-1] // down * up
    spectrum = torch.fft.rfft(padded)
    bins = length // 2 + 1
    kept = spectrum[:, :bins]
    kept = torch.nn.functional.pad(kept, (0, bins - kept.shape[-1]))
    start = edge // down * up
    longer: Tensor = torch.fft.irfft(kept, length)
    return longer[:, start : start + math.ceil(time * up / down)] * (up / down)
