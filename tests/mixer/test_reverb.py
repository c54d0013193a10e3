"""The reverb's impulse response measured as a room is measured, and the convolution against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import fftconvolve

from mixer.arrays import F32, F64
from mixer.console import Settings, Source, mix_array
from mixer.processor import find
from mixer.processors.reverb import impulse_response, response_of
from tests.signals import RATE, decibels, difference_db, differentiated, music, rendered, rms_db

REVERB = find("reverb")


def response(rate: float = RATE, **values: float) -> F32:
    """The impulse response ``[2, n]``, the other knobs at their defaults."""
    return response_of(int(rate), REVERB.defaults() | values)


def band(signal: F32, hz: float, rate: int = RATE) -> F64:
    """About half an octave around ``hz``; a Gaussian band does not ring, which would hide a fast decay."""
    spectrum = np.fft.rfft(signal, 2 * signal.shape[1])
    frequency = np.fft.rfftfreq(2 * signal.shape[1], 1 / rate)
    spectrum *= np.exp(-0.5 * ((frequency - hz) / (0.15 * hz)) ** 2)
    return np.asarray(np.fft.irfft(spectrum))[:, : signal.shape[1]]


def decay_time(signal: F64, rate: int = RATE) -> float:
    """RT60 in s by Schroeder's backward integration, from the slope between -5 and -45 dB."""
    energy = np.square(signal).sum(axis=0)[::-1].cumsum()[::-1]
    curve_db = 10 * np.log10(energy / energy[0] + 1e-30)
    fit = np.flatnonzero((curve_db <= -5) & (curve_db >= -45))
    slope, _ = np.polyfit(fit / rate, curve_db[fit], 1)
    return float(-60 / slope)


@pytest.mark.parametrize("decay_s", [0.5, 1.2, 3.0])
@pytest.mark.parametrize("hz", [64.0, 128.0, 256.0, 512.0])
def test_the_low_bands_decay_as_the_knob_says(decay_s: float, hz: float) -> None:
    # a stretch of narrow noise is its own error: 6 % in half a second at 64 Hz
    measured = decay_time(band(response(decay_s=decay_s, low_cut_hz=20.0), hz))
    assert measured == pytest.approx(decay_s, rel=0.1)


