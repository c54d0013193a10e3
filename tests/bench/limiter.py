"""The limiter on music that is driven 9 dB over its ceiling of -1 dB."""

from __future__ import annotations

import math

import numpy as np
import pedalboard
from scipy.signal import resample_poly

from mixer.arrays import F32
from mixer.processor import find
from tests.bench.harness import Pedalboard, Row, compare, interleaved, stream
from tests.signals import RATE, music, rendered

CEILING_DB = -1.0


def over_db(audio: F32) -> str:
    """How far the true peak, at 8 x oversampling, lies over the ceiling."""
    peak = max(float(np.abs(resample_poly(side.astype(np.float64), 8, 1)).max()) for side in audio)
    return f"{20 * math.log10(peak) - CEILING_DB:+.2f} dB over"


def rows(quick: bool) -> list[Row]:
    """The render path."""
    seconds = 1 if quick else 20
    audio = music(seconds) * np.float32(10 ** (10 / 20))
    values = {"active": 1.0, "ceiling_db": CEILING_DB, "release_ms": 100.0}
    ours, pedals = find("limiter"), Pedalboard([pedalboard.Limiter(CEILING_DB, 100.0)])
    times = interleaved(
        {"ours": lambda: stream(ours, audio, values), "pedalboard": lambda: pedals(audio, RATE)},
        2 if quick else 5,
    )
    return [
        compare(
            "Limiter",
            f"stereo, {seconds} s, render; true peak of the output (theirs looks at samples, without look-ahead)",
            "pedalboard",
            times,
            our_error=over_db(rendered(ours, audio, values, block=65536)),
            their_error=over_db(pedals(audio, RATE)),
        )
    ]
