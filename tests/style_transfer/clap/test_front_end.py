"""The differentiable front end hears what CLAP's own extractor hears."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mixer._resampler import resample
from mixer.arrays import F32
from style_transfer.clap.front_end import resampled
from style_transfer.clap.model import front_end
from tests.style_transfer.clap.tiny import extractor

RATE = 48_000


def noise(frames: int) -> F32:
    """Pink enough that bands differ; a stretch of silence reaches the floor."""
    sound = np.cumsum(np.random.default_rng(2).standard_normal(frames)) * 0.01
    sound[frames // 3 : frames // 2] = 0.0
    return np.asarray(sound - sound.mean(), np.float32)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("frames", [RATE // 2 + 7, 3 * RATE, 7 * RATE + 13, 10 * RATE])
def test_it_equals_the_extractor(frames: int, fused: bool) -> None:
    sound, theirs = noise(frames), extractor(fused=fused)
    expected = theirs(sound, sampling_rate=RATE, return_tensors="pt")["input_features"]
    found = front_end(theirs, fused=fused)(torch.from_numpy(sound)[None])
    assert found.shape == expected.shape
    # theirs rounds spectra to complex64: seven digits of a bin, which is 1e-6 dB; float32 dB have 1e-5
    assert float((found - expected).abs().max()) < 1e-3


def test_of_longer_sound_it_hears_the_ten_seconds_that_the_extractor_draws() -> None:
    sound, theirs = noise(12 * RATE), extractor()
    np.random.seed(7)  # noqa: NPY002  the extractor draws from here
    expected = theirs(sound, sampling_rate=RATE, return_tensors="pt")["input_features"]
    np.random.seed(7)  # noqa: NPY002
    start = np.random.randint(0, 2 * RATE + 1)  # noqa: NPY002
    found = front_end(theirs, fused=False)(torch.from_numpy(sound)[None], start)
    assert float((found - expected).abs().max()) < 1e-3


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_resampling_equals_soxr_in_the_passband(rate: int) -> None:
    frames = rate // 2 + 11
    time = np.arange(frames) / rate
    sines = [np.sin(2 * np.pi * hz * time + hz) / 5 for hz in (60, 440, 3000, 7000, 9000)]
    sound = np.sum(np.array(sines), axis=0, keepdims=True).astype(np.float32)
    expected = resample(sound, rate, RATE)
    found = resampled(torch.from_numpy(sound), rate, RATE).numpy()
    assert found.shape[1] == pytest.approx(expected.shape[1], abs=1)
    inside = slice(RATE // 20, -RATE // 20)
    apart = np.abs(found[:, : expected.shape[1]] - expected[:, : found.shape[1]])[:, inside].max()
    # -70 dB: what mirrored ends leave of a sine that does not end on a whole period
    assert 20 * np.log10(apart / np.abs(sound).max()) < -70


def test_gradients_come_through_both() -> None:
    sound = torch.from_numpy(noise(22_050))[None].requires_grad_()
    mel = front_end(extractor(), fused=False)(resampled(sound, 44_100, RATE))
    (slope,) = torch.autograd.grad(mel.mean(), sound)
    assert bool(torch.isfinite(slope).all())
    assert float(slope.abs().max()) > 0
