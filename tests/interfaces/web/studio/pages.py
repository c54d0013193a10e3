"""The studio's page in Chromium, as tests open it and look at it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from interfaces.web.studio.visit import COOKIE
from mixer import audio
from tests.chromium import Chromium
from tests.interfaces.web.studio.conftest import Running
from tests.signals import RATE, music

STANDS = "document.body.dataset.ready && studio.engine"


def open_page(browser: Chromium, server: Running, token: str | None = None) -> None:
    """The page of a browser that was never there, or of the one with this token, without its old songs."""
    browser.open("about:blank")  # else the page before may ask once more, as nobody
    browser.call("Network.clearBrowserCookies")
    browser.resize(1600, 900)
    if token is not None:
        browser.call("Network.setCookie", name=COOKIE, value=token, url=server.address, httpOnly=True)
    browser.open(server.address)
    browser.wait_for("window.studio?.state")


def open_song(browser: Chromium, *files: Path) -> None:
    """Give files to the empty page, and wait for the song."""
    browser.choose_files("#files", *files)
    browser.wait_for(STANDS)


def song(folder: Path, seconds: float = 4.0) -> list[Path]:
    """Three stems: two mono, one stereo."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "Kick.wav", folder / "Bass DI.flac", folder / "LdVox.wav"]
    for number, path in enumerate(paths, 1):
        audio.write(path, np.float32(0.3) * music(seconds, 1 + number // 3, seed=number), RATE)
    return paths


def told(browser: Chromium, path: str) -> Any:
    """What the server says now, at a path into its state such as ``context.references``."""
    return browser.run(f"fetch('/studio/state').then((r) => r.json()).then((state) => state.{path})")


def wait_told(browser: Chromium, condition: str, timeout_s: float = 30) -> None:
    """Until the server's state fulfils a condition about ``state``."""
    deadline = time.monotonic() + timeout_s
    asked = f"fetch('/studio/state').then((r) => r.json()).then((state) => Boolean({condition}))"
    while not browser.run(asked):
        assert time.monotonic() < deadline, f"the server's state did not become so: {condition}"
        time.sleep(0.05)


def undo_all(browser: Chromium) -> None:
    """Press undo until the song is as it was opened."""
    while told(browser, "can_undo"):
        undone = told(browser, "history.length") - 1
        browser.run("document.querySelector('[data-do=undo]').click()")
        wait_told(browser, f"state.history.length === {undone}")


def texts(browser: Chromium, selector: str) -> list[str]:
    """What the elements say."""
    found: list[str] = browser.run("(s) => [...document.querySelectorAll(s)].map((e) => e.textContent)", selector)
    return found


def put(browser: Chromium, selector: str, text: str) -> None:
    """Write into a field as a person does, and leave it."""
    browser.run("(s) => { const e = document.querySelector(s); e.focus(); e.select(); }", selector)
    browser.run("document.execCommand('delete')")
    browser.call("Input.insertText", text=text)
    browser.run("(s) => document.querySelector(s).blur()", selector)
