"""The vector logarithm and exponential against numpy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixer._vectormath import exp_into, log_into
from mixer.arrays import F64

BOUND = 4e-13  # what the module promises


def log(x: F64) -> F64:
    out = np.empty_like(x)
    log_into(x, out)
    return out


def exp(x: F64) -> F64:
    out = np.empty_like(x)
    exp_into(x, out)
    return out


def test_log_over_all_normal_numbers() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([np.logspace(-307, 308, 20001), rng.uniform(0.5, 2.0, 20000), [np.finfo(np.float64).tiny]])
    expected = np.log(x)
    assert (np.abs(log(x) - expected) <= BOUND * np.maximum(1, np.abs(expected) / 100)).all()


@pytest.mark.parametrize("x", [0.5**0.5, 2**0.5, 1.0, 1 - 2**-53, 1 + 2**-52, 2.0, 0.5])
def test_log_where_the_mantissa_wraps(x: float) -> None:
    around = np.array([np.nextafter(x, 0), x, np.nextafter(x, 9)])
    np.testing.assert_allclose(log(around), np.log(around), rtol=0, atol=BOUND)


def test_the_log_of_one_is_exactly_zero_and_of_powers_of_two_exactly_their_multiple() -> None:
    powers = np.arange(-100, 101)
    np.testing.assert_array_equal(log(np.ldexp(1.0, powers)), powers * np.log(2))


def test_exp_over_its_range() -> None:
    x = np.concatenate([np.linspace(-700, 700, 40001), np.linspace(-1, 1, 20001)])
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=BOUND, atol=0)


def test_the_exp_of_zero_is_exactly_one() -> None:
    # what makes a compressor at 1:1 transparent bit for bit
    np.testing.assert_array_equal(exp(np.array([0.0, -0.0])), [1.0, 1.0])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=40))
def test_exp_undoes_log(values: list[float]) -> None:
    # an error of 4e-13 in the logarithm is one of 4e-13 in the result, beside float64's own |log x| * 1e-16
    np.testing.assert_allclose(exp(log(np.array(values, np.float64))), values, rtol=1e-12)


def test_in_place_is_the_same() -> None:
    x = np.linspace(-5, 5, 1001)
    expected = exp(x)
    exp_into(x, x)
    np.testing.assert_array_equal(x, expected)
