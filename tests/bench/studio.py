"""The studio's page with a studio behind it: how long stems take to a playing console, and a new mix to its knobs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from interfaces.web.studio.listening import address_of, listening
from interfaces.web.studio.server import Server, studio_app
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.visit import COOKIE
from mixer import audio
from tests.chromium import Chromium
from tests.signals import RATE, music

Line = tuple[str, float, str, float]
"""What, how much, its unit, and the most that it may be."""

STEMS = 16
SHORT_S, LONG_S = 30, 240
_KNOBS = (
    ("fader.gain_db", -3.0),
    ("panner.pan", 0.3),
    ("equalizer.highpass_hz", 80.0),
    ("equalizer.peak2_gain_db", 2.0),
    ("equalizer.high_gain_db", -2.0),
    ("compressor.threshold_db", -24.0),
    ("compressor.ratio", 3.0),
    ("send.level_db", -18.0),
)
_FOLLOWED = """
(async () => {
  const start = performance.now();
  await studio.refresh();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return (performance.now() - start) / 1000;
})()
"""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a studio in this process."""
    studio = Studio(parent=folder)
    place = listening("127.0.0.1", 0)
    server = Server(studio, studio_app(studio))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield address_of(place, "127.0.0.1")
    server.end()
    thread.join(20)
    place.close()


def stems(folder: Path, seconds: float) -> list[Path]:
    """Mono stems, 16 bit FLAC."""
    sound = music(seconds, 1)
    folder.mkdir()
    paths = [folder / f"Guitar {number}.flac" for number in range(1, STEMS + 1)]
    for path in paths:
        audio.write(path, sound, RATE, depth="16")
    return paths


def playing_s(browser: Chromium, address: str, files: list[Path]) -> float:
    """From files that are chosen to sound."""
    browser.call("Network.clearBrowserCookies")
    browser.open(address)
    browser.wait_for("window.studio?.state")
    start = time.monotonic()
    browser.choose_files("#files", *files)
    browser.wait_for("document.body.dataset.ready && studio.engine", 300)
    browser.run("studio.engine.play()")
    browser.wait_for("studio.engine.position > 0")
    return time.monotonic() - start


def followed_s(browser: Chromium, address: str) -> float:
    """From a mix that the server has to all its knobs on the screen."""
    cookies = browser.call("Network.getCookies", urls=[address])["cookies"]
    (token,) = (cookie["value"] for cookie in cookies if cookie["name"] == COOKIE)
    ids = browser.run("studio.state.session.tracks.map(({id}) => id)")
    moved = [[f"{track}.{knob}", value] for track in ids for knob, value in _KNOBS]
    with httpx.Client(base_url=address, headers={"X-Faderwise": "1"}, cookies={COOKIE: token}) as client:
        revision = browser.run("studio.state.revision")
        client.post("/studio/edit", json={"revision": revision, "set": moved}).raise_for_status()
    return float(browser.run(_FOLLOWED))


def lines(browser: Chromium, folder: Path) -> list[Line]:
    """All that is measured with a studio."""
    browser.resize(1600, 900)
    with running(folder) as address:
        short = playing_s(browser, address, stems(folder / "short", SHORT_S))
        followed = followed_s(browser, address)
        long = playing_s(browser, address, stems(folder / "long", LONG_S))
        browser.run("studio.engine.rest?.then?.(() => true) ?? true", timeout_s=300)
        return [
            (f"{STEMS} stems of {SHORT_S} s given to the studio, playing", short, "s", 3),
            (f"{STEMS} stems of {LONG_S // 60} min given to the studio, playing", long, "s", 3),
            (f"a mix of {STEMS * len(_KNOBS)} moved knobs at the server, all of them on the screen", followed, "s", 1),
            (f"memory of the studio's page, {STEMS} tracks of {LONG_S // 60} min", browser.memory_mb(), "MB", 700),
        ]
