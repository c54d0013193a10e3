"""The studio for people who use it by ear or by keyboard, or see its colours otherwise: checked by axe-core.

And for everybody: a whole visit logs no errors, asks nobody but the studio, and shows no place of its machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfaces.web.studio import asking
from mixer import audio
from tests.axe import serious_findings
from tests.chromium import Chromium
from tests.interfaces.web.studio.answers import Answers
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import open_page, open_song, put, song, wait_told
from tests.signals import RATE, music

TABS = ("knobs", "why", "look", "tracks")
WIDE, NARROW = (1600, 900), (390, 844)


@pytest.fixture(scope="module")
def visit(browser: Chromium, studio_server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A song with a reference and words, two suggestions to choose from, and everything measured."""
    folder = tmp_path_factory.mktemp("song")
    audio.write(folder / "hit.wav", music(6, 2, seed=9), RATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "suggestions", Answers())
        open_page(browser, studio_server)
        open_song(browser, *song(folder / "stems"))
        browser.choose_files("#context input[type=file]", folder / "hit.wav")
        wait_told(browser, "state.context.references.length === 1")
        put(browser, "#prompt", "vocals louder, kick softer, more glory")
        browser.wait_for("document.querySelector('#understood').children.length > 1")
        browser.run("document.querySelector('input[name=count][value=\"3\"]').click()")
        # not where it stood a moment ago: what was understood of the words still pushes it down
        browser.run("document.querySelector('#suggest [data-do=suggest]').click()")
        browser.wait_for("studio.state.suggestions.length === 2 && studio.tabs.shown === 'why'")
        browser.click("#tab-look")
        browser.click("[data-do=look]")
        browser.wait_for("document.querySelector('#look .tonal .line')")
        yield browser


def seen(browser: Chromium, size: tuple[int, int], dark: bool) -> None:
    browser.resize(*size, dark=dark, mobile=size == NARROW)
    browser.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def rules(dark: bool) -> list[str]:
    """All of them once, in the dark; by light only the colours differ."""
    return [] if dark else ["color-contrast"]


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("tab", TABS)
def test_nothing_serious_is_wrong_at_work(visit: Chromium, tab: str, dark: bool) -> None:
    seen(visit, WIDE, dark)
    visit.click(f"#tab-{tab}")
    assert serious_findings(visit, *rules(dark)) == []


@pytest.mark.parametrize("tab", ["why", "look"])
def test_nothing_serious_is_wrong_on_a_phone(visit: Chromium, tab: str) -> None:
    seen(visit, NARROW, dark=True)
    visit.click(f"#tab-{tab}")
    assert serious_findings(visit) == []


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_nothing_serious_is_wrong_in_dialogs(visit: Chromium, dark: bool) -> None:
    seen(visit, WIDE, dark)
    for button, opened in (("#out [data-do=export]", "dialog[open]"), ("#history [aria-controls=steps]", "#steps")):
        visit.click(button)
        visit.wait_for(f"document.querySelector('{opened}')?.offsetParent !== undefined")
        assert serious_findings(visit, *rules(dark)) == [], opened
        visit.key("Escape")


def test_what_is_wrong_would_be_found(visit: Chromium) -> None:
    seen(visit, WIDE, dark=True)
    wrong = '<button></button><p style="color: #777; background: #888">faint</p><div role="slider" tabindex="0"></div>'
    visit.run(
        "(html) => { const wrong = document.createElement('div'); wrong.id = 'wrong'; wrong.innerHTML = html;"
        " wrong.style = 'position: fixed; inset: 0 auto auto 0; z-index: 9'; document.body.append(wrong); }",
        wrong,
    )
    found = serious_findings(visit)
    visit.run("document.getElementById('wrong').remove()")
    assert {line.split()[0] for line in found} == {
        "aria-input-field-name",
        "button-name",
        "aria-required-attr",
        "color-contrast",
    }


def test_a_visit_stays_between_the_page_and_its_studio(visit: Chromium, studio_server: Running) -> None:
    assert visit.errors == []
    asked = {url for url in visit.requests if not url.startswith(("data:", "blob:"))}
    assert [url for url in asked if not url.startswith(studio_server.address)] == []
    shown = visit.run("document.documentElement.outerHTML + JSON.stringify(studio.state)")
    places = (str(studio_server.studio.run.path), tempfile.gettempdir(), str(Path.home()), str(Path.cwd()))
    assert [place for place in places if place in shown] == []


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_nothing_serious_is_wrong_at_the_start(visit: Chromium, studio_server: Running, dark: bool) -> None:
    open_page(visit, studio_server)
    seen(visit, WIDE, dark)
    assert visit.run("document.getElementById('start').offsetParent !== null")
    assert serious_findings(visit, *rules(dark)) == []
