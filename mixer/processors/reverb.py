"""Reverb: convolution with a synthesised stereo impulse response.

Noise shaped in twelve octave-wide bands, each with its own decay, is the idea of dasp-pytorch's
noise_shaped_reverberation (after C. Steinmetz, V. Ithapu, P. Calamia, "Filtered noise shaping for time domain room
impulse response estimation from reverberant speech", WASPAA 2021). Here the noise has a fixed seed and is filtered
once, and the bands add up to the noise that they were cut from.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from scipy.fft import irfft, next_fast_len, rfft
from torch import Tensor

from mixer.arrays import F32
from mixer.biquad import BUTTERWORTH_Q, cascade, design
from mixer.param import Param
from mixer.processor import Values, processor

SEED = 20240229
"""Of the noise in every impulse response. Legacy MT19937, whose stream numpy keeps unchanged for good."""
BANDS_HZ = tuple(16.0 * 2**k for k in range(12))
ONSET_S = 0.002
"""Length of the raised-cosine onset, which keeps the response smooth in the pre-delay."""
RING_OUT = 1.2
"""The response ends after this many decay times: at -72 dB."""
DECAY = Param("decay_s", "s", 0.2, 5.0, 1.2, "log", "Time in which the low bands fall by 60 dB.")
PREDELAY = Param("predelay_ms", "ms", 0.0, 200.0, 10.0, "linear", "Silence before the reverb begins.")


def response_frames(sample_rate: int, predelay_ms: float, decay_s: float) -> int:
    """How long the response is, in frames."""
    return math.ceil((predelay_ms / 1000 + RING_OUT * decay_s) * sample_rate)


@lru_cache(maxsize=1)
def noise_bands(sample_rate: int) -> Tensor:
    """Unit-variance stereo noise cut into octaves: ``[bands, 2, longest response]``; the bands sum to the noise."""
    longest = response_frames(sample_rate, PREDELAY.high, DECAY.high)
    size = next_fast_len(longest, real=True)
    spectrum = rfft(np.random.RandomState(SEED).standard_normal((2, size)))
    octave = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / sample_rate), 1.0) / BANDS_HZ[0])
    octave = octave.clip(0, len(BANDS_HZ) - 1)
    bands = np.empty((len(BANDS_HZ), 2, longest), dtype=np.float32)
    for k in range(len(BANDS_HZ)):
        share = np.cos(np.pi / 2 * np.minimum(np.abs(octave - k), 1.0)) ** 2  # neighbours add up to one
        bands[k] = irfft(spectrum * share, size)[:, :longest]
    return torch.from_numpy(bands)


def impulse_response(sample_rate: int, knobs: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """The stereo response ``[2, time]``, one unit of energy a channel, differentiable in ``knobs`` ``[5]`` (in order).

    A band at f Hz decays in ``decay_s * 2 ** (-0.75 * damping * log2(f / 500))`` seconds above 500 Hz and in
    ``decay_s`` below.
    """
    decay_s, damping, predelay_ms, low_cut_hz, width = knobs.unbind()
    start = predelay_ms / 1000
    length = response_frames(sample_rate, float(predelay_ms.detach()), float(decay_s.detach()))
    noise = noise_bands(sample_rate)[:, :, :length].to(dtype)
    time = torch.arange(length, dtype=torch.float64) / sample_rate - start
    onset = 0.5 - 0.5 * torch.cos(math.pi * (time / ONSET_S).clamp(0, 1))
    octaves = torch.tensor([max(0.0, math.log2(hz / 500)) for hz in BANDS_HZ], dtype=torch.float64)
    decays = decay_s * 2 ** (-0.75 * damping * octaves)
    envelopes = onset * torch.exp(-math.log(1000) * time.clamp(min=0) / decays[:, None])  # [bands, time]
    shaped = torch.einsum("bct,bt->ct", noise, envelopes.to(dtype))
    flat = torch.zeros(1, dtype=torch.float64)
    low_cut = design("high_pass", flat, low_cut_hz[None], flat + BUTTERWORTH_Q, sample_rate)
    shaped = cascade(shaped[None], low_cut[:, None])[0]
    shaped = shaped * ((1 + width) / 2).to(dtype) + shaped.flip(0) * ((1 - width) / 2).to(dtype)
    return shaped / (shaped.square().sum(1, keepdim=True) + 1e-12).sqrt()


@processor(
    DECAY,
    Param("damping", "", 0.0, 1.0, 0.5, "linear", "How much faster the treble decays than the bass."),
    PREDELAY,
    Param("low_cut_hz", "Hz", 20.0, 1000.0, 150.0, "log", "Corner of the 12 dB/octave high-pass on the reverb."),
    Param("width", "", 0.0, 1.0, 1.0, "linear", "0 is a mono reverb, 1 has independent sides."),
    aspect="space",
    bus=10,
)
def reverb(
    x: Tensor,
    sample_rate: int,
    *,
    decay_s: Tensor,
    damping: Tensor,
    predelay_ms: Tensor,
    low_cut_hz: Tensor,
    width: Tensor,
) -> Tensor:
    """Fully wet convolution reverb: the sum of both channels excites a stereo response, the same at each run.

    The output has the length of the input; append silence to hear the tail. One FFT spans input and response, so this
    path is for segments, the renderer for songs.
    """
    knobs = torch.stack([decay_s, damping, predelay_ms, low_cut_hz, width], dim=1)  # [tracks, 5]
    wet = []
    for track, values in zip(x, knobs, strict=True):
        response = impulse_response(sample_rate, values, x.dtype)
        size = next_fast_len(x.shape[-1] + response.shape[-1], real=True)
        product = torch.fft.rfft(track.mean(0), size) * torch.fft.rfft(response, size)
        wet.append(torch.fft.irfft(product, size)[:, : x.shape[-1]])
    return torch.stack(wet)


def response_of(sample_rate: int, values: Values) -> F32:
    """The impulse response ``[2, time]`` at these settings, as an array: what a DAW's convolver is given."""
    knobs = torch.tensor([values[name] for name in reverb.knobs], dtype=torch.float64)
    return impulse_response(sample_rate, knobs).numpy()


@reverb.renderer
class ReverbRenderer:
    """Overlap-add convolution of each block; what rings on is carried to the next."""

    latency = 0

    def __init__(self, sample_rate: int, channels: int, values: Values) -> None:
        del channels  # the sum of the channels is what excites the response
        self._response = response_of(sample_rate, values)
        self.tail = self._response.shape[1] - 1
        self._ringing = np.zeros((2, 0), np.float32)
        self._spectrum, self._size = rfft(self._response, 1), 1

    def __call__(self, block: F32) -> F32:
        length = block.shape[1]
        size = next_fast_len(length + self.tail, real=True)
        if size != self._size:
            self._spectrum, self._size = rfft(self._response, size), size
        excitation = rfft(block.mean(axis=0, dtype=np.float32), size)
        wet: F32 = irfft(excitation * self._spectrum, size)[:, : length + self.tail]
        reach = min(self._ringing.shape[1], wet.shape[1])
        wet[:, :reach] += self._ringing[:, :reach]
        self._ringing = wet[:, length:].copy()
        return wet[:, :length]
