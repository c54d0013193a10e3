"""The Lua scripts are held to the console: they may not drift apart, and these tests must notice if they do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from interfaces.daw.ardour_law import MONO_GAIN, placed
from interfaces.dsp.lua_script import lua_script
from mixer.arrays import F32
from mixer.processor import Values, find
from mixer.processors.reverb import response_of
from tests.interfaces.dsp.lua_host import LuaHost, ports
from tests.signals import difference_db, drawn_values, music, rendered

EXACT_DB = -120.0
"""Both sides compute in float64 from float32 audio; the limiter's detector, in float32 there, leaves -145 dB."""

EQUALIZER: Values = {
    "highpass_hz": 40.0,
    "low_gain_db": 4.0,
    "low_hz": 120.0,
    "peak1_gain_db": -5.0,
    "peak1_hz": 80.0,
    "peak1_q": 6.0,
    "peak2_gain_db": 3.0,
    "peak3_gain_db": -2.5,
    "peak3_q": 0.25,
    "high_gain_db": -6.0,
    "high_hz": 9000.0,
}
COMPRESSOR: Values = {
    "threshold_db": -30.0,
    "ratio": 4.0,
    "attack_ms": 3.0,
    "release_ms": 80.0,
    "knee_db": 8.0,
    "makeup_db": 6.0,
}
LIMITER: Values = {"active": 1.0, "ceiling_db": -3.0, "release_ms": 50.0}
SETTINGS = {"equalizer": EQUALIZER, "compressor": COMPRESSOR, "limiter": LIMITER}


def as_ports(values: Values) -> dict[str, float]:
    """The values as a plugin's control ports hold them: float32."""
    return {name: float(np.float32(value)) for name, value in values.items()}


def script_difference_db(name: str, values: Values, audio: F32, rate: int, text: str | None = None) -> float:
    """How far a script (or a mutation of its text) is from the console's own processor."""
    script = lua_script(name)
    host = LuaHost(text or script.text, rate, audio.shape[0], ports(script.knobs, values))
    return difference_db(host(audio), rendered(find(name), audio.copy(), as_ports(values), rate=rate))


@pytest.mark.parametrize("name", ["equalizer", "compressor", "limiter", "level"])
def test_a_scripts_knobs_are_those_of_the_schema(name: str) -> None:
    script = lua_script(name)
    shown = LuaHost(script.text, 48000, 2, ports(script.knobs, {})).params
    assert len(shown) == len(script.knobs)
    for row, knob in zip(shown, script.knobs, strict=True):
        limits = (row["min"], row["max"], row["default"])
        assert limits == (knob.param.low, knob.param.high, knob.param.default)
        assert row["name"].startswith(knob.label)
        assert knob.unit in ("", row.get("unit")) or f"({knob.unit})" in row["name"]
        assert row.get("logarithmic", False) == (knob.param.scale == "log")


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", ["equalizer", "compressor"])
def test_a_script_is_the_console(name: str, channels: int, rate: int) -> None:
    audio = music(0.3, channels, seed=2, rate=rate)
    assert script_difference_db(name, SETTINGS[name], audio, rate) < EXACT_DB


@pytest.mark.parametrize("rate", [44100, 96000])
def test_the_limiter_script_is_the_console(rate: int) -> None:
    audio = music(0.4, 2, seed=3, rate=rate)
    wanted = rendered(find("limiter"), audio.copy(), as_ports(LIMITER), rate=rate)
    assert difference_db(wanted, audio) > -40, "the test signal must be limited"
    assert script_difference_db("limiter", LIMITER, audio, rate) < EXACT_DB


def test_a_limiter_that_is_switched_off_only_delays() -> None:
    audio = music(0.3, 2)
    script = lua_script("limiter")
    assert np.array_equal(LuaHost(script.text, 44100, 2, ports(script.knobs, {"active": 0.0}))(audio), audio)


@pytest.mark.parametrize("seed", range(4))
def test_scripts_follow_any_settings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    audio = music(0.2, 2, seed)
    for name in ("equalizer", "compressor"):
        assert script_difference_db(name, drawn_values(find(name), rng), audio, 44100) < EXACT_DB


@pytest.mark.parametrize("name", list(SETTINGS))
def test_the_size_of_blocks_does_not_matter(name: str) -> None:
    script, audio = lua_script(name), music(0.1, 2, seed=4)
    parts = ports(script.knobs, SETTINGS[name])
    whole = LuaHost(script.text, 44100, 2, parts)(audio, block=4096)
    for block in (1, 77) if name == "equalizer" else (64, 77):
        assert difference_db(LuaHost(script.text, 44100, 2, parts)(audio, block=block), whole) < EXACT_DB


