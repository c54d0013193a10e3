"""Asked curves as gains of an equaliser."""

from __future__ import annotations

import numpy as np
import pytest

from mixer.processor import find
from style_transfer.features import CENTRES_HZ
from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.tone import tone_curve_db, tone_knobs

RATE = 44100
FLAT = find("equalizer").defaults()
STEEP = ("telephone", "underwater")
"""Walls that shelves of 12 dB cannot build."""
TONES = [name for name, each in attributes().items() if each.aspect == "tone"]


def free(_: str) -> bool:
    return True


@pytest.mark.parametrize("name", TONES)
def test_the_curve_comes_near_to_what_was_asked(name: str) -> None:
    asked = np.array(attributes()[name].bands_db(-1))
    got = tone_curve_db(FLAT | tone_knobs(tuple(asked), FLAT, free, RATE), RATE).numpy()
    assert np.sqrt(np.mean((got - asked) ** 2)) < 0.2 * np.abs(asked).max() + 0.15  # moves under 0.3 dB are left out


@pytest.mark.parametrize("name", STEEP)
def test_walls_are_leant_towards(name: str) -> None:
    asked = np.array(attributes()[name].bands_db(1))
    got = tone_curve_db(FLAT | tone_knobs(tuple(asked), FLAT, free, RATE), RATE).numpy()
    assert np.corrcoef(got, asked)[0, 1] > 0.93


def test_what_the_equaliser_does_already_stays() -> None:
    given = FLAT | {"peak1_gain_db": -6.0, "peak1_hz": 300.0, "peak1_q": 2.0, "highpass_hz": 90.0}
    knobs = tone_knobs(attributes()["brightness"].bands_db(1), given, free, RATE)
    assert not {"peak1_hz", "peak1_q", "highpass_hz"} & {knob for knob, value in knobs.items() if value != given[knob]}
    moved = (tone_curve_db(given | knobs, RATE) - tone_curve_db(given, RATE)).numpy()
    assert np.corrcoef(moved, attributes()["brightness"].bands_db(1))[0, 1] > 0.9


def test_knobs_that_may_not_move_do_not() -> None:
    knobs = tone_knobs(attributes()["warmth"].bands_db(1), FLAT, lambda knob: not knob.startswith("low"), RATE)
    assert knobs
    assert not any(knob.startswith("low") for knob in knobs)


def test_nothing_asked_moves_nothing() -> None:
    assert tone_knobs((0.0,) * len(CENTRES_HZ), FLAT, free, RATE) == {}
