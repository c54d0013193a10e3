"""The reverb: convolution with a response of 1.2 s."""

from __future__ import annotations

import numpy as np
import pedalboard
import torch
from dasp_pytorch.functional import noise_shaped_reverberation
from scipy.signal import fftconvolve, oaconvolve

from mixer.arrays import F32
from mixer.processor import find
from mixer.processors.reverb import response_of
from tests.bench.harness import Pedalboard, Row, compare, decibels, interleaved, stream
from tests.signals import RATE, difference_db, differentiated, music, rendered


def learning(seconds: float, repeats: int) -> Row:
    """Forward and backward against dasp, whose cost allows seconds only."""
    x = torch.from_numpy(music(seconds))[None]
    ours = find("reverb")

    def learn() -> None:
        knobs = {name: torch.tensor(value, requires_grad=True) for name, value in ours.defaults().items()}
        ours(x, RATE, **knobs).square().mean().backward()  # type: ignore[no-untyped-call]  # no type in torch

    def dasp_learn() -> None:
        kinds = [f"band{index}_{what}" for what in ("gain", "decay") for index in range(12)]
        knobs = {name: torch.full((1, 1), 0.5, requires_grad=True) for name in kinds}
        wet = noise_shaped_reverberation(x, RATE, **knobs, mix=torch.ones(1, 1, requires_grad=True))
        wet.square().mean().backward()

    times = interleaved({"ours": learn, "dasp-pytorch": dasp_learn}, repeats)
    return compare("Reverb", f"stereo, {seconds:g} s, forward and backward", "dasp-pytorch", times)


def rows(quick: bool) -> list[Row]:
    """Both paths; the render against convolvers with the same response."""
    seconds = 1 if quick else 20
    audio = music(seconds)
    ours, response = find("reverb"), response_of(RATE, find("reverb").defaults())
    pedals = Pedalboard([pedalboard.Convolution(response, 1.0, RATE)])

    def with_scipy() -> F32:
        sides = [oaconvolve(audio.mean(axis=0), side)[: audio.shape[1]] for side in response]
        return np.stack(sides).astype(np.float32)

    times = interleaved(
        {
            "ours": lambda: stream(ours, audio, {}),
            "differentiable": lambda: differentiated(ours, audio, {}),
            "scipy oaconvolve": with_scipy,
            "pedalboard Convolution": lambda: pedals(audio, RATE),
        },
        2 if quick else 5,
    )
    exact = fftconvolve(audio.mean(axis=0, dtype=np.float64)[None], response.astype(np.float64), axes=1)
    exact = exact[:, : audio.shape[1]]
    error = decibels(difference_db(rendered(ours, audio, {}, block=65536), exact))
    theirs = decibels(difference_db(with_scipy(), exact))
    what = f"stereo, {seconds} s, render, response included"
    return [
        learning(0.5 if quick else 1, 1),
        compare("Reverb", what, "scipy oaconvolve", times, our_error=error, their_error=theirs),
        compare("Reverb", what, "pedalboard Convolution", times, our_error=error),
    ]
