"""The schema of a knob: travel over the unit interval, limits, and how it reads."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mixer.errors import UsageError
from mixer.param import Param
from mixer.processor import processors

KNOBS = [(entry.name, param) for entry in processors().values() for param in entry.params]
KNOB_IDS = [f"{name}.{param.name}" for name, param in KNOBS]
GAIN = Param("gain_db", "dB", -60.0, 24.0, 0.0, "db", "Level.", off_at_low=True)
CUTOFF = Param("cutoff_hz", "Hz", 20.0, 20000.0, 200.0, "log", "Corner.")
SWITCH = Param("on", "", 0.0, 1.0, 0.0, "switch", "In the circuit.")

units = st.floats(0.0, 1.0)
few = settings(max_examples=25, deadline=None)  # for each of many knobs; a first call may load kernels


@pytest.mark.parametrize(("name", "param"), KNOBS, ids=KNOB_IDS)
@few
@given(unit=units)
def test_a_position_survives_the_round_trip(name: str, param: Param, unit: float) -> None:
    # 1e-12: the smallest span of a log knob in nepers times the rounding of exp and log
    assert param.to_unit(param.from_unit(unit)) == pytest.approx(unit, abs=1e-12), name


@pytest.mark.parametrize(("name", "param"), KNOBS, ids=KNOB_IDS)
@few
@given(some=st.lists(units, min_size=1, max_size=5))
def test_tensors_travel_as_floats_do(name: str, param: Param, some: list[float]) -> None:
    tensor = torch.tensor(some, dtype=torch.float64)
    values = param.from_unit(tensor)
    assert values.tolist() == pytest.approx([param.from_unit(unit) for unit in some], rel=1e-12), name
    assert param.to_unit(values).tolist() == pytest.approx(some, abs=1e-12), name


@pytest.mark.parametrize(("name", "param"), KNOBS, ids=KNOB_IDS)
@few
@given(lower=units, upper=units)
def test_the_travel_is_monotonic_and_stays_inside(name: str, param: Param, lower: float, upper: float) -> None:
    low, high = sorted((param.from_unit(lower), param.from_unit(upper)))
    assert (lower <= upper) == (param.from_unit(lower) <= param.from_unit(upper)) or low == high, name
    if param.scale != "switch":
        assert param.check(param.clamp(low)) == pytest.approx(low)
        assert param.check(param.clamp(high)) == pytest.approx(high)


@pytest.mark.parametrize(("name", "param"), KNOBS, ids=KNOB_IDS)
def test_the_ends_and_the_default_are_legal_and_documented(name: str, param: Param) -> None:
    for value in (param.low, param.default, param.high):
        assert param.check(value) == value
        assert 0.0 <= param.to_unit(value) <= 1.0
        assert param.show(value).strip()
    assert param.doc.endswith("."), name


def test_the_gradient_of_a_position_is_finite_over_the_whole_travel() -> None:
    for _, param in KNOBS:
        unit = torch.linspace(0, 1, 11, dtype=torch.float64, requires_grad=True)
        param.from_unit(unit).sum().backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        gradient = unit.grad
        assert gradient is not None
        assert bool(torch.isfinite(gradient).all())
        assert bool((gradient > 0).all())


@pytest.mark.parametrize(
    ("param", "value"),
    [(GAIN, -60.1), (GAIN, 24.5), (GAIN, math.nan), (GAIN, math.inf), (CUTOFF, 0.0), (CUTOFF, -5.0), (SWITCH, 0.5)],
)
def test_what_is_out_of_range_is_refused_in_one_line(param: Param, value: float) -> None:
    with pytest.raises(UsageError) as caught:
        param.check(value)
    message = str(caught.value)
    assert param.name in message
    assert f"{value:g}" in message
    assert "use" in message
    assert "\n" not in message


@pytest.mark.parametrize("value", [-1e9, -60.0, 3.0, 24.0, 1e9])
def test_clamping_gives_the_nearest_legal_value(value: float) -> None:
    assert GAIN.clamp(value) == max(-60.0, min(24.0, value))


def test_off_is_the_lowest_value_of_knobs_that_have_it() -> None:
    assert GAIN.is_off(-60.0)
    assert not GAIN.is_off(-59.9)
    assert not CUTOFF.is_off(20.0)


@pytest.mark.parametrize(
    ("param", "value", "text"),
    [
        (GAIN, 3.0, "+3.0 dB"),
        (GAIN, -12.25, "-12.2 dB"),
        (GAIN, -60.0, "off"),
        (CUTOFF, 440.4, "440 Hz"),
        (CUTOFF, 2500.0, "2.50 kHz"),
        (Param("ratio", ":1", 1.0, 20.0, 1.0, "log", "Ratio."), 4.0, "4.0:1"),
        (Param("attack_ms", "ms", 0.1, 250.0, 10.0, "log", "Attack."), 0.5, "0.5 ms"),
        (Param("attack_ms", "ms", 0.1, 250.0, 10.0, "log", "Attack."), 120.4, "120 ms"),
        (Param("pan", "", -1.0, 1.0, 0.0, "linear", "Pan."), -0.5, "-0.50"),
        (SWITCH, 1.0, "on"),
        (SWITCH, 0.0, "off"),
    ],
)
def test_a_value_reads_as_a_producer_writes_it(param: Param, value: float, text: str) -> None:
    assert param.show(value) == text


@pytest.mark.parametrize(
    ("low", "high", "default", "scale"),
    [
        (1.0, 1.0, 1.0, "linear"),
        (2.0, 1.0, 1.5, "linear"),
        (0.0, math.inf, 1.0, "linear"),
        (0.0, 1.0, 2.0, "linear"),
        (0.0, 1.0, 0.5, "log"),
        (0.0, 2.0, 0.0, "switch"),
    ],
)
def test_an_impossible_knob_cannot_be_made(low: float, high: float, default: float, scale: str) -> None:
    with pytest.raises(ValueError, match="knob: "):
        Param("knob", "", low, high, default, scale, "Doc.")  # type: ignore[arg-type]  # any of the literals


def test_a_knob_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        GAIN.low = -90.0  # type: ignore[misc]  # that it is frozen is the point
