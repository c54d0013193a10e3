"""``analyze`` and ``compare``: figures that are true, as a table, as JSON, and as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from mixer import audio
from tests.interfaces.conftest import Faderwise
from tests.signals import RATE, music, sine


def test_analysis_in_json(faderwise: Faderwise, session: Path) -> None:
    made = faderwise("analyze", session, "--json").document
    bass, kick, voice = made["tracks"]
    assert list(made) == ["session", "tracks", "mix"]
    assert list(bass) == ["id", "name", "role", "audible", "features"]
    # the band from 20 to 100 Hz has its centre at 45 Hz, the next at 141: a tone at 82 leaks between the two
    assert 40 < bass["features"]["tonal_centre_hz"] < 142
    assert bass["features"]["true_peak_db"] == pytest.approx(20 * np.log10(0.5), abs=0.05)
    assert kick["features"]["loudness_lufs"] > voice["features"]["loudness_lufs"]
    assert made["mix"]["loudness_lufs"] > kick["features"]["loudness_lufs"]


def test_analysis_as_a_table(faderwise: Faderwise, session: Path) -> None:
    faderwise("set", session, "kick.mute=on")
    ran = faderwise("analyze", session)
    assert ran.code == 0
    assert "Kick (not in the mix)" in ran.out
    assert re.search(r"Bass DI +bass +-\d+\.\d LUFS +-6\.0 dBTP", ran.out)


def test_a_mix_is_at_no_distance_from_itself(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    faderwise("render", session, "-o", mix, "--bits", "float")
    made = faderwise("compare", session, mix, "--json").document
    assert list(made) == ["a", "b", "distance", "report"]
    # what is left comes from reading the same samples in blocks of another size
    assert made["distance"]["total_db"] == pytest.approx(0, abs=1e-6)
    assert made["a"]["features"]["loudness_lufs"] == pytest.approx(made["b"]["features"]["loudness_lufs"], abs=1e-9)


def test_what_differs_is_measured(faderwise: Faderwise, tmp_path: Path) -> None:
    wide, left = music(4, 2, seed=3), music(4, 2, seed=3)
    left[1] *= np.float32(0.1)
    audio.write(tmp_path / "wide.wav", wide, RATE)
    audio.write(tmp_path / "left.wav", left, RATE)
    made = faderwise("compare", tmp_path / "wide.wav", tmp_path / "left.wav", "--json").document
    # one side at a tenth: (0.01 - 1) / (0.01 + 1) of the power lies left
    assert made["b"]["features"]["imbalance"] == pytest.approx(-0.98, abs=0.01)
    assert made["distance"]["imbalance"] == pytest.approx(0.98, abs=0.02)
    assert "98 % left" in faderwise("compare", tmp_path / "wide.wav", tmp_path / "left.wav").out


class _Page(HTMLParser):
    """What a browser would fetch or run, and what it would show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else(faderwise: Faderwise, session: Path, reference: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert faderwise("compare", session, reference, "--report", page).out.splitlines()[-1] == f"report: {page}"
    text = page.read_text(encoding="utf-8")
    read = _Page(text)
    assert {"script", "link", "img", "iframe"} & set(read.tags) == set()
    assert read.links == []
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text
    assert "hit.flac" in read.text
    assert read.tags.count("svg") == 3


def test_the_plots_show_what_was_measured(faderwise: Faderwise, tmp_path: Path) -> None:
    audio.write(tmp_path / "low.wav", 0.3 * sine(150, 6), RATE)
    audio.write(tmp_path / "high.wav", 0.3 * sine(6000, 6), RATE)
    page = tmp_path / "page.html"
    faderwise("compare", tmp_path / "low.wav", tmp_path / "high.wav", "--report", page)
    tone, _, loudness = (ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page.read_text()))
    low, high = (_points(tone, side) for side in "ab")
    # the loudest point of each spectrum (the smallest y) lies where the tone is, on a log axis from 20 Hz to 20 kHz
    for points, hz in ((low, 141), (high, 5820)):
        x, _ = min(points, key=lambda point: point[1])
        assert x == pytest.approx(52 + (860 - 12 - 52) * np.log(hz / 20) / np.log(1000), abs=1)
    levels = [y for side in "ab" for _, y in _points(loudness, side)]
    assert len(levels) == 2 * 31  # whole windows of 3 s in 6 s, one every 100 ms


def _points(svg: ElementTree.Element, side: str) -> list[tuple[float, float]]:
    (path,) = (part for part in svg if part.get("class") == f"line {side}")
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d", path.get("d") or "")]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    return pairs[:1] + pairs[3::3]  # each Bezier segment ends at its third point


@pytest.mark.parametrize(
    ("name", "said"),
    [("page.txt", "end its name in .html"), ("there.html", "--force replaces it"), ("no/page.html", "No such file")],
)
def test_a_page_that_cannot_be_written(
    faderwise: Faderwise, reference: Path, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "there.html").write_text("precious")
    before = sorted(tmp_path.rglob("*"))
    ran = faderwise("compare", reference, reference, "--report", tmp_path / name)
    assert ran.code in (2, 3)
    assert said in ran.error
    assert name in ran.error
    assert (sorted(tmp_path.rglob("*")), (tmp_path / "there.html").read_text()) == (before, "precious")


def test_silence_has_a_page_too(faderwise: Faderwise, tmp_path: Path) -> None:
    audio.write(tmp_path / "silence.wav", np.zeros((2, 2 * RATE), np.float32), RATE)
    page = tmp_path / "page.html"
    made = faderwise("compare", tmp_path / "silence.wav", tmp_path / "silence.wav", "--report", page, "--json").document
    assert made["a"]["features"]["loudness_lufs"] is None
    assert made["distance"]["total_db"] == 0
    assert page.read_text().count("<svg") == 3


def test_names_are_text_on_the_page(faderwise: Faderwise, reference: Path, tmp_path: Path) -> None:
    odd = reference.rename(tmp_path / "<b>&amp;.flac")
    faderwise("compare", odd, odd, "--report", tmp_path / "page.html")
    assert "<b>&amp;.flac" in _Page((tmp_path / "page.html").read_text()).text
