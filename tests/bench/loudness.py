"""Integrated loudness of a whole song."""

from __future__ import annotations

import numpy as np
import pyloudnorm

from mixer.loudness import integrated_loudness
from tests.bench.harness import Row, compare, interleaved
from tests.signals import RATE, music


def rows(quick: bool) -> list[Row]:
    """Against pyloudnorm, whose reading is the measure."""
    seconds = 10 if quick else 240
    audio = np.tile(music(10), (1, seconds // 10))
    theirs, meter = audio.T.copy(), pyloudnorm.Meter(RATE)
    times = interleaved(
        {"ours": lambda: integrated_loudness(audio, RATE), "pyloudnorm": lambda: meter.integrated_loudness(theirs)},
        2 if quick else 5,
    )
    difference = abs(integrated_loudness(audio, RATE) - float(meter.integrated_loudness(theirs.astype(np.float64))))
    row = compare(
        "Loudness",
        f"integrated, stereo, {seconds} s",
        "pyloudnorm",
        times,
        goal=5,
        our_error=f"{difference:.0e} LU",
        their_error="the measure",
    )
    agreement = Row(
        "Loudness",
        "integrated, difference from pyloudnorm",
        "",
        "pyloudnorm",
        our_error=f"{difference:.0e} LU",
        goal="1e-6 LU",
        met=difference <= 1e-6,
    )
    return [row, agreement]