@pytest.mark.parametrize("name", list(SETTINGS))
def test_silence_in_between_changes_nothing(name: str) -> None:
    """The scripts rest in silence; they must wake up as if they had not."""
    audio = music(4.0, 2, seed=8)
    audio[:, 4000:170000] = 0
    assert script_difference_db(name, SETTINGS[name], audio, 44100) < EXACT_DB


def test_the_reverb_script_convolves_the_middle_with_the_response() -> None:
    values = find("reverb").defaults() | {"decay_s": 0.4}
    audio = music(0.5, 2, seed=5)
    response = response_of(44100, values)
    wet = LuaHost(lua_script("reverb").text, 44100, 2, [], response)(audio)
    assert difference_db(wet, rendered(find("reverb"), audio.copy(), values)) < EXACT_DB


# --- level, with Ardour's own fader and panner behind it


def panned(audio: F32, gain_db: float, pan: float, width: float, text: str) -> F32:
    """Level script, fader and panner as an exported session has them; the panners by Ardour's formulas."""
    channels = audio.shape[0]
    place = placed(gain_db, pan, channels)
    values = {"width": width, "gain_db": place.trim_db}
    level = place.fader * LuaHost(text, 44100, channels, ports(lua_script("level").knobs, values))(audio)
    a, s = place.azimuth, -0.831783138
    if channels == 1:
        sides: F32 = (np.array([[p * (s * p + 1 - s)] for p in (1 - a, a)]) * level).astype(np.float32)
        return sides
    balanced: F32 = (level * np.array([[min(1, 2 * (1 - a))], [min(1, 2 * a)]])).astype(np.float32)
    return balanced


def level_difference_db(channels: int, gain_db: float, pan: float, width: float, text: str) -> float:
    audio = music(0.2, channels, seed=6)
    wanted = rendered(find("fader"), audio.copy(), {"gain_db": gain_db})
    wanted = rendered(find("panner"), wanted, {"pan": pan, "width": width})
    return difference_db(panned(audio, gain_db, pan, width, text), wanted)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("gain_db", "pan", "width"), [(0, 0, 1), (-7.5, -0.6, 0.3), (3, 1, 1), (17, 0.2, 1.7)])
def test_level_script_fader_and_panner_are_the_console(channels: int, gain_db: float, pan: float, width: float) -> None:
    assert level_difference_db(channels, gain_db, pan, width, lua_script("level").text) < EXACT_DB


def test_a_mono_track_at_the_centre_needs_no_other_fader() -> None:
    assert placed(-4.0, 0.0, 1).fader == pytest.approx(10 ** (-4 / 20), rel=1e-12)
    assert 20 * np.log10(MONO_GAIN) == pytest.approx(3.0, abs=0.01)


# --- what these tests must catch


def mutated(name: str, old: str, new: str) -> str:
    text = lua_script(name).text
    assert text.count(old) >= 1, f"{name} no longer says {old!r}: choose another mutation"
    return text.replace(old, new)


def _script(name: str) -> Callable[[str], float]:
    def difference(text: str) -> float:
        return script_difference_db(name, SETTINGS[name], music(0.2, 2, seed=7), 44100, text)

    return difference


def _level(text: str) -> float:
    return level_difference_db(2, 9.0, 0.1, 0.5, text)


@pytest.mark.parametrize(
    ("name", "measure", "old", "new"),
    [
        ("level", _level, "at[AT.gain_db] / 20", "(at[AT.gain_db] + 0.1) / 20"),
        ("level", _level, "outs[1]:set_table (left,", "outs[1]:set_table (right,"),
        ("equalizer", _script("equalizer"), "/ (2 * q)", "/ (2 * q * 1.01)"),
        ("equalizer", _script("equalizer"), "outs[c]:set_table (x", "outs[channels + 1 - c]:set_table (x"),
        ("equalizer", _script("equalizer"), "gain_db / 40", "(gain_db + 0.1) / 40"),
        ("compressor", _script("compressor"), "at[AT.attack_ms]", "(1.01 * at[AT.attack_ms])"),
        ("compressor", _script("compressor"), "x[2] or x[1]", "x[1]"),
        ("compressor", _script("compressor"), "at[AT.makeup_db] /", "(at[AT.makeup_db] + 0.1) /"),
        ("limiter", _script("limiter"), "-0.05 / 20", "-0.06 / 20"),
        ("limiter", _script("limiter"), "hold = length + 2 * PLATEAU + 1", "hold = length + 2 * PLATEAU"),
        ("limiter", _script("limiter"), "x[i] = x[i] * gain[i]", "x[i] = x[i + 1] * gain[i]"),
    ],
)
def test_a_changed_script_is_noticed(name: str, measure: Callable[[str], float], old: str, new: str) -> None:
    """A fader 0.1 dB off, a swapped channel, a Q off by 1 %, and their like stand out from the exact scripts."""
    assert measure(lua_script(name).text) < EXACT_DB
    assert measure(mutated(name, old, new)) > EXACT_DB + 20
