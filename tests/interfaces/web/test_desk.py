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


_FAINT = """
(least) => {
  const numbers = (text) => {
    const found = (text.match(/[\\d.]+/g) ?? []).map(Number), unit = text.startsWith('color(') ? 1 : 255;
    return [...found.slice(0, 3).map((v) => v / unit), found[3] ?? 1];
  };
  const light = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const over = (top, under) => top.slice(0, 3).map((v, n) => v * top[3] + under[n] * (1 - top[3]));
  const ground = (element) => {
    if (!element) return [1, 1, 1];
    const own = numbers(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest('.silent, .bypassed, script, style')) continue;
    const under = ground(element), ink = over(numbers(getComputedStyle(element).color), under);
    const [a, b] = [luminance(ink), luminance(under)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) faint.push(`${element.className} "${texts.currentNode.data}" ${ratio.toFixed(2)}`);
  }
  return [...new Set(faint)];
}
"""


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read(engine_page: Chromium, dark: bool) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5, with everything switched on that changes colours."""
    engine_page.resize(1600, 900, dark=dark)
    mount(engine_page, song(3))
    engine_page.run("['t0.solo', 't1.solo', 't2.solo', 't0.locked'].forEach((flag) => engine.set(flag, true))")
    assert engine_page.run(_FAINT, 4.5) == []
    assert len(engine_page.run(_FAINT, 10)) > 5, "it measures"
