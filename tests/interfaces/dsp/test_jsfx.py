"""Each JSFX against the console's own processor, run by a small compiler of REAPER's language."""

from __future__ import annotations

import numpy as np
import pytest
import rpp

from interfaces.daw.reaper import reverb_noise
from interfaces.dsp.effects import effect_knobs, effect_text
from mixer.arrays import F32
from mixer.processor import Values, find, processors
from tests.jsfx import Effect
from tests.signals import difference_db, drawn_values, music, rendered

NULL_DB = -100.0
"""The console's samples are float32 (-150 dB), and so is its reverb's response (-130 dB)."""
NATIVE = {"send"}
"""What REAPER's own mixer does."""


def run(name: str, audio: F32, values: Values, rate: int = 44100, text: str = "") -> F32:
    noise = reverb_noise(rate).T if name == "reverb" else None
    effect = Effect(text or effect_text(name), rate, noise)
    effect.set({place: values[knob.param.name] for place, knob in enumerate(effect_knobs(name), 1)})
    sound: F32 = effect.run(audio).astype(np.float32)
    return sound


def test_every_processor_has_an_effect() -> None:
    """A new processor without a text is reported by exports; this test says that somebody should write one."""
    assert {name for name in processors() if not effect_knobs(name)} == NATIVE


@pytest.mark.parametrize("name", ["equalizer", "compressor", "fader", "limiter"])
@pytest.mark.parametrize("rate", [44100, 96000])
def test_effects_sound_as_the_console(name: str, rate: int) -> None:
    rng = np.random.default_rng(rate)
    for ends in (0.0, 0.5):
        values = drawn_values(find(name), rng, ends)
        audio = music(0.4, seed=1, rate=rate) * np.float32(2.5 if name == "limiter" else 1.0)
        assert difference_db(run(name, audio, values, rate), rendered(find(name), audio, values, rate=rate)) < NULL_DB


def test_width_sounds_as_the_console() -> None:
    audio = music(0.2)
    values = {"pan": 0.0, "width": 1.7}
    assert difference_db(run("panner", audio, values), rendered(find("panner"), audio, values)) < NULL_DB


@pytest.mark.parametrize("rate", [44100, 48000])
def test_the_reverb_shapes_the_console_s_response(rate: int) -> None:
    """At any setting of its sliders, not only at the one that was exported."""
    rng = np.random.default_rng(rate)
    audio = music(0.5, rate=rate)
    for _ in range(2):
        values = {**drawn_values(find("reverb"), rng, 0.2), "decay_s": float(rng.uniform(0.2, 0.6))}
        assert (
            difference_db(run("reverb", audio, values, rate), rendered(find("reverb"), audio, values, rate=rate))
            < NULL_DB
        )


@pytest.mark.parametrize("name", ["equalizer", "compressor", "panner", "limiter"])
def test_effects_are_transparent_at_their_defaults(name: str) -> None:
    audio = music(0.2)
    assert np.array_equal(run(name, audio, find(name).defaults()), audio)


@pytest.mark.parametrize("name", [name for name in processors() if name not in NATIVE])
def test_sliders_are_the_schema_s(name: str) -> None:
    sliders = Effect(effect_text(name), 44100).sliders
    knobs = effect_knobs(name)
    assert sorted(sliders) == list(range(1, len(knobs) + 1))
    for place, knob in enumerate(knobs, 1):
        slider, param = sliders[place], knob.param
        assert (slider.default, slider.low, slider.high) == (param.default, param.low, param.high)
        assert slider.name.startswith(knob.label)
        assert knob.unit in slider.name
        assert ("off" in slider.name) == param.off_at_low


@pytest.mark.parametrize(
    ("name", "line", "other"),
    [
        ("equalizer", "alpha = sin(w) / (2 * q);", "alpha = sin(w) / (2.02 * q);"),
        ("compressor", "attack = exp(-1000 / (attack_ms * srate));", "attack = exp(-1010 / (attack_ms * srate));"),
        ("panner", "spl1 = same * spl1 + other * left;", "spl1 = same * left + other * spl1;"),
        ("limiter", "hold = smoothing + 2 * plateau + 1;", "hold = smoothing + plateau + 1;"),
        ("fader", "10 ^ (gain_db / 20)", "10 ^ ((gain_db + 0.1) / 20)"),
        ("reverb", "exp(-log(1000) / (seconds * srate))", "exp(-log(990) / (seconds * srate))"),
    ],
)
def test_a_text_that_drifts_is_noticed(name: str, line: str, other: str) -> None:
    values = {**find(name).defaults(), "peak2_gain_db": 6.0, "ratio": 4.0, "width": 0.3, "active": 1.0, "decay_s": 0.2}
    values = {knob: values.get(knob, 0.0) for knob in find(name).knobs}
    audio = music(0.3) * np.float32(2)
    text = effect_text(name).replace(line, other)
    assert text != effect_text(name)
    assert difference_db(run(name, audio, values, text=text), rendered(find(name), audio, values)) > NULL_DB + 10


def test_the_language_s_own_ways() -> None:
    """What is peculiar to EEL2 is what a test in another language would miss."""
    text = """
slider1:0<0,1,1>unused
@init
function twice(x) local(y) ( y = 2 * x; y; );
function counted(n) local(sum) ( loop(n, sum += n); sum; );
A = 3; a += 1;                     // names do not care about case
close = 1 == 1.000001; exact = 1 === 1.000001;
tiny = 0.000001 ? 1 : 2;           // not true
buffer = 100; buffer[0.999999] = 5; read = 101[0];
value = (1; 2; twice(4));
order = 16 / 2 * 4; power = 2 ^ 3; minus = -2 ^ 2;
low = 7 % 4 + (6 & 3) + (6 | 1);
n = 0; while (n < 5) ( n += 2; );
both = 1 && 0 || 1;
total = counted(4);
"""
    effect = Effect(text + "@sample\nspl0 = 1 - spl1;", 44100)
    wanted = {"a": 4, "close": 1, "exact": 0, "tiny": 2, "read": 5, "value": 8, "order": 32, "power": 8, "minus": 4}
    wanted |= {"low": 3 + 2 + 7, "n": 6, "both": 1, "total": 16}
    assert {name: effect.get(name) for name in wanted} == wanted
    assert effect.run(np.array([[0.0], [0.25]]))[0, 0] == 0.75


def test_a_project_s_parser_reads_quotes() -> None:
    """The independent parser, which other tests trust, tells REAPER's three quotes apart."""
    assert rpp.loads("<REAPER_PROJECT 0.1\n  NAME 'a \"b\"'\n>").find("NAME")[1] == 'a "b"'
