"""A long song in the browser plays from its first seconds while the rest is on its way."""

from __future__ import annotations

import json

import pytest

from mixer.console import Settings
from tests.chromium import Chromium
from tests.interfaces.web.browser_console import session_of, wav
from tests.signals import RATE, music

HEAD_S, WHOLE_S = 0.5, 3.0
_LOAD = """
async ({session, head, whole, headS}) => {
  window.held = new Promise((resolve) => { window.release = resolve; });
  const rest = async () => { await held; return bytes(whole); };
  window.engine = new Engine({schema, ...urls});
  const first = {seconds: headS, audio: {t0: bytes(head)}};
  await engine.load(session, {t0: rest}, {head: first, reference: () => rest()});
}
"""
_LATER = "new Promise((done) => setTimeout(done, 1200))"


@pytest.fixture
def begun(engine_page: Chromium) -> Chromium:
    """A song of three seconds of which half a second is there, and of its reference nothing."""
    sound = music(WHOLE_S, 1)
    session = session_of({"t0": sound}, Settings({"t0": {}}, {}, {}))
    given = {
        "session": json.loads(session.model_dump_json(by_alias=True)),
        "head": wav(sound[:, : round(HEAD_S * RATE)], RATE),
        "whole": wav(sound, RATE),
        "headS": HEAD_S,
    }
    engine_page.run(_LOAD, given)
    return engine_page


def test_playing_waits_where_the_sound_ends_and_goes_on(begun: Chromium) -> None:
    """It is held within a report of the worklet (1/30 s) and the latency of a machine that is busy."""
    begun.run("engine.play()")
    begun.run(_LATER)
    assert begun.run("engine.position") == pytest.approx(HEAD_S, abs=0.25)
    assert begun.run("[engine.playing, engine.waiting, engine.loaded]") == [True, True, HEAD_S]
    begun.run("release()")
    begun.run("engine.rest")
    begun.run(_LATER)
    assert begun.run("engine.position") > HEAD_S + 0.4
    assert begun.run("[engine.playing, engine.waiting, engine.loaded]") == [True, False, WHOLE_S]
    begun.run("engine.close()")


def test_going_back_plays_at_once_and_the_picture_grows(begun: Chromium) -> None:
    drawn = "[...engine.overview].filter((energy) => energy > 0).length / engine.overview.length"
    assert begun.run(drawn) == pytest.approx(HEAD_S / WHOLE_S, abs=0.02)
    begun.run("engine.seek(2)")
    begun.run("engine.play()")
    begun.wait_for("engine.waiting")
    begun.run("engine.seek(0)")
    assert begun.run("engine.waiting") is False
    begun.wait_for("engine.position > 0.1 && engine.position < 1")
    begun.run("engine.pause()")
    assert begun.run("engine.hasReference") is False
    begun.run("release()")
    begun.run("engine.rest")
    assert begun.run(drawn) > 0.98
    assert begun.run("engine.hasReference") is True
    begun.run("engine.close()")
