"""Fader and panner: a few multiplications, so that the frameworks' overhead is what is compared."""

from __future__ import annotations

import torch
from dasp_pytorch.functional import gain as dasp_gain
from dasp_pytorch.functional import stereo_panner

from mixer.processor import find
from tests.bench.harness import Row, compare, interleaved
from tests.signals import RATE, music


def rows(quick: bool) -> list[Row]:
    """One mono track, forward and backward."""
    seconds = 1 if quick else 20
    x = torch.from_numpy(music(seconds, 1))[None]
    fader, panner = find("fader"), find("panner")

    def knob(value: float) -> torch.Tensor:
        return torch.tensor([value], requires_grad=True)

    def learn(y: torch.Tensor) -> None:
        y.square().mean().backward()  # type: ignore[no-untyped-call]  # torch has no type for it

    times = interleaved(
        {
            "fader": lambda: learn(fader(x, RATE, gain_db=knob(-6.0))),
            "dasp gain": lambda: learn(dasp_gain(x, RATE, knob(-6.0)[None])),
            "panner": lambda: learn(panner(x, RATE, pan=knob(0.3))),
            "dasp stereo_panner": lambda: learn(stereo_panner(x, RATE, knob(0.65)[None])),
        },
        3 if quick else 9,
    )
    what = f"mono, {seconds} s, forward and backward"
    return [
        compare("Fader", what, "dasp gain", times, ours="fader"),
        compare("Panner", what, "dasp stereo_panner", times, ours="panner"),
    ]
