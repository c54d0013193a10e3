"""The desk with many tracks: what fits on a screen, and how fast it follows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from interfaces.web.page import module_text, static_text
from interfaces.web.player import console_document
from mixer.console import Settings
from mixer.session import Session
from tests.chromium import Chromium
from tests.interfaces.web.browser_console import session_of, wav
from tests.signals import RATE, drawn_settings, music

_MOUNT = """
async ({given, modules, css, audio}) => {
  const {Desk} = await import(url(modules.console));
  const session = given.session;
  const context = new OfflineAudioContext(2, 128, session.sample_rate);
  window.engine = new Engine({schema: given.schema, context, ...urls});
  await engine.load(session, Object.fromEntries(session.tracks.map(({id}) => [id, bytes(audio)])));
  const style = document.createElement('style'); style.textContent = css;
  document.head.replaceChildren(style);
  document.body.className = 'fw'; document.body.style.margin = 0;
  document.body.innerHTML = '<div id="desk"></div>';
  const start = performance.now();
  window.desk = new Desk(document.getElementById('desk'), engine, {colours: given.colours});
  document.body.getBoundingClientRect();
  return performance.now() - start;
}
"""


def mount(page: Chromium, session: Session) -> float:
    """The desk of a session of mono tracks, in an empty page; milliseconds that building it took."""
    given = {"given": console_document(session), "modules": {"console": module_text("console.js")}}
    more = {"css": static_text("console.css"), "audio": wav(music(0.05, 1), RATE)}
    return float(page.run(_MOUNT, json.loads(json.dumps({**given, **more}))))


def song(tracks: int) -> Session:
    sounds = {f"t{index}": music(0.05, 1 + index % 2) for index in range(tracks)}
    return session_of(sounds, drawn_settings(list(sounds), np.random.default_rng(1)))


def test_sixteen_strips_reverb_and_master_on_one_screen(engine_page: Chromium) -> None:
    engine_page.resize(1600, 900)
    mount(engine_page, song(16))
    assert engine_page.run("document.querySelectorAll('.strip').length") == 18
    assert (
        engine_page.run(
            "(() => { const r = document.querySelector('.rack'); return r.scrollWidth - r.clientWidth; })()"
        )
        == 0
    )
    assert engine_page.run("document.documentElement.scrollWidth") == 1600
    assert engine_page.run("document.documentElement.scrollHeight") <= 900


def test_more_strips_scroll_beside_the_master(engine_page: Chromium) -> None:
    engine_page.resize(1600, 900)
    mount(engine_page, song(24))
    assert (
        engine_page.run(
            "(() => { const r = document.querySelector('.rack'); return r.scrollWidth - r.clientWidth; })()"
        )
        > 0
    )
    assert engine_page.run("document.querySelector('.strip.master').getBoundingClientRect().right") <= 1600


@pytest.mark.slow
def test_all_knobs_follow_at_once(engine_page: Chromium) -> None:
    """A whole new mix of 32 tracks is on the desk in less than a second, on a busy machine as well."""
    engine_page.resize(1600, 900)
    assert mount(engine_page, song(32)) < 3000
    update = """() => { const start = performance.now(); desk.changed(null); document.body.getBoundingClientRect();
        return performance.now() - start; }"""
    assert min(engine_page.run(f"({update})()") for _ in range(3)) < 1000


def test_a_handle_moves_its_band(engine_page: Chromium) -> None:
    """Across is frequency, up is gain, the wheel is Q, a double click is flat."""
    engine_page.resize(1600, 900)
    session = session_of({"t0": music(0.05, 1)}, Settings({"t0": {}}, {}, {}))
    mount(engine_page, session)
    at = "t0.equalizer.peak2_"
    x, y = engine_page.middle(".handle[title='Peak 2']")
    engine_page.mouse("mousePressed", x, y, button="left", clickCount=1)
    engine_page.mouse("mouseMoved", x + 60, y - 30, button="left", buttons=1)
    engine_page.mouse("mouseReleased", x + 60, y - 30, button="left", clickCount=1)
    hz, gain_db = (engine_page.run("(a) => engine.get(a)", f"{at}{knob}") for knob in ("hz", "gain_db"))
    assert hz > 800
    assert 2 < gain_db < 12
    x, y = engine_page.middle(".handle[title='Peak 2']")
    engine_page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-100)
    engine_page.wait_for(f"engine.get('{at}q') > 1.05")
    engine_page.click(".handle[title='Peak 2']", count=2)
    assert engine_page.run("(a) => engine.get(a)", f"{at}gain_db") == 0
