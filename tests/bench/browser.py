"""``python -m tests.bench.browser`` measures the console in a browser and writes ``docs/browser.md``.

The sound against the render, the processor's share, the page's memory, how long a hand waits, and how long stems take
from a folder to a playing console.
"""

from __future__ import annotations

import base64
import datetime
import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from mixer.arrays import F32
from mixer.console import Settings
from mixer.session import Session
from tests.bench import studio
from tests.bench.__main__ import machine
from tests.bench.studio import Line
from tests.chromium import Chromium
from tests.interfaces.web.browser_console import browser_difference_db, prepare, render_in_browser, session_of
from tests.interfaces.web.test_desk import mount
from tests.signals import RATE, drawn_settings, music, real_music

PAGE = Path(__file__).resolve().parents[2] / "docs" / "browser.md"
LONG_S = 240
_PLAY = """
async ({session, audio}) => {
  window.live = new Engine({schema, ...urls});
  const file = bytes(audio), start = performance.now();
  await live.load(session, Object.fromEntries(session.tracks.map(({id}) => [id, () => file.slice(0)])));
  await live.play();
  await new Promise((resolve) => live.addEventListener('meters', () => live.position > 0 && resolve()));
  return (performance.now() - start) / 1000;
}
"""
_WAIT = """
async () => {
  const waits = [];
  for (let n = 0; n < 101; n++) {
    const start = performance.now();
    live.set('t0.fader.gain_db', -n / 10);
    await live.settled();
    waits.push(performance.now() - start);
  }
  return waits.sort((a, b) => a - b)[50];
}
"""
_LATE = """
async () => {
  const clock = live.context.currentTime, start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  return 1000 * ((performance.now() - start) / 1000 - (live.context.currentTime - clock));
}
"""


def full(tracks: dict[str, F32], seed: int) -> Session:
    """A session with everything on."""
    return session_of(tracks, drawn_settings(list(tracks), np.random.default_rng(seed)))


def parity(browser: Chromium) -> list[Line]:
    """A real song through everything, and through its strips alone."""
    tracks = {f"t{index}": sound for index, sound in enumerate(real_music("rock", 6))}
    session = full(tracks, 1)
    drawn = drawn_settings(list(tracks), np.random.default_rng(1)).tracks
    dry = {key: {name: of for name, of in values.items() if name != "send"} for key, values in drawn.items()}
    strips = session_of(tracks, Settings(dry, {}, {}))
    return [
        ("whole console against `render`, 7 tracks", browser_difference_db(browser, session, tracks), "dB", -60),
        ("strips alone", browser_difference_db(browser, strips, tracks), "dB", -80),
    ]


def share(browser: Chromium, strips: int) -> float:
    """Percent of one core while so many strips play."""
    tracks = {f"t{index}": music(2, 1 + index % 2, seed=index) * np.float32(0.1) for index in range(strips)}
    session, taken = full(tracks, 7), []
    for seconds in (2, 12):
        start = browser.cpu_seconds()
        play = "(engine) => { engine.loop(0, 2); engine.play(); }"
        render_in_browser(browser, session, tracks, seconds * RATE, during=play)
        taken.append(browser.cpu_seconds() - start)
    return 100 * (taken[1] - taken[0]) / 10


def shares(browser: Chromium) -> list[Line]:
    """The processor's share."""
    return [
        ("16 strips playing", share(browser, 16), "% of a core", 40),
        ("32 strips playing", share(browser, 32), "% of a core", 80),
    ]


def live(browser: Chromium) -> list[Line]:
    """A song of 16 tracks and four minutes, playing."""
    sound = music(LONG_S, 1)
    session = full({f"t{index}": sound for index in range(16)}, 3)
    file = io.BytesIO()
    soundfile.write(file, sound.T, RATE, format="FLAC", subtype="PCM_16")
    text = base64.b64encode(file.getvalue()).decode()
    given = {"session": json.loads(session.model_dump_json(by_alias=True)), "audio": text}
    return [
        ("16 tracks of 4 min, loaded and playing", float(browser.run(_PLAY, given, timeout_s=300)), "s", 3),
        ("knob moved to knob sounding", float(browser.run(f"({_WAIT})()")), "ms", 5),
        ("behind the clock after 5 s of playing", float(browser.run(f"({_LATE})()")), "ms", 20),
        ("memory of the page", browser.memory_mb(), "MB", 700),
    ]


def desk(browser: Chromium) -> list[Line]:
    """How fast what is seen follows."""
    browser.resize(1600, 900)
    built = mount(browser, full({f"t{index}": music(0.05, 2) for index in range(32)}, 4)) / 1000
    follow = "() => { const start = performance.now(); desk.changed(null); document.body.getBoundingClientRect();"
    changed = min(browser.run(f"({follow} return performance.now() - start; }})()") for _ in range(5)) / 1000
    return [("desk of 32 strips built", built, "s", 1), ("all its knobs updated", changed, "s", 1)]


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for a browser, which may still write while it is removed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def table(lines: list[Line]) -> str:
    """Lines as Markdown."""
    rows = [
        f"| {what} | {value:.{0 if abs(value) >= 20 else 2}f} {unit} | {goal:g} {unit} "
        f"| {'yes' if value <= goal else '**no**'} |\n"
        for what, value, unit, goal in lines
    ]
    return "| what | measured | goal | met |\n|---|---|---|---|\n" + "".join(rows)


def main() -> None:
    """Measure all of it."""
    lines: list[Line] = []
    for part in (parity, shares, live, desk):
        with scratch() as folder, Chromium(folder / "profile") as browser:
            version = browser.version()
            prepare(browser, folder)
            lines += part(browser)
    with scratch() as folder, Chromium(folder / "profile") as browser:
        lines += studio.lines(browser, folder)
    PAGE.write_text(
        "# The console in a browser, measured\n\n"
        f"Written by `python -m tests.bench.browser` on {datetime.date.today():%Y-%m-%d}. {machine()}; {version}, "
        f"without a window; load average {os.getloadavg()[1]:.1f}, so trust shares more than waits.\n\n"
        "Shares are processor time of all the page's threads, the reverb's included, of one core, with everything on "
        "and a limiter at work.\n\n" + table(lines)
    )


if __name__ == "__main__":
    main()
