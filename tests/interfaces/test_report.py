"""The page of ``compare``: it needs nothing else, plays both mixes equally loud, and draws what was measured."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from pydantic import JsonValue

from interfaces.report_sound import excerpts, gains_db
from mixer import audio
from mixer.edits import apply
from mixer.loudness import integrated_loudness
from mixer.session import Edit
from mixer.session_file import load, save
from style_transfer.features import CENTRES_HZ
from tests.chromium import Chromium
from tests.interfaces.conftest import Faderwise
from tests.signals import RATE, music, sine


class _Page(HTMLParser):
    """What a browser would fetch, and what it would show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self.scripts: dict[str, str] = {}
        self._id: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self._id = names.get("id") if tag == "script" else None
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data: str) -> None:
        if self._id:
            self.scripts[self._id] = data
            self._id = None
        self.text += data

    @property
    def given(self) -> dict[str, Any]:
        read = json.loads(self.scripts["given"])
        assert isinstance(read, dict)
        return read


@pytest.fixture
def page(faderwise: Faderwise, tmp_path: Path) -> Path:
    """A comparison of a low tone and a high one, ten times softer."""
    audio.write(tmp_path / "low.wav", 0.3 * sine(150, 6), RATE)
    audio.write(tmp_path / "high.wav", 0.03 * sine(6000, 6), RATE)
    target = tmp_path / "page.html"
    assert faderwise("compare", tmp_path / "low.wav", tmp_path / "high.wav", "--report", target).code == 0
    return target


