"""A whole mix: 16 stereo tracks through strips, reverb bus and master."""

from __future__ import annotations

import numpy as np
import pedalboard

from mixer.arrays import F32
from mixer.console import Settings, Source, mix_array
from mixer.processor import find
from mixer.processors.reverb import response_of
from tests.bench import equalizer
from tests.bench.harness import Pedalboard, Row, compare, interleaved, on_cores
from tests.signals import RATE, music

TRACKS = 16
COMPRESSOR = {"threshold_db": -24.0, "ratio": 4.0, "attack_ms": 10.0, "release_ms": 150.0}
LIMITER = {"active": 1.0, "ceiling_db": -1.0}


def settings() -> Settings:
    """Six bands, compressor, fader, panner and send on each track; reverb; bands, compressor and limiter at the end."""
    strip = {
        "equalizer": equalizer.VALUES,
        "compressor": COMPRESSOR,
        "fader": {"gain_db": -12.0},
        "panner": {"pan": 0.3, "width": 1.2},
        "send": {"level_db": -14.0},
    }
    master = {"equalizer": equalizer.VALUES, "compressor": COMPRESSOR, "limiter": LIMITER}
    return Settings({str(index): strip for index in range(TRACKS)}, {"reverb": {}}, master)


def with_pedalboard(tracks: list[F32], reverb: Pedalboard) -> F32:
    """The nearest chain: the same bands, its compressor, gain and limiter, a convolver with the same response."""
    compressor = pedalboard.Compressor(-24, 4, 10, 150)
    mix = np.zeros_like(tracks[0])
    for track in tracks:
        mix += equalizer.board(equalizer.VALUES, compressor, pedalboard.Gain(-12))(track, RATE)
    mix += reverb(mix * np.float32(0.2), RATE)
    result: F32 = equalizer.board(equalizer.VALUES, compressor, pedalboard.Limiter(-1, 100))(mix, RATE)
    return result


def rows(quick: bool) -> list[Row]:
    """One thread and two against pedalboard, which has one."""
    seconds = 2 if quick else 60
    tracks = [music(seconds, 2, seed % 4) for seed in range(TRACKS)]
    sources = [Source.of_array(str(index), track) for index, track in enumerate(tracks)]
    response = response_of(RATE, find("reverb").defaults())
    reverb = Pedalboard([pedalboard.Convolution(response, 1.0, RATE)])
    with on_cores(2):
        times = interleaved(
            {
                "one thread": lambda: mix_array(sources, settings(), RATE, threads=1),
                "two threads": lambda: mix_array(sources, settings(), RATE, threads=2),
                "pedalboard": lambda: with_pedalboard(tracks, reverb),
            },
            1 if quick else 3,
        )
    what = f"{TRACKS} stereo tracks x {seconds} s, whole console"
    return [
        compare(
            "Render",
            f"{what}, {name} ({seconds / times[name]:.0f} x real time)",
            "pedalboard",
            times,
            ours=name,
            goal=goal,
        )
        for name, goal in (("one thread", 1.2), ("two threads", 2.0))
    ]
