"""Features: physics of the bands, independence of level and blocks, and floors that cannot be cheated."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mixer.arrays import F32
from style_transfer.features import (
    BANDS,
    CENTRES_HZ,
    EDGES_HZ,
    Power,
    Shape,
    band_distance,
    band_power,
    distance,
    measure,
)

RATE = 44100


def noise(seconds: float, channels: int = 2, seed: int = 0) -> F32:
    return (np.random.default_rng(seed).standard_normal((channels, round(seconds * RATE))) * 0.1).astype(np.float32)


def tone(hz: float, seconds: float = 1.0, rate: int = RATE) -> F32:
    wave = np.sin(2 * np.pi * hz / rate * np.arange(round(seconds * rate)))
    return np.ascontiguousarray(wave[None], np.float32)


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_band_powers_add_up_to_the_mean_square(rate: int) -> None:
    x = torch.from_numpy(tone(1000.0, rate=rate))
    # half a sine's square is a half; the window's leakage beyond the bands is far below 0.01 dB
    assert float(band_power(x, rate).sum()) == pytest.approx(0.5, rel=2e-3)


@pytest.mark.parametrize("band", range(BANDS))
def test_a_tone_lands_in_its_band(band: int) -> None:
    power = band_power(torch.from_numpy(tone(CENTRES_HZ[band])), RATE)[0]
    assert int(power.argmax()) == band
    assert float(power[band] / power.sum()) > 0.9


def test_white_noise_fills_bands_by_their_width() -> None:
    power = band_power(torch.from_numpy(noise(20, 1)), RATE)[0]
    widths = np.diff(np.array(EDGES_HZ))
    error_db = 10 * np.log10(power.numpy() / (0.01 * widths / (RATE / 2)))
    assert np.abs(error_db).max() < 0.7  # 430 windows in the narrowest band: about 0.2 dB of scatter


def test_level_does_not_matter() -> None:
    x = noise(3)
    a, b = measure([x], RATE), measure([x * 0.05], RATE)
    np.testing.assert_allclose(a.mid_db, b.mid_db, atol=1e-4)
    np.testing.assert_allclose(a.side_db, b.side_db, atol=1e-4)
    assert a.loudness_lufs - b.loudness_lufs == pytest.approx(26.02, abs=0.01)


def test_an_empty_side_reads_thirty_db_down_and_no_further() -> None:
    mono = np.repeat(noise(3, 1), 2, axis=0)
    features = measure([mono], RATE)
    assert features.width_db == pytest.approx(-30.0, abs=0.01)
    mid, side = np.array(features.mid_db), np.array(features.side_db)
    assert side == pytest.approx(mid - 30, abs=0.5)  # the faintest bands also meet the floor of the whole


def test_width_and_imbalance_of_known_signals() -> None:
    independent = measure([noise(10)], RATE)
    assert independent.width_db == pytest.approx(0.0, abs=0.2)
    assert independent.imbalance == pytest.approx(0.0, abs=0.02)
    left = noise(3)
    left[1] = 0
    assert measure([left], RATE).imbalance == pytest.approx(-1.0, abs=1e-3)


def test_mono_blocks_count_as_both_sides() -> None:
    x = noise(2, 1)
    one, both = measure([x], RATE), measure([np.repeat(x, 2, axis=0)], RATE)
    assert one == both


@pytest.mark.parametrize("block", [1000, 4096, 30011])
def test_blocks_do_not_matter(block: int) -> None:
    x = noise(3)
    whole = measure([x], RATE)
    cut = measure([x[:, i : i + block] for i in range(0, x.shape[1], block)], RATE)
    np.testing.assert_allclose(cut.mid_db, whole.mid_db, atol=1e-5)
    np.testing.assert_allclose(cut.side_db, whole.side_db, atol=1e-5)
    assert cut.imbalance == pytest.approx(whole.imbalance, abs=1e-6)
    assert cut.loudness_lufs == whole.loudness_lufs


def test_silence_and_short_signals_measure_without_nan() -> None:
    for x in (np.zeros((2, RATE), np.float32), noise(0.01), np.ones((1, 1), np.float32) * 0.5):
        features = measure([x], RATE)
        assert np.isfinite([*features.mid_db, *features.side_db, features.width_db, features.imbalance]).all()


def test_distance_is_zero_to_itself_symmetric_and_grows() -> None:
    dull, bright = noise(5), noise(5)
    bright[:, 1:] -= 0.7 * bright[:, :-1]
    brighter = bright.copy()
    brighter[:, 1:] -= 0.7 * brighter[:, :-1]
    a, b, c = (measure([x], RATE) for x in (dull, bright, brighter))
    assert distance(a, a).total_db == pytest.approx(0.0, abs=1e-9)
    assert distance(a, b).total_db == pytest.approx(distance(b, a).total_db)
    assert 0 < distance(a, b).total_db < distance(a, c).total_db


def test_band_distance_counts_loud_bands_more() -> None:
    flat = torch.zeros(BANDS, dtype=torch.float64)
    falling = flat - torch.linspace(0, 60, BANDS, dtype=torch.float64)
    loud, faint = falling.clone(), falling.clone()
    loud[0] += 6
    faint[-1] += 6
    assert float(band_distance(falling, loud)) > 10 * float(band_distance(falling, faint))


def test_gradients_are_finite_on_silence_and_mono() -> None:
    for signal in (torch.zeros(2, RATE), torch.from_numpy(np.repeat(noise(1, 1), 2, axis=0).copy())):
        x = signal.requires_grad_()
        shape = Shape.of(Power.of(x, RATE), RATE)
        loss = shape.mid_db.sum() + shape.side_db.sum() + shape.width_db + shape.imbalance
        (gradient,) = torch.autograd.grad(loss, x)
        assert gradient.isfinite().all()