def test_the_page_needs_nothing_else(faderwise: Faderwise, session: Path, reference: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert faderwise("compare", session, reference, "--report", page).out.splitlines()[-1] == f"report: {page}"
    text = page.read_text(encoding="utf-8")
    read = _Page(text)
    assert [link for link in read.links if not link.startswith("data:")] == []
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "hit.flac" in read.text
    assert [track["name"] for track in read.given["look"]["masking"]["tracks"]] == ["Bass DI", "Kick", "LdVox"]


def test_both_are_in_the_page_as_loud_as_each_other(page: Path) -> None:
    read = _Page(page.read_text(encoding="utf-8"))
    loud = []
    for sound in read.given["sounds"]:
        ogg = io.BytesIO(base64.b64decode(read.scripts[f"sound-{sound['key']}"]))
        heard, rate = soundfile.read(ogg, dtype="float32", always_2d=True)
        assert len(heard) / rate == pytest.approx(6, abs=1e-3)
        assert sound["gain_db"] <= 0
        loud.append(integrated_loudness(np.ascontiguousarray(heard.T), rate) + sound["gain_db"])
    # what Vorbis takes from a lone tone stays under 0.2 dB
    assert loud[0] == pytest.approx(loud[1], abs=0.2)


def test_long_mixes_give_the_part_that_tells_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interfaces.report_sound.LONGEST_S", 8.0)
    sound = np.float32(1e-3) * music(20, 1, rate=8000)
    sound[:, 10 * 8000 :] *= 300
    for name in ("a.wav", "b.wav"):
        audio.write(tmp_path / name, sound, 8000)
    audio.write(tmp_path / "other.wav", sound[:, : 5 * 8000], 8000)
    a, b = excerpts(tmp_path / "a.wav", tmp_path / "b.wav")
    assert (a.start_s, a.seconds) == (b.start_s, b.seconds)
    assert a.seconds == 8
    assert a.start_s >= 9
    assert excerpts(tmp_path / "a.wav", tmp_path / "other.wav")[1].start_s == 0


def test_silence_is_not_turned_up(tmp_path: Path) -> None:
    audio.write(tmp_path / "loud.wav", music(4), RATE)
    audio.write(tmp_path / "silence.wav", np.zeros((1, 4 * RATE), np.float32), RATE)
    assert gains_db(*excerpts(tmp_path / "loud.wav", tmp_path / "silence.wav")) == (0, 0)


def test_the_document_says_what_was_measured(page: Path) -> None:
    look = _Page(page.read_text(encoding="utf-8")).given["look"]
    tone = next(view for view in look["tones"] if view["key"] == "mid")
    for line, hz in zip(tone["lines"], (150, 6000), strict=True):
        loudest = CENTRES_HZ[int(np.argmax(line["db"]))]
        assert abs(np.log2(loudest / hz)) < 0.25  # inside the band
    for line in look["loudness"]:
        assert len(line["values"]) == 31  # whole windows of 3 s in 6 s, one every 100 ms
    assert look["masking"] is None


def test_silence_has_a_page_too(faderwise: Faderwise, tmp_path: Path) -> None:
    audio.write(tmp_path / "silence.wav", np.zeros((2, 2 * RATE), np.float32), RATE)
    page = tmp_path / "page.html"
    made = faderwise("compare", tmp_path / "silence.wav", tmp_path / "silence.wav", "--report", page, "--json").document
    assert made["a"]["features"]["loudness_lufs"] is None
    assert made["distance"]["total_db"] == 0
    look = _Page(page.read_text()).given["look"]
    assert {level for view in look["tones"] for line in view["lines"] for level in line["db"]} == {None}


def test_names_are_text_on_the_page(faderwise: Faderwise, reference: Path, tmp_path: Path) -> None:
    odd = reference.rename(tmp_path / "<b>&amp;.flac")
    faderwise("compare", odd, odd, "--report", tmp_path / "page.html")
    assert "<b>&amp;.flac" in _Page((tmp_path / "page.html").read_text()).text


def test_two_sessions_tell_what_was_done(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    before = session.with_name("before.json")
    before.write_bytes(session.read_bytes())
    moved: dict[str, JsonValue] = {
        "value": -3.0,
        "source": "reference",
        "reason": "Kick down 3 dB: it was <louder> than theirs",
    }
    edit = Edit(address="kick.fader.gain_db", before=None, after=moved)
    said: dict[str, JsonValue] = {"summary": {"was": ["The mix stood at -20 LUFS."]}}
    save(apply(load(session), [edit], "suggest", "suggestion after hit.flac", detail=said), session)
    page = tmp_path / "page.html"
    assert faderwise("compare", before, session, "--report", page).code == 0
    read = _Page(page.read_text(encoding="utf-8"))
    assert "What was done in B, and why" in read.text
    assert "What was done in A" not in read.text
    assert "What differs: 1 setting" in read.text
    assert "The mix stood at -20 LUFS." in read.text
    assert "it was <louder> than theirs" in read.text
    assert "Suggestion after hit.flac." in read.text
    assert [view["side"] for view in read.given["look"]["masking"]["views"]] == ["a", "b"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


def test_a_browser_draws_and_plays_it(browser: Chromium, page: Path) -> None:
    browser.resize(1000, 1400)
    browser.open(page.as_uri())
    browser.wait_for("document.body.dataset.ready")
    width = browser.run("document.querySelector('.tonal .plot').clientWidth")
    # the loudest point of each line (the smallest y) lies where the tone is, on a log axis from 20 Hz to 20 kHz
    for style, hz in (("now", 141), ("reference", 5820)):
        path = browser.run("(s) => document.querySelector(`.tonal .line.${s}`).getAttribute('d')", style)
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d", path)]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        x, _ = min(points[:1] + points[3::3], key=lambda point: point[1])  # each Bezier segment ends at its third
        assert x == pytest.approx(40 + (width - 50) * np.log(hz / 20) / np.log(1000), abs=1)
    assert browser.run("(async () => { await listening.play(); listening.listen('b'); })()") is None
    browser.wait_for("listening.position > 0.3")
    heard = "listening.gains.map(({gain}) => gain.value)"
    assert browser.run(heard)[0] == pytest.approx(0, abs=1e-3)
    assert browser.run(heard)[1] > 0.9
    assert browser.run("document.querySelector('.loudness .playhead').hidden") is False
    assert browser.errors == []
    assert [url for url in browser.requests if not url.startswith(("data:", "file:"))] == []


def test_pictures_are_read_by_keyboard_and_as_tables(browser: Chromium, page: Path) -> None:
    browser.open(page.as_uri())
    browser.wait_for("document.body.dataset.ready")
    browser.run("document.querySelector('.tonal .plot').focus()")
    said = "document.querySelector('.tonal .plot').getAttribute('aria-valuetext')"
    assert browser.run(said).startswith("20 Hz to 100 Hz: A: ")
    browser.key("End")
    browser.key("ArrowLeft")
    assert browser.run(said).startswith("12 kHz to 15.5 kHz: A: ")
    browser.click(".tonal details summary")
    browser.wait_for("document.querySelectorAll('.tonal tbody tr').length === 25")
    shown = "document.querySelectorAll('.tonal .line').length"
    assert browser.run(shown) == 2
    browser.click(".legend .toggle")
    assert browser.run(shown) == 1
    assert "A: " not in browser.run(said)