@pytest.mark.parametrize("damping", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("hz", [1024.0, 2048.0, 4096.0, 8192.0])
def test_the_treble_decays_faster_by_the_damping(damping: float, hz: float) -> None:
    # at the centre of a band; the slower neighbour below reaches in and lifts the end by 4 % at most
    expected = 2.0 * 2 ** (-0.75 * damping * np.log2(hz / 500))
    assert decay_time(band(response(decay_s=2.0, damping=damping), hz)) == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize("rate", [22050, 48000, 96000])
def test_the_decay_does_not_depend_on_the_sample_rate(rate: int) -> None:
    measured = decay_time(band(response(rate, decay_s=1.5, damping=0.0), 1000.0, rate), rate)
    assert measured == pytest.approx(1.5, rel=0.06)


@pytest.mark.parametrize("predelay_ms", [0.0, 25.0, 200.0])
def test_it_begins_after_the_predelay_and_without_a_click(predelay_ms: float) -> None:
    out = np.abs(response(predelay_ms=predelay_ms)).max(axis=0)
    start = round(predelay_ms * RATE / 1000)
    assert out[:start].max(initial=0) == 0
    peak = out.max()
    assert out[start : start + 5].max() < 0.03 * peak, "a raised-cosine onset"
    assert out[start : start + round(0.01 * RATE)].max() > 0.3 * peak, "loudest in its first ten milliseconds"


@pytest.mark.parametrize("low_cut_hz", [200.0, 500.0])
def test_the_low_cut_falls_with_12_db_an_octave(low_cut_hz: float) -> None:
    full, cut = response(damping=0.0, low_cut_hz=20.0), response(damping=0.0, low_cut_hz=low_cut_hz)
    reference_db = rms_db(band(cut, 4000)) - rms_db(band(full, 4000))
    for octaves, expected_db in ((-2, -24.1), (-1, -12.3), (0, -3.0), (2, 0.0)):
        hz = low_cut_hz * 2.0**octaves
        gained_db = rms_db(band(cut, hz)) - rms_db(band(full, hz)) - reference_db
        # half an octave on a slope of 12 dB an octave leans to its louder side
        assert gained_db == pytest.approx(expected_db, abs=1.0)


@pytest.mark.parametrize(("width", "low", "high"), [(1.0, -0.03, 0.03), (0.5, 0.55, 0.65), (0.0, 1 - 1e-6, 1 + 1e-6)])
def test_width_is_the_correlation_of_the_sides(width: float, low: float, high: float) -> None:
    # two independent noises of equal power, mixed (1 + w)/2 : (1 - w)/2, correlate by (1 - w^2) / (1 + w^2)
    left, right = response(width=width, decay_s=3.0).astype(np.float64)
    correlation = float((left * right).sum() / np.sqrt((left**2).sum() * (right**2).sum()))
    assert low <= correlation <= high


def test_a_mono_reverb_is_the_same_on_both_sides() -> None:
    left, right = response(width=0.0)
    np.testing.assert_allclose(left, right, atol=1e-7)


@pytest.mark.parametrize("values", [{}, {"decay_s": 5.0}, {"decay_s": 0.2}, {"low_cut_hz": 1000.0}, {"width": 0.0}])
def test_each_side_has_one_unit_of_energy(values: dict[str, float]) -> None:
    # so that a longer or darker reverb is not a louder one on steady sound
    np.testing.assert_allclose(np.square(response(**values), dtype=np.float64).sum(axis=1), [1, 1], rtol=1e-4)


def test_white_noise_comes_out_as_loud_as_its_mono_sum() -> None:
    rng = np.random.default_rng(0)
    noise = np.repeat(rng.standard_normal((1, 6 * RATE)).astype(np.float32) * 0.1, 2, axis=0)
    wet = rendered(REVERB, noise, {"decay_s": 0.5, "low_cut_hz": 20.0})[:, RATE:]
    assert rms_db(wet) == pytest.approx(rms_db(noise), abs=0.3)


def test_the_same_at_each_run_and_on_each_machine() -> None:
    np.testing.assert_array_equal(response(), response())
    # mixes made yesterday must sound the same tomorrow: three moments of the default response at 44.1 kHz
    moments = response()[:, [1000, 5000, 20000]]
    then = [[0.0012306294, -0.0021971879, -0.0001517852], [0.0207271092, -0.0077125891, 0.0004138782]]
    np.testing.assert_allclose(moments, then, rtol=0, atol=1e-7)


def test_it_ends_at_the_decays_noise_floor() -> None:
    out = response(decay_s=1.0, damping=0.0)
    assert out.shape[1] == pytest.approx((1.2 * 1.0 + 0.01) * RATE, abs=2)
    assert rms_db(out[:, -500:]) - rms_db(out[:, 600:1600]) == pytest.approx(-71, abs=3)


@pytest.mark.parametrize("channels", [1, 2])
def test_both_paths_are_scipys_convolution(channels: int) -> None:
    audio = music(2, channels)
    wanted = fftconvolve(audio.mean(axis=0, dtype=np.float64)[None], response().astype(np.float64), axes=1)[
        :, : audio.shape[1]
    ]
    # transforms in float32 round at about -140 dB of the loudest, which the reverb's low cut takes out of the sound
    assert difference_db(rendered(REVERB, audio, {}), wanted) < -100
    assert difference_db(differentiated(REVERB, audio, {}), wanted) < -100


def test_the_renderers_tail_is_the_rest_of_the_convolution() -> None:
    audio = music(0.5, 2)
    renderer = REVERB.render(RATE, 2, {})
    padded = np.pad(audio, ((0, 0), (0, renderer.tail + 5000)))
    out = rendered(REVERB, padded, {}, block=3000)
    wanted = fftconvolve(audio.mean(axis=0, dtype=np.float64)[None], response().astype(np.float64), axes=1)
    assert difference_db(out[:, : wanted.shape[1]], wanted) < -100
    assert decibels(float(np.abs(out[:, wanted.shape[1] :]).max())) < -110


def test_a_closed_send_does_not_lengthen_the_mix() -> None:
    audio = music(0.5, 1)
    source = Source.of_array("a", audio)
    dry = Settings({"a": {"send": {}}}, {"reverb": {}}, {})
    assert mix_array([source], dry, RATE).shape[1] == audio.shape[1]
    wet = Settings({"a": {"send": {"level_db": -10.0}}}, {"reverb": {}}, {})
    assert mix_array([source], wet, RATE).shape[1] == audio.shape[1] + response().shape[1] - 1


def test_decay_can_be_searched_by_descent() -> None:
    # towards the energy decay curve of a longer reverb, from a shorter one
    wanted = torch.from_numpy(response(decay_s=2.0)).double().square().sum(0)[:30000].cumsum(0)
    knobs = torch.tensor([REVERB.defaults()[name] for name in REVERB.knobs], dtype=torch.float64, requires_grad=True)
    out = impulse_response(RATE, knobs).double().square().sum(0)[:30000].cumsum(0)
    (out - wanted).square().mean().backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    assert knobs.grad is not None
    assert float(knobs.grad[0]) < 0, "a longer decay lowers the loss"
