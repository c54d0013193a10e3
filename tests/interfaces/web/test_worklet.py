"""The browser's console is held to the render path: it may not drift, and these tests must notice if it does."""

from __future__ import annotations

import base64
import json
import math
from itertools import pairwise

import numpy as np
import pytest

from interfaces.dsp.worklet_script import realised, schema, worklet_text
from interfaces.web.page import module_text, script_url
from mixer.arrays import F32
from mixer.console import Settings
from mixer.loudness import measure
from mixer.processor import Place, chain, find, processors
from mixer.processors.reverb import response_of
from tests.chromium import Chromium
from tests.interfaces.web.browser_console import (
    browser_difference_db,
    latency_frames,
    render_in_browser,
    rendered_by_console,
    session_of,
)
from tests.signals import RATE, difference_db, drawn_settings, drawn_values, music, real_music, sine

EXACT_DB = -110.0
"""Both sides compute in float64 from float32; what leaves the convolver and each node is float32 (-140 dB)."""
STRIPS_DB = -130.0
LATE = latency_frames(RATE)


def test_every_processor_sounds_in_a_browser() -> None:
    """One without a class is reported by `faderwise player`; this test says that somebody should write it."""
    assert realised(list(processors())) == list(processors())


def test_knobs_and_chains_are_the_schema_s() -> None:
    line = next(line for line in worklet_text("console").splitlines() if line.startswith("const KNOBS = "))
    knobs = json.loads(line.removeprefix("const KNOBS = ").removesuffix(";"))
    for name, entry in processors().items():
        told = [(knob["name"], knob["low"], knob["high"], knob["default"], knob["scale"]) for knob in knobs[name]]
        assert told == [(p.name, p.low, p.high, p.default, p.scale) for p in entry.params]
    assert schema()["chains"] == {place.value: [entry.name for entry in chain(place)] for place in Place}


@pytest.mark.parametrize("song", ["rock", "country"])
def test_a_real_song_through_the_whole_console(engine_page: Chromium, song: str) -> None:
    """Everything on: every strip, every send, the reverb with its tail, the master with its limiter at work."""
    tracks = {f"t{index}": sound for index, sound in enumerate(real_music(song, 3))}
    settings = drawn_settings(list(tracks), np.random.default_rng(3))
    settings = Settings(settings.tracks, {"reverb": {**settings.reverb["reverb"], "decay_s": 0.8}}, settings.master)
    session = session_of(tracks, settings)
    wanted = rendered_by_console(session, tracks)
    open_master = rendered_by_console(session_of(tracks, Settings(settings.tracks, settings.reverb, {})), tracks)
    assert difference_db(wanted, open_master) > -30, "the master must do something"
    assert browser_difference_db(engine_page, session, tracks) < EXACT_DB


def test_strips_alone(engine_page: Chromium) -> None:
    tracks = {f"t{index}": sound for index, sound in enumerate(real_music("britpop", 2))}
    drawn = drawn_settings(list(tracks), np.random.default_rng(4)).tracks
    strips = {key: {name: of for name, of in values.items() if name != "send"} for key, values in drawn.items()}
    assert browser_difference_db(engine_page, session_of(tracks, Settings(strips, {}, {})), tracks) < STRIPS_DB


