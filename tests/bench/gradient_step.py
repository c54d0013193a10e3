"""One step of descent through the strips of 16 mono tracks: all processors, sum, loss, backward."""

from __future__ import annotations

import numpy as np
import torch
from dasp_pytorch.functional import compressor as dasp_compressor
from dasp_pytorch.functional import gain as dasp_gain
from dasp_pytorch.functional import parametric_eq, stereo_panner

from mixer.console import add, strips
from mixer.processor import find
from tests.bench import compressor, equalizer
from tests.bench.harness import Row, compare, interleaved, peak_mb
from tests.signals import RATE, music

TRACKS = 16


def rows(quick: bool) -> list[Row]:
    """With a gradient for every knob; the same knobs on both sides, our high-pass besides."""
    seconds = 0.5 if quick else 10
    x = torch.from_numpy(np.concatenate([music(seconds, 1, seed) for seed in range(TRACKS)]))[:, None]
    target = torch.from_numpy(music(seconds, 2, 99))
    at = {
        "equalizer": {**equalizer.VALUES, "highpass_hz": 40.0},
        "compressor": compressor.VALUES,
        "fader": {"gain_db": -12.0},
        "panner": {"pan": 0.3},
    }

    def learn() -> None:
        values = {
            name: {
                knob: torch.full((TRACKS,), knobs.get(knob, find(name).param(knob).default), requires_grad=True)
                for knob in find(name).knobs
            }
            for name, knobs in at.items()
        }
        loss = (add(strips(x, RATE, values)) - target).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it

    def dasp_learn() -> None:
        y = parametric_eq(x, RATE, **equalizer.dasp_knobs(equalizer.VALUES, TRACKS, grad=True))
        y = dasp_compressor(y, RATE, *compressor.knobs(grad=True, tracks=TRACKS))
        y = dasp_gain(y, RATE, torch.full((TRACKS, 1), -12.0, requires_grad=True))
        y = stereo_panner(y[:, 0][None], RATE, torch.full((1, TRACKS), 0.65, requires_grad=True))  # [1, 2, tracks, n]
        (y.sum(2)[0] - target).square().mean().backward()

    times = interleaved({"ours": learn, "dasp-pytorch": dasp_learn}, 1 if quick else 2)
    memory = f"{peak_mb(learn):.0f} MB / {peak_mb(dasp_learn):.0f} MB"
    what = f"{TRACKS} mono tracks x {seconds:g} s, whole strip, every knob"
    return [compare("Gradient step", what, "dasp-pytorch", times, goal=10, memory=memory)]
