"""The equaliser: the curve of seven bands on stereo music."""

from __future__ import annotations

import numpy as np
import pedalboard
import torch
from dasp_pytorch.functional import parametric_eq
from scipy.signal import sosfilt

from mixer.processor import find
from tests.bench.harness import Pedalboard, Row, compare, decibels, interleaved, peak_mb, stream
from tests.oracles import equalized, sos_of
from tests.signals import RATE, difference_db, differentiated, music, rendered

VALUES = {
    "low_gain_db": 4.0,
    "low_hz": 60.0,
    "peak1_gain_db": -6.0,
    "peak1_hz": 250.0,
    "peak1_q": 1.4,
    "peak2_gain_db": 3.0,
    "peak2_hz": 1000.0,
    "peak2_q": 4.0,
    "peak3_gain_db": -4.0,
    "peak3_hz": 4000.0,
    "peak3_q": 2.0,
    "peak4_gain_db": 5.0,
    "peak4_hz": 9000.0,
    "high_gain_db": -3.0,
    "high_hz": 12000.0,
}
"""Six bands: the peers' high-pass filters are of other orders."""
SLOW = dict.fromkeys(("peak1_gain_db", "peak2_gain_db"), 20.0) | {
    "peak1_hz": 20.0,
    "peak1_q": 6.0,
    "peak2_hz": 80.0,
    "peak2_q": 6.0,
}


def dasp_knobs(values: dict[str, float], tracks: int = 1, *, grad: bool = False) -> dict[str, torch.Tensor]:
    """The same curve as dasp names it."""
    full = find("equalizer").defaults() | values
    bands = {"low_shelf": "low", **{f"band{i}": f"peak{i + 1}" for i in range(4)}, "high_shelf": "high"}
    knobs = {}
    for theirs, ours in bands.items():
        for knob, value in (
            ("gain_db", full[f"{ours}_gain_db"]),
            ("cutoff_freq", full[f"{ours}_hz"]),
            ("q_factor", full.get(f"{ours}_q", 0.5**0.5)),
        ):
            knobs[f"{theirs}_{knob}"] = torch.full((tracks,), value, requires_grad=grad)
    return knobs


def board(values: dict[str, float], *after: pedalboard.Plugin) -> Pedalboard:
    """The same curve as pedalboard has it, and what comes after."""
    v = find("equalizer").defaults() | values
    return Pedalboard(
        [
            pedalboard.LowShelfFilter(v["low_hz"], v["low_gain_db"], 0.5**0.5),
            *(pedalboard.PeakFilter(v[f"peak{i}_hz"], v[f"peak{i}_gain_db"], v[f"peak{i}_q"]) for i in (1, 2, 3, 4)),
            pedalboard.HighShelfFilter(v["high_hz"], v["high_gain_db"], 0.5**0.5),
            *after,
        ]
    )


def rows(quick: bool) -> list[Row]:
    """Both paths against dasp, scipy and pedalboard."""
    seconds = 1 if quick else 60
    audio = music(seconds)
    x = torch.from_numpy(audio)[None]
    ours = find("equalizer")

    def learn() -> None:
        knobs = {name: torch.tensor(value, requires_grad=True) for name, value in VALUES.items()}
        ours(x, RATE, **knobs).square().mean().backward()  # type: ignore[no-untyped-call]  # no type in torch

    def dasp_learn() -> None:
        parametric_eq(x, RATE, **dasp_knobs(VALUES, grad=True)).square().mean().backward()

    def dasp() -> object:
        with torch.no_grad():
            return parametric_eq(x, RATE, **dasp_knobs(VALUES))[0].numpy()

    sos, pedals = sos_of(VALUES, RATE), board(VALUES)
    times = interleaved(
        {
            "ours": lambda: differentiated(ours, audio, VALUES),
            "dasp-pytorch": dasp,
            "learn": learn,
            "dasp learn": dasp_learn,
            "render": lambda: stream(ours, audio, VALUES),
            "scipy sosfilt, float64": lambda: sosfilt(sos, audio.astype(np.float64)),
            "pedalboard": lambda: pedals(audio, RATE),
        },
        2 if quick else 3,
    )
    exact = equalized(audio, VALUES, RATE)
    error = decibels(difference_db(differentiated(ours, audio, VALUES), exact))
    render_error = decibels(difference_db(rendered(ours, audio, VALUES), exact))
    dasp_error = decibels(difference_db(np.asarray(dasp()), exact))
    memory = f"{peak_mb(learn):.0f} MB / {peak_mb(dasp_learn):.0f} MB"
    what = f"6 bands, stereo, {seconds} s"
    return [
        compare("Equaliser", f"{what}, forward", "dasp-pytorch", times, our_error=error, their_error=dasp_error),
        compare(
            "Equaliser",
            f"{what}, forward and backward",
            "dasp-pytorch",
            {"ours": times["learn"], "dasp-pytorch": times["dasp learn"]},
            goal=20,
            our_error=error,
            their_error=dasp_error,
            memory=memory,
        ),
        compare("Equaliser", f"{what}, render", "scipy sosfilt, float64", times, ours="render", our_error=render_error),
        compare(
            "Equaliser",
            f"{what}, render",
            "pedalboard",
            times,
            ours="render",
            our_error=render_error,
            their_error=decibels(difference_db(pedals(audio, RATE), exact)),
        ),
        slow_poles(seconds),
    ]


def slow_poles(seconds: int) -> Row:
    """The error where filters ring for seconds."""
    audio, ours = music(seconds), find("equalizer")
    exact = equalized(audio, SLOW, RATE)
    with torch.no_grad():
        theirs = parametric_eq(torch.from_numpy(audio)[None], RATE, **dasp_knobs(SLOW))[0].numpy()
    worst = max(
        difference_db(differentiated(ours, audio, SLOW), exact), difference_db(rendered(ours, audio, SLOW), exact)
    )
    return Row(
        "Equaliser",
        "20 Hz and 80 Hz, Q 6, +20 dB: error of both paths",
        "",
        "dasp-pytorch",
        our_error=decibels(worst),
        their_error=decibels(difference_db(theirs, exact)),
        goal="-110 dB",
        met=worst <= -110,
    )
