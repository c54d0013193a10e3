"""The compressor on stereo music."""

from __future__ import annotations

import numpy as np
import pedalboard
import torch
import torchcomp
from dasp_pytorch.functional import compressor as dasp_compressor

from mixer.processor import find
from tests.bench.harness import Pedalboard, Row, compare, decibels, interleaved, peak_mb, stream
from tests.oracles import compressed
from tests.signals import RATE, difference_db, differentiated, music, rendered

VALUES = {"threshold_db": -24.0, "ratio": 4.0, "attack_ms": 10.0, "release_ms": 150.0, "knee_db": 6.0, "makeup_db": 0.0}


def knobs(*, grad: bool = False, tracks: int = 1) -> list[torch.Tensor]:
    """The values as tensors, in the order that all share."""
    return [torch.full((tracks,), value, requires_grad=grad) for value in VALUES.values()]


def with_torchcomp(x: torch.Tensor, values: list[torch.Tensor]) -> torch.Tensor:
    """torchcomp's compressor-expander without expansion: a hard knee, and smoothing of the linear gain."""
    threshold, ratio, attack, release, _, makeup = values
    times = [torchcomp.ms2coef(ms, RATE) for ms in (attack, release)]
    peak = x.abs().amax(1).clamp_min(1e-8)
    gain = torchcomp.compexp_gain(peak, threshold, ratio, -200.0, 0.9, *times)
    result: torch.Tensor = x * gain[:, None] * 10 ** (makeup / 20)
    return result


def rows(quick: bool) -> list[Row]:
    """Both paths against dasp, torchcomp and pedalboard."""
    seconds = 1 if quick else 60
    audio = music(seconds)
    x = torch.from_numpy(audio)[None]
    ours, pedals = find("compressor"), Pedalboard([pedalboard.Compressor(-24, 4, 10, 150)])

    def learn() -> None:
        given = {name: torch.tensor(value, requires_grad=True) for name, value in VALUES.items()}
        ours(x, RATE, **given).square().mean().backward()  # type: ignore[no-untyped-call]  # no type in torch

    def dasp_learn() -> None:
        dasp_compressor(x, RATE, *knobs(grad=True)).square().mean().backward()

    def torchcomp_learn() -> None:
        with_torchcomp(x, knobs(grad=True)).square().mean().backward()  # type: ignore[no-untyped-call]  # as above

    times = interleaved(
        {
            "learn": learn,
            "dasp-pytorch": dasp_learn,
            "torchcomp": torchcomp_learn,
            "render": lambda: stream(ours, audio, VALUES),
            "pedalboard": lambda: pedals(audio, RATE),
        },
        2 if quick else 3,
    )
    exact = compressed(audio, VALUES, RATE)
    with torch.no_grad():
        errors = {
            "dasp-pytorch": dasp_compressor(x, RATE, *knobs())[0].numpy(),
            "torchcomp": with_torchcomp(x, knobs())[0].numpy(),
            "pedalboard": pedals(audio, RATE),
        }
    ours_db = difference_db(differentiated(ours, audio, VALUES), exact)
    render_db = difference_db(rendered(ours, audio, VALUES), exact)
    memory = {"dasp-pytorch": peak_mb(dasp_learn), "torchcomp": peak_mb(torchcomp_learn)}
    our_memory = peak_mb(learn)
    result = []
    for peer in ("dasp-pytorch", "torchcomp", "pedalboard"):
        learning = peer in memory
        result.append(
            compare(
                "Compressor",
                f"stereo, {seconds} s, {'forward and backward' if learning else 'render'}",
                peer,
                times,
                ours="learn" if learning else "render",
                goal=8 if peer == "dasp-pytorch" else None,
                our_error=decibels(ours_db if learning else render_db),
                their_error=decibels(difference_db(np.asarray(errors[peer]), exact)),
                memory=f"{our_memory:.0f} MB / {memory[peer]:.0f} MB" if learning else "",
            )
        )
    return result
