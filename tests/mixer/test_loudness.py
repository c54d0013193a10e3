"""Loudness and peaks against pyloudnorm and against the test signals of EBU Tech 3341 and 3342."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from mixer.arrays import F32, F64
from mixer.errors import AudioError
from mixer.loudness import (
    LoudnessMeter,
    integrated_loudness,
    loudness_range,
    measure,
    sample_peak_db,
    short_term_loudness,
    true_peak_db,
)

REFERENCES = Path(__file__).resolve().parents[3] / "shared" / "references"


def programme(seconds: float, sample_rate: int, channels: int, seed: int = 0) -> F32:
    """Noise whose level moves slowly, with a gap of silence and a quiet tail: both gates have something to do."""
    rng = np.random.default_rng(seed)
    count = round(seconds * sample_rate)
    t = np.arange(count) / max(count, 1)
    level = 10 ** ((-20 + 12 * np.sin(9 * t)) / 20)
    level[(t > 0.35) & (t < 0.5)] = 0.0
    level[t > 0.8] = 10 ** (-62 / 20)
    return (level * rng.standard_normal((channels, count)) * 0.5).astype(np.float32)


def pyloudnorm_integrated(audio: F32, sample_rate: int) -> float:
    return float(pyloudnorm.Meter(sample_rate).integrated_loudness(audio.T.astype(np.float64)))


def sine(db: float, seconds: float, hz: float = 1000.0, sample_rate: int = 48000) -> F64:
    return np.asarray(10 ** (db / 20) * np.sin(2 * np.pi * hz / sample_rate * np.arange(round(seconds * sample_rate))))


def stereo(*steps: tuple[float, float]) -> F32:
    """1 kHz in phase on both sides at 48 kHz: (dBFS, seconds) after one another."""
    tone = np.concatenate([sine(db, seconds) for db, seconds in steps])
    return np.stack([tone, tone]).astype(np.float32)


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.4, 0.44999, 0.45, 0.4500101, 1.0, 7.93, 12.0512])
def test_integrated_is_pyloudnorms(sample_rate: int, channels: int, seconds: float) -> None:
    audio = programme(seconds, sample_rate, channels)
    expected = pyloudnorm_integrated(audio, sample_rate)
    assert integrated_loudness(audio, sample_rate) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("sample_rate", [44100, 48000])
@pytest.mark.parametrize("seconds", [1.6, 3.0, 7.93, 25.0512])
def test_loudness_range_is_pyloudnorms(sample_rate: int, seconds: float) -> None:
    audio = programme(seconds, sample_rate, 2)
    expected = pyloudnorm.Meter(sample_rate).loudness_range(audio.T.astype(np.float64))
    assert loudness_range(audio, sample_rate) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["blues", "orchestral"])
def test_music_is_pyloudnorms(name: str) -> None:
    path = REFERENCES / f"{name}.flac"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    audio, sample_rate = soundfile.read(path, dtype="float32", always_2d=True, frames=30 * 44100)
    meter = measure(np.ascontiguousarray(audio.T), sample_rate)
    theirs = pyloudnorm.Meter(sample_rate)
    assert meter.integrated == pytest.approx(theirs.integrated_loudness(audio.astype(np.float64)), abs=1e-6)
    assert meter.loudness_range == pytest.approx(theirs.loudness_range(audio.astype(np.float64)), abs=1e-6)


def readings(meter: LoudnessMeter) -> list[float]:
    scalars = [meter.integrated, meter.loudness_range, meter.max_short_term, meter.sample_peak_db, meter.true_peak_db]
    return [*scalars, *meter.momentary, *meter.short_term]


def test_results_do_not_depend_on_the_blocks() -> None:
    audio = programme(6.37, 44100, 2)
    whole = readings(measure(audio, 44100))
    for size in (4410, 1000, 77):
        meter = LoudnessMeter(44100, 2)
        for start in range(0, audio.shape[1], size):
            meter.push(audio[:, start : start + size])
        assert readings(meter) == pytest.approx(whole, abs=1e-9)


def test_readings_on_the_way_change_nothing() -> None:
    audio = programme(5.0, 44100, 2)
    meter = LoudnessMeter(44100, 2)
    for part in np.array_split(audio, 7, axis=1):
        meter.push(np.ascontiguousarray(part))
        readings(meter)
    assert readings(meter) == pytest.approx(readings(measure(audio, 44100)), abs=1e-9)


# EBU Tech 3341, table 1, cases 1 to 5: within 0.1 LU (case 6 is for five channels)
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(-23, 20)], -23.0),
        ([(-33, 20)], -33.0),
        ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
    ],
)
def test_tech_3341_integrated(steps: list[tuple[float, float]], expected: float) -> None:
    assert integrated_loudness(stereo(*steps), 48000) == pytest.approx(expected, abs=0.1)


def test_tech_3341_short_term_and_momentary_stand_still() -> None:
    short_term = stereo(*[(-20, 1.34), (-30, 1.66)] * 5)  # case 9
    settled = short_term_loudness(short_term, 48000)[1:]
    assert settled == pytest.approx(np.full(len(settled), -23.0), abs=0.1)
    momentary = measure(stereo(*[(-20, 0.18), (-30, 0.22)] * 25), 48000).momentary[10:]  # case 12
    assert momentary == pytest.approx(np.full(len(momentary), -23.0), abs=0.1)


# EBU Tech 3341, table 1, cases 15 to 19: +0.2 / -0.4 dB allowed; a good interpolator does far better
@pytest.mark.parametrize(
    ("divisor", "degrees", "amplitude", "expected"),
    [(4, 0, 0.5, -6.0), (4, 45, 0.5, -6.0), (6, 60, 0.5, -6.0), (8, 67.5, 0.5, -6.0), (4, 45, 1.41, 3.0)],
)
@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_tech_3341_true_peak(divisor: int, degrees: float, amplitude: float, expected: float, sample_rate: int) -> None:
    phase = 2 * np.pi / divisor * np.arange(sample_rate) + np.deg2rad(degrees)
    # faded, because a tone that starts at once overshoots: the interpolator rings, and rightly so
    fade = np.minimum(1, np.minimum(np.arange(sample_rate), np.arange(sample_rate)[::-1]) / 2000)
    tone = (fade * amplitude * np.sin(phase)).astype(np.float32)[None]
    assert true_peak_db(tone) == pytest.approx(expected, abs=0.1)


# EBU Tech 3342, cases 1 to 4: within 1 LU
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(-20, 20), (-30, 20)], 10.0),
        ([(-20, 20), (-15, 20)], 5.0),
        ([(-40, 20), (-20, 20)], 20.0),
        ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15.0),
    ],
)
def test_tech_3342_range(steps: list[tuple[float, float]], expected: float) -> None:
    assert loudness_range(stereo(*steps), 48000) == pytest.approx(expected, abs=1.0)


def test_a_mono_track_on_both_sides_reads_3_lu_more() -> None:
    mono = programme(3.0, 44100, 1)
    both = np.concatenate([mono, mono])
    difference = integrated_loudness(both, 44100) - integrated_loudness(mono, 44100)
    assert difference == pytest.approx(10 * math.log10(2), abs=1e-6)


@pytest.mark.parametrize("samples", [0, 1, 17639, 44100])
def test_silence_reads_minus_infinity_quietly(samples: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        meter = measure(np.zeros((2, samples), np.float32), 44100)
        assert readings(meter)[:1] == [-math.inf]
        assert meter.loudness_range == 0.0
        assert (meter.max_short_term, meter.sample_peak_db, meter.true_peak_db) == (-math.inf,) * 3


def test_a_short_hit_reads_its_own_loudness() -> None:
    hit = stereo((-23, 0.3))
    # the filters settle within some milliseconds: 0.1 LU of 300 ms
    assert integrated_loudness(hit, 48000) == pytest.approx(-23.0, abs=0.15)
    assert measure(hit, 48000).max_short_term == pytest.approx(integrated_loudness(hit, 48000), abs=1e-9)


def test_under_the_absolute_gate_nothing_is_heard() -> None:
    assert integrated_loudness(stereo((-75, 5)), 48000) == -math.inf


def test_sample_peak() -> None:
    audio = np.zeros((2, 100), np.float32)
    audio[1, 50] = -0.5
    assert sample_peak_db(audio) == pytest.approx(-6.0206, abs=1e-4)
    assert measure(audio, 44100).sample_peak_db == pytest.approx(-6.0206, abs=1e-4)


def test_a_true_peak_at_the_very_end_counts() -> None:
    audio = np.zeros((1, 100), np.float32)
    audio[0, -2:] = 0.5  # two equal samples at the edge peak between them
    assert true_peak_db(audio) > -6.0206 + 1.0


@pytest.mark.parametrize(
    "measured",
    [
        lambda: LoudnessMeter(44100, 8),
        lambda: integrated_loudness(np.zeros((8, 10), np.float32), 44100),
        lambda: LoudnessMeter(44100, 1).push(np.zeros((2, 10), np.float32)),
        lambda: integrated_loudness(np.full((1, 10), np.nan, np.float32), 44100),
        lambda: measure(np.zeros((1, 10), np.float32), 44100, true_peak=False).true_peak_db,
    ],
)
def test_what_cannot_be_measured_is_refused(measured: Callable[[], object]) -> None:
    with pytest.raises(AudioError):
        measured()