def test_an_untouched_session_is_the_plain_sum(engine_page: Chromium) -> None:
    tracks = {"mono": music(0.5, 1), "stereo": music(0.3, 2, seed=1)}
    heard = render_in_browser(engine_page, session_of(tracks, Settings({}, {}, {})), tracks, RATE // 2 + LATE)
    plain = np.repeat(tracks["mono"], 2, axis=0).astype(np.float64)
    plain[:, : tracks["stereo"].shape[1]] += tracks["stereo"]
    assert np.abs(heard.audio[:, LATE:] - plain).max() <= 2**-24 * 2, "one rounding to float32"


@pytest.mark.parametrize("rate", [48000, 96000])
@pytest.mark.parametrize("name", ["equalizer", "compressor", "limiter", "panner"])
def test_each_processor_at_the_ends_of_its_ranges(engine_page: Chromium, name: str, rate: int) -> None:
    sound = music(0.4, 2, seed=rate, rate=rate) * np.float32(2 if name == "limiter" else 1)
    values = dict(drawn_values(find(name), np.random.default_rng(rate), ends=0.5))
    on_master = Place.MASTER in find(name).places
    settings = Settings({}, {}, {name: values}) if on_master else Settings({"t": {name: values}}, {}, {})
    assert browser_difference_db(engine_page, session_of({"t": sound}, settings, rate), {"t": sound}) < EXACT_DB


def test_flags(engine_page: Chromium) -> None:
    """Mute, solo and bypass leave out what the render path leaves out, sends included."""
    tracks = {name: music(0.4, 1 + index % 2, seed=index) for index, name in enumerate("abcd")}
    session = session_of(tracks, drawn_settings(list(tracks), np.random.default_rng(5)))
    a, b, c, d = session.tracks
    bypassed = {name: of.model_copy(update={"bypass": True}) for name, of in d.settings.items() if name != "send"}
    flags = [a.model_copy(update={"mute": True, "solo": True}), b.model_copy(update={"solo": True}), c]
    flags.append(d.model_copy(update={"solo": True, "settings": {**d.settings, **bypassed}}))
    session = session.model_copy(update={"tracks": flags})
    assert browser_difference_db(engine_page, session, tracks) < EXACT_DB
    quiet = {"reverb": {"reverb": session.reverb["reverb"].model_copy(update={"bypass": True})}}
    assert browser_difference_db(engine_page, session.model_copy(update=quiet), tracks) < EXACT_DB


_RESPOND = """
(values, rate) => new Promise((resolve) => {
  const worker = new Worker(urls.response);
  worker.onmessage = ({data}) => { worker.terminate(); resolve(data.channels.map(text)); };
  worker.postMessage({token: '1', rate, values});
})
"""


@pytest.mark.parametrize("rate", [44100, 48000])
def test_the_room_is_the_console_s(engine_page: Chromium, rate: int) -> None:
    values = {**drawn_values(find("reverb"), np.random.default_rng(rate), 0.3), "decay_s": 1.7}
    sides = engine_page.run(_RESPOND, dict(values), rate)
    got = np.stack([np.frombuffer(base64.b64decode(side), "<f4") for side in sides])
    assert difference_db(got, response_of(rate, values)) < -125, "the bands of noise are float32"


# --- meters ---------------------------------------------------------------------------------------------------------


def test_the_meters_are_the_loudness_meter_s(engine_page: Chromium) -> None:
    tracks = {"t": np.float32(1.2) * music(4, 2, seed=9)}
    heard = render_in_browser(engine_page, session_of(tracks, Settings({}, {}, {})), tracks, 4 * RATE)
    wanted, last = measure(tracks["t"], RATE), heard.meters[-1]
    assert last["integratedLufs"] == pytest.approx(wanted.integrated, abs=0.1), "a few windows are still to come"
    assert last["truePeakDb"] == pytest.approx(wanted.true_peak_db, abs=0.05)
    assert np.abs(wanted.momentary[-3:] - last["momentaryLufs"]).min() < 0.1, "the report is older than the end"
    peaks = [meter["strips"][0]["peakDb"] for meter in heard.meters]
    assert max(peaks) == pytest.approx(wanted.sample_peak_db, abs=0.01)


def test_gain_reduction_is_shown(engine_page: Chromium) -> None:
    """A tone 12 dB over the threshold at 4:1 is turned down by 9 dB once the attack is over."""
    tracks = {"t": sine(200, 1.5, 0.5)}
    values = {"threshold_db": 20 * math.log10(0.5) - 12, "ratio": 4.0, "knee_db": 0.0, "attack_ms": 5.0}
    settings = Settings({"t": {"compressor": {**values, "release_ms": 2500.0}}}, {}, {})
    heard = render_in_browser(engine_page, session_of(tracks, settings), tracks, RATE)
    assert heard.meters[-1]["strips"][0]["reductionDb"] == pytest.approx(9, abs=0.1)


# --- what moves while it plays --------------------------------------------------------------------------------------


def at(second: float, deed: str) -> str:
    """JavaScript that plays, and does something at that time of an offline render."""
    return f"""async (engine, context) => {{
      await engine.play();
      context.suspend({second}).then(async () => {{
        {deed};
        await engine.settled();
        context.resume();
      }});
    }}"""


def click_db(sound: F32, hz: float = 4000) -> float:
    """The most energy above ``hz`` in any 1,024 frames, relative to the loudest 1,024 frames of the whole."""
    window = np.hanning(1024)
    frames = np.lib.stride_tricks.sliding_window_view(sound.mean(axis=0), 1024)[::256] * window
    spectra = np.abs(np.fft.rfft(frames)) ** 2
    high = spectra[:, math.ceil(hz / RATE * 1024) :].sum(axis=1).max()
    return 10 * math.log10(high / spectra.sum(axis=1).max())


@pytest.mark.parametrize(
    "deed",
    [
        "engine.set('t.fader.gain_db', -30)",
        "engine.set('t.panner.pan', 1)",
        "engine.set('t.equalizer.peak1_gain_db', 15)",
        "engine.set('t.mute', true)",
        "engine.set('master.fader.gain_db', -20)",
        "engine.set('t.compressor.makeup_db', 12)",
        "engine.listen('raw')",
        "engine.seek(0.1037)",
        "engine.pause()",
    ],
)
def test_nothing_clicks(engine_page: Chromium, deed: str) -> None:
    """A low tone stays free of high frequencies whatever is moved; a step of 30 dB in one sample would leave -27 dB."""
    tracks = {"t": sine(110, 1.2, 0.4)}
    settings = Settings({"t": {"compressor": {"makeup_db": 1.0}}}, {}, {})
    heard = render_in_browser(engine_page, session_of(tracks, settings), tracks, RATE, during=at(0.5, deed))
    assert click_db(heard.audio[:, RATE // 4 :]) < -60


def test_a_moved_knob_ends_where_it_was_sent(engine_page: Chromium) -> None:
    tracks = {"t": music(1.5, 1)}
    moved = Settings({"t": {"fader": {"gain_db": -7.3}, "panner": {"pan": 0.4}}}, {}, {})
    deed = "engine.set('t.fader.gain_db', -7.3); engine.set('t.panner.pan', 0.4)"
    session = session_of(tracks, Settings({"t": {}}, {}, {}))
    heard = render_in_browser(engine_page, session, tracks, RATE, during=at(0.3, deed))
    wanted = rendered_by_console(session_of(tracks, moved), tracks)
    late = heard.audio[:, RATE // 2 :]
    assert difference_db(late, wanted[:, RATE // 2 - LATE : RATE - LATE]) < EXACT_DB
    assert heard.audio[0, RATE // 4] != wanted[0, RATE // 4 - LATE]


def test_a_loop_is_exact_to_the_sample(engine_page: Chromium) -> None:
    sound = np.zeros((1, RATE), np.float32)
    sound[0, 20_000] = 0.5
    play = f"async (engine) => {{ engine.loop({10_000 / RATE}, {30_000 / RATE}); await engine.play(); }}"
    session = session_of({"t": sound}, Settings({}, {}, {}))
    heard = render_in_browser(engine_page, session, {"t": sound}, 2 * RATE, during=play)
    hits = np.flatnonzero(heard.audio[0] > 0.25)
    assert hits[0] == 20_000 + LATE
    assert [later - earlier for earlier, later in pairwise(hits)] == [20_000] * 3


def test_seeking_goes_to_the_frame(engine_page: Chromium) -> None:
    sound = np.zeros((1, RATE), np.float32)
    sound[0, 30_000] = 0.5
    play = f"async (engine) => {{ engine.seek({29_000 / RATE}); await engine.play(); }}"
    session = session_of({"t": sound}, Settings({}, {}, {}))
    heard = render_in_browser(engine_page, session, {"t": sound}, RATE // 2, during=play)
    assert np.flatnonzero(heard.audio[0] > 0.25).tolist() == [1000 + LATE]


def test_long_songs_are_kept_in_sixteen_bits(engine_page: Chromium) -> None:
    """Half the memory; 16 bit files stay exact, others lose what lies 90 dB under each block."""
    recording = module_text("recording.js")
    always = recording.replace("256 * 2 ** 20", "0")
    compact = module_text("engine.js").replace(script_url(recording), script_url(always))
    assert always != recording
    assert compact != module_text("engine.js")
    engine_page.run(
        "async (text) => { window.Large = Engine; window.Engine = (await import(url(text))).Engine; }", compact
    )
    try:
        sound = music(1, 2, seed=3)
        sixteen = (np.round(sound * 32767) / 32768).astype(np.float32)
        for audio, most in ((sixteen, -140.0), (sound, -90.0)):
            session = session_of({"t": audio}, Settings({"t": {}}, {}, {}))
            heard = render_in_browser(engine_page, session, {"t": audio}, RATE + LATE)
            assert difference_db(heard.audio[:, LATE:], audio) < most
    finally:
        engine_page.run("window.Engine = Large")


# --- raw, mix, reference --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["raw", "reference"])
def test_what_is_switched_to_is_as_loud(engine_page: Chromium, to: str) -> None:
    tracks = {"a": music(3, 2, seed=1), "b": music(3, 1, seed=2)}
    settings = Settings({"a": {"fader": {"gain_db": -9.0}}, "b": {"fader": {"gain_db": -14.0}}}, {}, {})
    session, reference = session_of(tracks, settings), np.float32(0.3) * music(3, 2, seed=5)
    raw = rendered_by_console(session_of(tracks, Settings({}, {}, {})), tracks)
    mix = rendered_by_console(session, tracks)
    known = {"mix": mix, "raw": raw, "reference": reference}
    loudness = {name: measure(sound, RATE).integrated for name, sound in known.items()}
    assert abs(loudness["mix"] - loudness[to]) > 3
    heard = render_in_browser(
        engine_page,
        session,
        tracks,
        3 * RATE,
        reference=reference,
        loudness=loudness,
        during=f"async (engine) => {{ engine.listen('{to}'); await engine.play(); }}",
    )
    late = heard.audio[:, RATE:]  # the gains have arrived
    wanted = known[to][:, RATE - LATE : -LATE]
    gain_db = measure(late, RATE).integrated - measure(np.ascontiguousarray(wanted), RATE).integrated
    assert gain_db == pytest.approx(loudness["mix"] - loudness[to], abs=0.1)
    assert difference_db(late * np.float32(10 ** (-gain_db / 20)), wanted) < -60, "nothing else is changed, in sync"


def test_the_match_follows_what_is_moved(engine_page: Chromium) -> None:
    """The raw sum stays as loud as the mix when a fader of the mix was moved and 3 s of it were heard."""
    tracks = {"t": music(6, 2, seed=1)}
    session = session_of(tracks, Settings({"t": {}}, {}, {}))
    moved = at(0.5, "engine.set('t.fader.gain_db', -11)")
    heard = render_in_browser(engine_page, session, tracks, 6 * RATE, loudness={"mix": -9, "raw": -9}, during=moved)
    assert heard.meters[-1]["matchDb"] == pytest.approx(-11, abs=0.3)


# --- how fast -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("strips", "most"), [(16, 0.4), (32, 0.75)])
def test_it_plays_without_dropouts(engine_page: Chromium, strips: int, most: float) -> None:
    """Seconds of a processor core for a second of sound, everything on, the reverb's threads included."""
    tracks = {f"t{index}": music(2, 1 + index % 2, seed=index) * np.float32(0.1) for index in range(strips)}
    session = session_of(tracks, drawn_settings(list(tracks), np.random.default_rng(7)))
    start = engine_page.cpu_seconds()
    render_in_browser(engine_page, session, tracks, RATE)
    once = engine_page.cpu_seconds() - start
    render_in_browser(engine_page, session, tracks, 6 * RATE, during="(it) => { it.loop(0, 2); it.play(); }")
    again = engine_page.cpu_seconds() - start - once
    assert (again - once) / 5 < most


# --- what these tests must catch ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Math.sin(w) / (2 * q)", "Math.sin(w) / (2.02 * q)"),
        ("10 ** (gainDb / 40)", "10 ** ((gainDb + 0.1) / 40)"),
        ('this.attack = onePole(at("attack_ms"))', 'this.attack = onePole(1.01 * at("attack_ms"))'),
        ("if (stereo) peak = Math.max(peak, Math.abs(right[n]));", ""),
        ("10 ** (this.now[name] / 20)", "10 ** ((this.now[name] + 0.1) / 20)"),
        ("right[n] = rr * r + rl * l", "right[n] = rr * r - rl * l"),
        ("(sums.sent.left[n] + sums.sent.right[n]) / 2", "sums.sent.left[n]"),
        ("1 - 10 ** (-0.05 / 20)", "1 - 10 ** (-0.06 / 20)"),
        ("const HOLD = SMOOTHING + 2 * PLATEAU + 1", "const HOLD = SMOOTHING + PLATEAU + 1"),
    ],
)
def test_a_changed_worklet_is_noticed(engine_page: Chromium, old: str, new: str) -> None:
    text = worklet_text("console")
    assert old in text, f"the worklet no longer says {old!r}: choose another mutation"
    tracks = {"a": music(0.4, 2, seed=1), "b": music(0.4, 1, seed=2)}
    settings = drawn_settings(list(tracks), np.random.default_rng(8))
    master = {**settings.master, "fader": {"gain_db": 3.0}, "limiter": {"active": 1.0, "ceiling_db": -3.0}}
    room = {"reverb": {**settings.reverb["reverb"], "decay_s": 0.2}}
    session = session_of(tracks, Settings(settings.tracks, room, master))
    assert browser_difference_db(engine_page, session, tracks, text.replace(old, new)) > EXACT_DB + 20
