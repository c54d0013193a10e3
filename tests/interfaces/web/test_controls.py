"""What the desk shows is what the schema and the console say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interfaces.dsp.worklet_script import schema
from interfaces.web.page import module_text
from mixer.biquad import response
from mixer.param import Param
from mixer.processor import find, processors
from mixer.processors.equalizer import curve_sections
from tests.chromium import Chromium
from tests.signals import RATE, drawn_values

PARAMS = [(name, param) for name, entry in processors().items() for param in entry.params]


@pytest.fixture(scope="module")
def controls(engine_page: Chromium) -> Chromium:
    load = (
        "async (texts) => { for (const [name, text] of Object.entries(texts)) window[name] = await import(url(text)); }"
    )
    engine_page.run(load, {name: module_text(f"{name}.js") for name in ("controls", "curves")})
    return engine_page


def told(name: str, param: Param) -> object:
    """The knob as the page is given it."""
    return next(knob for knob in schema()["knobs"][name] if knob["name"] == param.name)


def test_values_read_as_everywhere_else(controls: Chromium) -> None:
    """But for the pan, which names its side."""
    rng = np.random.default_rng(1)
    cases = [(told(name, p), p, p.clamp(p.from_unit(unit))) for name, p in PARAMS for unit in (0, 1, *rng.random(4))]
    cases = [(knob, p, round(value) if p.scale == "switch" else value) for knob, p, value in cases if p.name != "pan"]
    shown = controls.run("(cases) => cases.map(([p, v]) => controls.show(p, v))", [(k, v) for k, _, v in cases])
    assert [text.replace("\u2212", "-") for text in shown] == [p.show(v) for _, p, v in cases]
    pan = told("panner", find("panner").param("pan"))
    sides = controls.run("(p) => [-1, -0.304, 0.004, 0.5].map((v) => controls.show(p, v))", pan)
    assert sides == ["L 100", "L 30", "C", "R 50"]


def test_places_of_knobs_are_the_schema_s(controls: Chromium) -> None:
    cases = [(told(name, p), p, p.from_unit(unit)) for name, p in PARAMS for unit in (0.0, 0.3, 1.0)]
    ask = "(cases) => cases.map(([p, v]) => [controls.toUnit(p, v), controls.fromUnit(p, controls.toUnit(p, v))])"
    for (unit, value), (_, p, given) in zip(controls.run(ask, [(k, v) for k, _, v in cases]), cases, strict=True):
        assert unit == pytest.approx(p.to_unit(given), abs=1e-9)
        assert value == pytest.approx(given, rel=1e-9)


@pytest.mark.parametrize(
    ("knob", "typed", "value"),
    [
        ("fader.gain_db", "-3", -3.0),
        ("fader.gain_db", "-3,5 dB", -3.5),
        ("fader.gain_db", "\u22126 dB", -6.0),
        ("fader.gain_db", "off", -60.0),
        ("equalizer.peak1_hz", "1.2k", 1200.0),
        ("equalizer.peak1_hz", "2.50 kHz", 2500.0),
        ("compressor.ratio", "4:1", 4.0),
        ("panner.pan", "L30", -0.3),
        ("panner.pan", "45 r", 0.45),
        ("panner.pan", "c", 0.0),
        ("panner.pan", "-0.25", -0.25),
        ("compressor.ratio", "off", None),
        ("fader.gain_db", "loud", None),
    ],
)
def test_what_is_typed(controls: Chromium, knob: str, typed: str, value: float | None) -> None:
    name, _, param = knob.partition(".")
    parsed = controls.run("(p, text) => controls.parse(p, text)", told(name, find(name).param(param)), typed)
    assert parsed == pytest.approx(value) if value is not None else parsed is None


@pytest.mark.parametrize("seed", range(3))
def test_the_drawn_curve_is_the_equaliser_s(controls: Chromium, seed: int) -> None:
    values = dict(drawn_values(find("equalizer"), np.random.default_rng(seed)))
    draw = """(values, rate, low) => [...new curves.Responses(rate).equalizer(
        (knob) => values[knob], (knob) => values[knob] <= low)]"""
    drawn = np.array(controls.run(draw, values, RATE, find("equalizer").param("highpass_hz").low))
    hz = torch.tensor(20 * 1000 ** (np.arange(len(drawn)) / (len(drawn) - 1)))
    tensors = {name: torch.tensor([value], dtype=torch.float64) for name, value in values.items()}
    wanted = response(curve_sections(RATE, tensors), hz, RATE)[0].numpy()
    heard = wanted > -60
    assert np.abs(drawn - wanted)[heard].max() < 0.01, "the browser's filters have the cookbook's shapes"
