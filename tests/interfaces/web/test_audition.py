"""Other settings in the place of the session's: put there for good, or only heard, in sync and as loud."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest

from mixer.arrays import F32
from mixer.console import Settings
from mixer.loudness import integrated_loudness
from mixer.session import Session
from tests.chromium import Chromium
from tests.interfaces.web.browser_console import latency_frames, render_in_browser, rendered_by_console, session_of
from tests.signals import RATE, difference_db, drawn_settings, music

SECONDS = 1.5
SETTLED_S = 0.25
"""In which one mix has given way to the other, and their filters have forgotten."""


@pytest.fixture(scope="module")
def tracks() -> dict[str, F32]:
    return {"kick": 0.3 * music(SECONDS, 1, seed=1), "keys": 0.3 * music(SECONDS, 2, seed=2)}


def drawn(tracks: Mapping[str, F32], seed: int) -> Session:
    """Settings from everywhere, but for what remembers long: rooms, and the master's compressor, which is at work."""
    found = drawn_settings(list(tracks), np.random.default_rng(seed))
    quiet = {
        name: {**values, "send": {"level_db": -60.0}, "fader": {"gain_db": -12.0}}
        for name, values in found.tracks.items()
    }
    master = {**found.master, "limiter": {"active": 0.0}, "fader": {"gain_db": -6.0}, "compressor": {}}
    return session_of(tracks, Settings(quiet, {}, master))


def given(session: Session) -> str:
    return session.model_dump_json(by_alias=True)


def test_what_is_put_in_place_sounds_as_its_render(engine_page: Chromium, tracks: dict[str, F32]) -> None:
    """A session that comes in the midst of the song glides in; then it is the new mix, to the sample."""
    first, then = drawn(tracks, 1), drawn(tracks, 2)
    wanted, late = rendered_by_console(then, tracks), latency_frames(RATE)
    during = f"async (engine) => {{ engine.replace({given(then)}); await engine.play(); }}"
    heard = render_in_browser(engine_page, first, tracks, wanted.shape[1] + late, during=during).audio[:, late:]
    since = round(SETTLED_S * RATE)
    assert difference_db(heard[:, since:], wanted[:, since:]) < -75, "as exact as any session, the glide aside"


def test_the_differences_are_told(engine_page: Chromium, tracks: dict[str, F32]) -> None:
    session = session_of(tracks, Settings({"kick": {}, "keys": {}}, {}, {}))
    other = json.loads(given(session))
    other["tracks"][0] |= {"mute": True, "settings": {"fader": {"knobs": {"gain_db": {"value": -3.0, "locked": True}}}}}
    other["master"] = {"equalizer": {"bypass": True}}
    ask = """(schema, before, after) => {
      const engine = new Engine({schema, ...urls}); engine.session = before;
      return engine.differences(after).sort(); }"""
    told = engine_page.run(ask, engine_page.run("schema"), json.loads(given(session)), other)
    assert told == sorted(["kick.mute", "kick.fader.gain_db", "kick.fader.gain_db.locked", "master.equalizer.bypass"])


def test_an_audition_sounds_as_the_other_session_and_leaves_this_one(
    engine_page: Chromium, tracks: dict[str, F32]
) -> None:
    first, then = drawn(tracks, 3), drawn(tracks, 4)
    wanted, late = rendered_by_console(then, tracks), 2 * latency_frames(RATE)
    during = f"""async (engine) => {{
      const before = JSON.stringify(engine.session);
      engine.audition({given(then)}, {{name: 'C'}});
      if (JSON.stringify(engine.session) !== before || engine.hearing !== 'C') throw new Error('it moved the session');
      await engine.play(); }}"""
    heard = render_in_browser(engine_page, first, tracks, wanted.shape[1] + late, during=during).audio[:, late:]
    since = round(SETTLED_S * RATE)
    assert difference_db(heard[:, since:], wanted[:, since:]) < -75, (
        "the guard's look-ahead comes on top of the limiter's"
    )


@pytest.mark.parametrize("known", [True, False])
def test_an_audition_is_as_loud_as_the_mix(engine_page: Chromium, known: bool) -> None:
    """The other mix has 9 dB more on its fader: where that is known it is matched at once, else it is learnt."""
    tracks = {"kick": 0.05 * music(9, 1, seed=5)}
    mix = session_of(tracks, Settings({"kick": {}}, {}, {}))
    louder = session_of(tracks, Settings({"kick": {"fader": {"gain_db": 9.0}}}, {}, {}))
    frames = 9 * RATE
    wanted = rendered_by_console(mix, tracks)
    told = "9" if known else "null"
    during = f"""async (engine) => {{
      engine.audition({given(louder)}, {{name: 'C', louderDb: {told}}});
      await engine.play(); }}"""
    heard = render_in_browser(engine_page, mix, tracks, frames, during=during).audio
    since = round((0.5 if known else 5) * RATE)
    apart = integrated_loudness(heard[:, since:], RATE) - integrated_loudness(wanted[:, since:frames], RATE)
    assert abs(apart) < 0.3, "no louder than what is noticed"


def test_a_hand_on_a_knob_ends_an_audition(engine_page: Chromium, tracks: dict[str, F32]) -> None:
    """Who moves a fader hears their own mix."""
    first, then = drawn(tracks, 3), drawn(tracks, 4)
    wanted, late = rendered_by_console(first, tracks), latency_frames(RATE)
    during = f"""async (engine) => {{
      engine.audition({given(then)}, {{name: 'C'}});
      engine.set('kick.fader.gain_db', engine.get('kick.fader.gain_db'));
      if (engine.listening !== 'mix' || engine.hearing !== null) throw new Error('it goes on');
      await engine.play(); }}"""
    heard = render_in_browser(engine_page, first, tracks, wanted.shape[1] + late, during=during).audio[:, late:]
    since = round(SETTLED_S * RATE)
    assert difference_db(heard[:, since:], wanted[:, since:]) < -75
