"""The complex error is what it says: relative, by bands, blind to nothing."""

from __future__ import annotations

import math

import pytest
import torch

from style_transfer.same_song.loss import FLOOR, Goal, complex_error
from tests.signals import music

RATE = 44100


def test_silence_reads_zero_and_equality_the_floor() -> None:
    mix = torch.from_numpy(music(1.0))
    goal = Goal.of(mix, RATE)
    assert float(complex_error(0 * mix, goal, RATE)) == pytest.approx(0.0, abs=1e-3)
    assert float(complex_error(mix, goal, RATE)) == pytest.approx(math.log10(FLOOR), abs=0.02)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.1, -1.0])
def test_a_wrong_gain_reads_its_squared_error_in_every_band(gain: float) -> None:
    """Polarity too: a turned mix is as far away as twice itself, four times the energy."""
    mix = torch.from_numpy(music(1.0))
    expected = math.log10((1 - gain) ** 2 + FLOOR)
    assert float(complex_error(gain * mix, Goal.of(mix, RATE), RATE)) == pytest.approx(expected, abs=0.02)


def test_the_level_of_the_reference_does_not_matter() -> None:
    mix, other = torch.from_numpy(music(1.0)), torch.from_numpy(music(1.0, seed=3))
    plain = float(complex_error(other, Goal.of(mix, RATE), RATE))
    quiet = float(complex_error(0.01 * other, Goal.of(0.01 * mix, RATE), RATE))
    assert quiet == pytest.approx(plain, abs=1e-3)


def test_the_gradient_is_that_of_the_loss() -> None:
    mix = torch.from_numpy(music(0.5)).double()
    goal = Goal.of(mix.float(), RATE)
    gain = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(complex_error((gain * mix).float(), goal, RATE), gain)
    ends = [float(complex_error(((0.8 + step) * mix).float(), goal, RATE)) for step in (-1e-3, 1e-3)]
    assert float(slope) == pytest.approx((ends[1] - ends[0]) / 2e-3, rel=0.01)  # float32 audio
