"""The compressor against the equations of Giannoulis, Massberg and Reiss (JAES 2012)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mixer.arrays import F32
from mixer.processor import Values, find
from tests.oracles import compressed, curve_db
from tests.signals import RATE, decibels, difference_db, differentiated, music, real_music, rendered, rms_db, sine

COMPRESSOR = find("compressor")
HARD = {"threshold_db": -30.0, "ratio": 4.0, "knee_db": 0.0}


@pytest.mark.parametrize(
    "values",
    [
        {"ratio": 4.0, "threshold_db": -24.0},
        {**HARD, "attack_ms": 0.1, "release_ms": 5.0},
        {"ratio": 20.0, "threshold_db": -60.0, "knee_db": 24.0, "attack_ms": 250.0, "release_ms": 2500.0},
        {"ratio": 1.5, "threshold_db": 0.0, "knee_db": 12.0, "makeup_db": 24.0},
        {"ratio": 1.0, "makeup_db": 6.0},
    ],
    ids=["everyday", "fastest", "slowest", "hardly", "make-up alone"],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_both_paths_are_the_textbooks_compressor(values: Values, channels: int) -> None:
    # audio is rounded to float32 once, at -150 dB
    audio = next(track for track in real_music("rock", 1.0) if track.shape[0] == channels)
    expected = compressed(audio, values, RATE)
    assert difference_db(rendered(COMPRESSOR, audio, values), expected) < -135
    assert difference_db(differentiated(COMPRESSOR, audio, values), expected) < -135


@pytest.mark.parametrize("ratio", [1.5, 4.0, 20.0])
@pytest.mark.parametrize("knee_db", [0.0, 6.0, 24.0])
@pytest.mark.parametrize("level_db", [-50.0, -33.0, -30.0, -27.0, -20.0, -3.0, 0.0])
def test_a_steady_level_lands_on_the_static_curve(ratio: float, knee_db: float, level_db: float) -> None:
    # a square wave has one peak level at every sample, so detector and curve meet exactly
    square = (10 ** (level_db / 20) * np.where(np.arange(RATE) // 50 % 2, 1.0, -1.0)).astype(np.float32)[None]
    values = {"threshold_db": -30.0, "ratio": ratio, "knee_db": knee_db, "attack_ms": 5.0, "release_ms": 20.0}
    settled = decibels(float(np.abs(rendered(COMPRESSOR, square, values)[:, -1000:]).mean()))
    assert settled == pytest.approx(curve_db(level_db, -30.0, ratio, knee_db), abs=0.001)


def test_a_steady_tone_is_held_near_the_curve() -> None:
    # between the crests the detector falls and lets the reduction go: at 1 kHz, a tenth of a dB with a long release
    tone = sine(1000, 3, 10 ** (-10 / 20))
    values = {**HARD, "attack_ms": 1.0, "release_ms": 2000.0}
    peak = decibels(float(np.abs(rendered(COMPRESSOR, tone, values)[:, -RATE:]).max()))
    assert peak == pytest.approx(curve_db(-10, -30, 4, 0), abs=0.1)


def step(first_db: float, then_db: float, seconds: float) -> F32:
    """DC that changes its level in the middle: what stands in the output is the gain."""
    half = round(seconds * RATE / 2)
    levels = np.repeat([10 ** (first_db / 20), 10 ** (then_db / 20)], half)
    return levels.astype(np.float32)[None]


def moved_db(values: Values, first_db: float, then_db: float, after_ms: float) -> float:
    """Share of the way from the old to the new gain that is done so long after the step, in dB over dB."""
    audio = step(first_db, then_db, 12.0)
    gain_db = 20 * np.log10(rendered(COMPRESSOR, audio, values)[0].astype(np.float64) / audio[0])
    middle = audio.shape[1] // 2
    before, end = gain_db[middle - 1], gain_db[-1]
    return float((gain_db[middle - 1 + round(after_ms * RATE / 1000)] - before) / (end - before))


@pytest.mark.parametrize("attack_ms", [0.5, 10.0, 100.0])
def test_the_attack_covers_63_per_cent_of_the_way_in_its_time(attack_ms: float) -> None:
    moved = moved_db({**HARD, "attack_ms": attack_ms}, -60, -10, attack_ms)
    assert moved == pytest.approx(1 - math.exp(-1), abs=0.01)  # half a sample of 0.5 ms is 1 % of the way


@pytest.mark.parametrize("release_ms", [20.0, 150.0, 1000.0])
def test_the_release_covers_63_per_cent_of_the_way_in_its_time(release_ms: float) -> None:
    moved = moved_db({**HARD, "release_ms": release_ms, "attack_ms": 1.0}, -10, -60, release_ms)
    assert moved == pytest.approx(1 - math.exp(-1), abs=0.01)


def test_attack_and_release_do_not_touch_each_other() -> None:
    rise, fall = step(-60, -10, 1.0), step(-10, -60, 1.0)
    same = rendered(COMPRESSOR, rise, {**HARD, "release_ms": 5.0})
    np.testing.assert_array_equal(rendered(COMPRESSOR, rise, {**HARD, "release_ms": 2500.0}), same)
    half = fall.shape[1] // 2
    slow, fast = (rendered(COMPRESSOR, fall, {**HARD, "attack_ms": ms}) for ms in (20.0, 0.1))
    assert difference_db(slow[:, half:], fast[:, half:]) < -100, "20 ms settle long before the step"


def test_the_channels_are_linked_and_the_louder_one_leads() -> None:
    loud = music(1, 1, 1)[0]
    quiet = loud * np.where(np.arange(RATE) % 7 < 3, 0.5, -0.9).astype(np.float32)  # under the other at every sample
    out = rendered(COMPRESSOR, np.stack([loud, quiet]), HARD)
    alone = rendered(COMPRESSOR, loud[None], HARD)[0]
    np.testing.assert_array_equal(out[0], alone)
    gains = [side[np.abs(loud) > 1e-4] for side in (out[0] / loud, out[1] / quiet)]
    np.testing.assert_allclose(gains[0], gains[1], rtol=1e-6)
    np.testing.assert_array_equal(rendered(COMPRESSOR, np.stack([quiet, loud]), HARD), out[::-1])


def test_dual_mono_is_compressed_like_mono() -> None:
    # a detector that adds the channels hears 6 dB more and compresses more
    mono = music(1, 1)
    both = rendered(COMPRESSOR, np.repeat(mono, 2, axis=0), HARD)
    np.testing.assert_array_equal(both, np.repeat(rendered(COMPRESSOR, mono, HARD), 2, axis=0))


def test_there_is_no_latency_and_no_look_ahead() -> None:
    audio = np.zeros((1, 2000), np.float32)
    audio[:, 1000:] = 0.5
    for path in (rendered, differentiated):
        out = path(COMPRESSOR, audio, {**HARD, "attack_ms": 50.0})
        assert np.abs(out[:, :1000]).max() == 0
        assert decibels(float(out[0, 1000])) == pytest.approx(decibels(0.5), abs=0.02), "the first sample gets through"
    later = audio.copy()
    later[:, 1500:] = 1.0
    np.testing.assert_array_equal(
        rendered(COMPRESSOR, audio, HARD)[:, :1500], rendered(COMPRESSOR, later, HARD)[:, :1500]
    )


def test_what_stays_under_threshold_and_knee_is_untouched() -> None:
    quiet = music(1, 2) * np.float32(10 ** (-34 / 20))
    values = {"threshold_db": -30.0, "ratio": 20.0, "knee_db": 4.0}
    for path in (rendered, differentiated):
        np.testing.assert_array_equal(path(COMPRESSOR, quiet, values), quiet)


@pytest.mark.parametrize("knee_db", [0.0, 1e-6])
def test_a_hard_knee_has_finite_gradients_for_every_knob(knee_db: float) -> None:
    x = torch.from_numpy(music(1, 2))[None]
    knobs = {**COMPRESSOR.defaults(), **HARD, "knee_db": knee_db}
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in knobs.items()}
    COMPRESSOR(x, RATE, **tensors).square().mean().backward()  # type: ignore[no-untyped-call]  # no type in torch
    for name, tensor in tensors.items():
        assert tensor.grad is not None
        assert bool(torch.isfinite(tensor.grad)), name
        if name != "knee_db":
            assert float(tensor.grad) != 0, f"{name} must move the sound"


def test_silence_stays_silent_whatever_the_make_up() -> None:
    audio = np.pad(music(1, 1), ((0, 0), (0, RATE)))
    out = rendered(COMPRESSOR, audio, {**HARD, "makeup_db": 24.0})
    assert np.abs(out[:, RATE:]).max() == 0


def test_loud_parts_come_nearer_to_quiet_parts_by_the_ratio() -> None:
    # both far over the threshold for a second: 20 dB apart before, a quarter of it after
    levels_db = []
    for level_db in (-25.0, -5.0):
        tone = sine(1000, 2, 10 ** (level_db / 20))
        levels_db.append(rms_db(rendered(COMPRESSOR, tone, {**HARD, "threshold_db": -50.0})[:, RATE:]))
    assert levels_db[1] - levels_db[0] == pytest.approx(20 / 4, abs=0.05)
