"""The equaliser against scipy's float64 cascade, and against what the Audio EQ Cookbook says a band does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mixer.biquad import design, response
from mixer.processor import find
from tests.oracles import equalized, sections_of
from tests.signals import RATE, decibels, difference_db, differentiated, music, rendered, rms_db, sine

EQUALIZER = find("equalizer")
EVERYDAY = {
    "highpass_hz": 80.0,
    "low_gain_db": 4.0,
    "peak1_gain_db": -6.0,
    "peak1_q": 1.4,
    "peak2_gain_db": 3.0,
    "peak2_q": 4.0,
    "peak3_gain_db": -4.0,
    "peak4_gain_db": 5.0,
    "peak4_hz": 9000.0,
    "high_gain_db": -3.0,
    "high_hz": 12000.0,
}
SLOW_POLES = {
    "peak1_gain_db": 20.0,
    "peak1_hz": 20.0,
    "peak1_q": 6.0,
    "peak2_gain_db": 20.0,
    "peak2_hz": 80.0,
    "peak2_q": 6.0,
}
ALL_LOW_AND_UP = {f"{band}_gain_db": 20.0 for band in ("low", "peak1", "peak2", "peak3", "peak4", "high")} | {
    f"peak{i}_hz": 20.0 for i in (1, 2, 3, 4)
}
ALL_HIGH_AND_DOWN = {name: -value for name, value in ALL_LOW_AND_UP.items() if name.endswith("_gain_db")} | {
    **{f"peak{i}_hz": 20000.0 for i in (1, 2, 3, 4)},
    **{f"peak{i}_q": 10.0 for i in (1, 2, 3, 4)},
    "high_hz": 20000.0,
    "highpass_hz": 1000.0,
}
CURVES = pytest.mark.parametrize(
    "values",
    [EVERYDAY, SLOW_POLES, ALL_LOW_AND_UP, ALL_HIGH_AND_DOWN],
    ids=["everyday", "slow poles", "all low and up", "all high and down"],
)


def steady_gain_db(values: dict[str, float], hz: float, rate: int = RATE) -> float:
    """What a second of a tone gains, once the filters have settled."""
    tone = sine(hz, 2.0, 0.01, rate)
    return rms_db(rendered(EQUALIZER, tone, values, rate=rate)[:, rate:]) - rms_db(tone[:, rate:])


@CURVES
@pytest.mark.parametrize("rate", [8000, 44100, 96000, 192000])
def test_both_paths_are_scipys_cascade(values: dict[str, float], rate: int) -> None:
    # one rounding to float32 at the end is -152 dB; anything that keeps its state in float32 fails at once
    audio = music(2, 2, rate=rate)
    expected = equalized(audio, values, rate)
    assert difference_db(rendered(EQUALIZER, audio, values, rate=rate), expected) < -140
    assert difference_db(differentiated(EQUALIZER, audio, values, rate=rate), expected) < -140


@pytest.mark.parametrize("rate", [8000, 44100, 96000, 192000])
def test_every_pole_is_inside_the_unit_circle(rate: int) -> None:
    for values in (EVERYDAY, SLOW_POLES, ALL_LOW_AND_UP, ALL_HIGH_AND_DOWN):
        for _, _, _, a1, a2 in sections_of(values, rate).tolist():
            assert np.abs(np.roots([1.0, a1, a2])).max() < 1


@CURVES
def test_the_response_is_what_tones_gain(values: dict[str, float]) -> None:
    tones_hz = [40.0, 200.0, 1000.0, 5000.0, 15000.0]
    expected = response(sections_of(values, RATE), torch.tensor(tones_hz), RATE).tolist()
    for hz, gain_db in zip(tones_hz, expected, strict=True):
        if gain_db > -60:  # float32 tones have a floor of their own
            assert steady_gain_db(values, hz) == pytest.approx(gain_db, abs=0.01)


@pytest.mark.parametrize("gain_db", [-20.0, -3.0, 6.0, 20.0])
@pytest.mark.parametrize(("hz", "q"), [(60.0, 0.5), (1000.0, 1.0), (4000.0, 10.0)])
def test_a_peak_has_its_whole_gain_at_its_centre_and_none_far_away(gain_db: float, hz: float, q: float) -> None:
    rows = sections_of({"peak2_gain_db": gain_db, "peak2_hz": hz, "peak2_q": q}, RATE)
    at_0_hz, centre, at_nyquist = response(rows, torch.tensor([0.0, hz, RATE / 2]), RATE).tolist()
    assert centre == pytest.approx(gain_db, abs=1e-6)
    assert at_0_hz == pytest.approx(0, abs=1e-6)
    assert at_nyquist == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("gain_db", [-12.0, 12.0])
def test_a_peaks_q_is_its_centre_over_its_bandwidth_at_half_the_gain(gain_db: float) -> None:
    # Cookbook: bandwidth between the points of half the gain in dB; the bilinear transform narrows it, hence low hertz
    rows = sections_of({"peak1_gain_db": gain_db, "peak1_hz": 200.0, "peak1_q": 2.0}, RATE)
    grid = torch.linspace(100, 400, 30001, dtype=torch.float64)
    inside = grid[response(rows, grid, RATE).abs() >= abs(gain_db) / 2]
    assert 200 / float(inside[-1] - inside[0]) == pytest.approx(2.0, rel=0.002)


@pytest.mark.parametrize(
    ("band", "hz", "shelf_hz", "rest_hz"), [("low", 150.0, 0.0, 22050.0), ("high", 5000.0, 22050.0, 0.0)]
)
@pytest.mark.parametrize("gain_db", [-9.0, 15.0])
def test_a_shelf_has_half_its_gain_at_its_midpoint(
    band: str, hz: float, shelf_hz: float, rest_hz: float, gain_db: float
) -> None:
    rows = sections_of({f"{band}_gain_db": gain_db, f"{band}_hz": hz}, RATE)
    shelf, middle, rest = response(rows, torch.tensor([shelf_hz, hz, rest_hz]), RATE).tolist()
    assert shelf == pytest.approx(gain_db, abs=1e-6)
    assert middle == pytest.approx(gain_db / 2, abs=1e-6)
    assert rest == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("band", ["low", "high"])
def test_a_shelf_does_not_overshoot(band: str) -> None:
    # Q = 0.7071 is the steepest shelf of the Cookbook that stays monotonic
    gains = response(sections_of({f"{band}_gain_db": 12.0}, RATE), torch.logspace(1, 4.3, 400), RATE)
    slope = gains.diff() if band == "high" else -gains.diff()
    assert float(slope.min()) > -1e-6


def test_the_high_pass_is_a_second_order_butterworth() -> None:
    rows = sections_of({"highpass_hz": 200.0}, RATE)
    at_cutoff, octave_under, two_under, above = response(rows, torch.tensor([200.0, 25.0, 12.5, 5000.0]), RATE).tolist()
    assert at_cutoff == pytest.approx(-10 * math.log10(2), abs=1e-6)
    assert octave_under - two_under == pytest.approx(12.04, abs=0.05)
    assert above == pytest.approx(0, abs=0.01)


def test_the_high_pass_is_out_of_the_circuit_at_its_lowest_value() -> None:
    audio = music(1, 2)
    np.testing.assert_array_equal(rendered(EQUALIZER, audio, {"highpass_hz": 20.0}), audio)
    np.testing.assert_array_equal(differentiated(EQUALIZER, audio, {"highpass_hz": 20.0}), audio)
    assert difference_db(rendered(EQUALIZER, audio, {"highpass_hz": 20.5}), audio) > -60


def test_bands_above_half_the_sample_rate_are_held_below_it() -> None:
    # at 8 kHz a 20 kHz band cannot exist; it must neither fold back onto the music nor blow up
    audio = music(2, 1, rate=8000)
    for result in (
        rendered(EQUALIZER, audio, {"peak4_gain_db": -20.0, "peak4_hz": 20000.0, "peak4_q": 10.0}, rate=8000),
        rendered(EQUALIZER, audio, {"high_gain_db": -20.0, "high_hz": 20000.0}, rate=8000),
    ):
        assert abs(rms_db(result) - rms_db(audio)) < 0.5


def test_a_band_without_gain_still_has_a_gradient() -> None:
    # flat bands pass bit for bit, but a search that starts at a flat curve must be able to leave it
    audio = torch.from_numpy(music(0.5, 1))[None]
    gains = {name: torch.zeros(1, requires_grad=True) for name in EQUALIZER.knobs if name.endswith("_gain_db")}
    EQUALIZER(audio, RATE, **gains).square().mean().backward()  # type: ignore[no-untyped-call]  # no type in torch
    for name, gain in gains.items():
        assert gain.grad is not None
        assert abs(float(gain.grad)) > 1e-6, name


def test_a_cut_then_the_same_boost_gives_the_signal_back() -> None:
    # a Cookbook peak is the exact inverse of its mirror image
    audio = music(1, 2)
    there = rendered(EQUALIZER, audio, {"peak1_gain_db": -18.0, "peak1_q": 5.0})
    back = rendered(EQUALIZER, there, {"peak1_gain_db": 18.0, "peak1_q": 5.0})
    assert difference_db(back, audio) < -125


def test_the_sound_dies_away_after_its_end() -> None:
    audio = np.pad(music(0.5, 1), ((0, 0), (0, 4 * RATE)))
    tail = rendered(EQUALIZER, audio, EVERYDAY)[:, -RATE:]
    assert decibels(float(np.abs(tail).max())) < -300


@pytest.mark.parametrize("shape", ["low_shelf", "peaking", "high_shelf"])
def test_a_flat_design_is_exactly_flat(shape: str) -> None:
    flat = torch.zeros(3, dtype=torch.float64)
    hz = torch.tensor([20.0, 1000.0, 20000.0], dtype=torch.float64)
    b0, b1, b2, a1, a2 = design(shape, flat, hz, flat + 0.9, RATE).unbind(1)  # type: ignore[arg-type]  # one of the shapes
    assert b0.tolist() == [1, 1, 1]
    assert torch.equal(b1, a1)
    assert torch.equal(b2, a2)
