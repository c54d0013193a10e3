"""What is wanted, in Chromium: references and their segments, a rough mix, words, and the roles of the tracks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from tests.chromium import Chromium
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import STANDS, open_page, open_song, put, song, texts, told, wait_told
from tests.signals import RATE, music

SECONDS = 6.0
CARD = ".card.reference"


@pytest.fixture(scope="module")
def hit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reference whose second half is louder."""
    path = tmp_path_factory.mktemp("hit") / "Hit.wav"
    sound = np.float32(0.2) * music(SECONDS, 2, seed=9)
    sound[:, sound.shape[1] // 2 :] *= 4
    audio.write(path, sound, RATE)
    return path


@pytest.fixture(scope="module")
def page(browser: Chromium, studio_server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The page of a small song; it logs no errors."""
    open_page(browser, studio_server)
    open_song(browser, *song(tmp_path_factory.mktemp("song")))
    yield browser
    assert browser.errors == []


@pytest.fixture
def referred(page: Chromium, hit: Path) -> Iterator[Chromium]:
    """The same with a reference, which goes afterwards."""
    page.choose_files("#add-reference", hit)
    wait_told(page, "state.context.references.length === 1")
    yield page
    page.click(f"{CARD} [aria-label='Remove Hit.wav']")
    wait_told(page, "state.files.length === 0")


def segment(page: Chromium) -> list[float] | None:
    """The segment that the server knows, when the page has no more to send."""
    page.run("studio.settled()")
    found: list[float] | None = told(page, "context.references[0].segment")
    return found


# --- references -------------------------------------------------------------------------------------------------------


def test_a_reference_can_be_heard_beside_the_mix(referred: Chromium) -> None:
    assert texts(referred, f"{CARD} b") == ["Hit.wav"]
    referred.wait_for("studio.engine.hasReference")
    assert referred.run("!document.querySelector('.listen.reference').hidden")
    referred.run("document.activeElement.blur()")
    referred.key("r")
    assert referred.run("studio.engine.listening") == "reference"
    referred.key("b")
    heights = "document.querySelector('.wave path').getAttribute('d').match(/[\\d.]+/g).map(Number)"
    referred.wait_for("document.querySelector('.wave path').getAttribute('d')")
    quiet, loud = referred.run(
        f"(() => {{ const at = {heights}; const half = (from) => {{ let most = 0;"
        " for (let n = from; n < from + 300; n++) most = Math.max(most, 50 - at[2 * n + 1]); return most; };"
        " return [half(0), half(300)]; })()"
    )
    assert loud > 3 * quiet


def test_a_segment_is_typed(referred: Chromium) -> None:
    put(referred, f"{CARD} .segment-text", "0:01-0:04.5")
    assert segment(referred) == [1, 4.5]
    referred.wait_for("studio.referred?.includes('start=1&seconds=3.5')")
    put(referred, f"{CARD} .segment-text", "later")
    assert referred.run("document.querySelector('.segment-text').getAttribute('aria-invalid')") == "true"
    assert segment(referred) == [1, 4.5]
    put(referred, f"{CARD} .segment-text", "whole song")
    assert segment(referred) is None


def test_a_segment_is_drawn_dragged_and_moved_by_keys(referred: Chromium) -> None:
    """A drag over the waveform's middle half is the middle half; its end is pulled, then moved a second by a key."""
    x, y, width = referred.run(
        "(() => { const b = document.querySelector('.wave').getBoundingClientRect();"
        " return [b.x, b.y + b.height / 2, b.width]; })()"
    )

    def drag(start: float, end: float) -> None:
        referred.mouse("mousePressed", x + start * width, y, button="left", clickCount=1)
        referred.mouse("mouseMoved", x + end * width, y, button="left", buttons=1)
        referred.mouse("mouseReleased", x + end * width, y, button="left", clickCount=1)

    second = width / SECONDS
    drag(0.25, 0.75)
    assert segment(referred) == pytest.approx([1.5, 4.5], abs=1 / second + 0.05)
    drag(0.75, 0.9)
    assert segment(referred) == pytest.approx([1.5, 5.4], abs=1 / second + 0.05)
    before = segment(referred)
    assert before is not None
    referred.run("document.querySelector('.wave .edge.start').focus()")
    referred.key("ArrowRight")
    assert segment(referred) == pytest.approx([before[0] + 1, before[1]], abs=0.01)
    referred.key("Delete")
    assert segment(referred) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1:02-1:32", [62, 92]),
        ("62 - 92", [62, 92]),
        ("0:30 to 1:00,5", [30, 60.5]),
        ("1:50-9:00", [110, 120]),
        ("", None),
        ("whole", None),
        ("1:00", "nothing"),
        ("0:30-0:20", "nothing"),
        ("3:00-4:00", "nothing"),
        ("a-b", "nothing"),
    ],
)
def test_how_a_segment_is_written(page: Chromium, text: str, meant: object) -> None:
    """Of a song of two minutes; what is neither a segment nor the whole is nothing."""
    read = "(text) => import('/studio/static/segment.js').then((m) => m.parseSegment(text, 120) ?? null)"
    whole = "(text) => import('/studio/static/segment.js').then((m) => m.parseSegment(text, 120) === null)"
    assert page.run(read, text) == (None if meant == "nothing" else meant)
    assert page.run(whole, text) == (meant is None)


def test_what_a_reference_speaks_for_and_how_much(referred: Chromium) -> None:
    for group in ("drums", "bass"):
        referred.click(f"{CARD} [aria-label='{group} of Hit.wav']")
    referred.click(f"{CARD} [aria-label='Separate Hit.wav into stems']")
    referred.run(
        "(() => { const menu = document.querySelector('.card select'); menu.value = '2';"
        " menu.dispatchEvent(new Event('change')); })()"
    )
    referred.run("studio.settled()")
    (reference,) = told(referred, "context.references")
    assert (reference["roles"], reference["weight"], reference["separation"]) == (["drums", "bass"], 2, False)
    referred.click(f"{CARD} [aria-label='drums of Hit.wav']")
    referred.run("studio.settled()")
    assert told(referred, "context.references[0].roles") == ["bass"]


def test_a_reload_brings_everything_back(referred: Chromium) -> None:
    put(referred, f"{CARD} .segment-text", "0:02-0:04")
    put(referred, "#prompt", "kick louder")
    referred.run("new Promise((done) => setTimeout(done, 300)).then(() => studio.settled())")
    referred.call("Page.reload")
    referred.wait_for(f"window.studio && {STANDS}")
    assert referred.run("document.querySelector('.segment-text').value") == "0:02-0:04"
    assert referred.run("document.getElementById('prompt').value") == "kick louder"
    referred.wait_for("document.querySelector('#understood .understood')")
    put(referred, "#prompt", "")


def test_a_rough_mix_and_what_is_kept_of_it(page: Chromium, hit: Path) -> None:
    page.choose_files("#add-rough", hit)
    page.wait_for("document.querySelector('.rough .card')")
    page.click(".rough [aria-label='Keep its panning']")
    page.run("studio.settled()")
    assert told(page, "context.rough_keeps") == ["level"]
    page.click(".rough [aria-label='Remove Hit.wav']")
    wait_told(page, "state.context.rough_mix === null && state.files.length === 0")
    assert page.run("!document.querySelector('.rough .card')")


def test_a_reference_that_is_no_sound_says_so(page: Chromium, tmp_path: Path) -> None:
    bad = tmp_path / "notes.wav"
    bad.write_text("la la")
    page.choose_files("#add-reference", bad)
    page.wait_for("document.querySelector('#context .upload[data-state=failed]')")
    assert "notes.wav" in texts(page, "#context .upload .told")[0]
    page.click("#context .upload [aria-label='Leave notes.wav out']")
    assert told(page, "context.references") == []
    page.errors.clear()  # Chromium logs the refused upload


# --- words ------------------------------------------------------------------------------------------------------------


def test_words_are_understood_as_they_are_typed(page: Chromium) -> None:
    """One row a clause, and each clause marked in the text, counted in characters and not in UTF-16."""
    page.run("document.getElementById('prompt').focus()")
    page.call("Input.insertText", text="🎚️ vocals warmer, more saturation on the bass, the weather is nice")
    page.wait_for("document.querySelectorAll('#understood li').length >= 2")
    marks = page.run("[...document.querySelectorAll('.mirror mark')].map((e) => [e.className, e.textContent])")
    assert ["guessed", "more saturation on the bass"] in marks
    assert any(name == "understood" and "vocals warmer" in said for name, said in marks)
    page.wait_for("document.querySelector('#understood .yes')")
    wait_told(page, "state.context.prompt.includes('saturation')")


def test_a_guess_is_confirmed_in_words_that_are_sure(page: Chromium) -> None:
    put(page, "#prompt", "lower")
    page.wait_for("document.querySelector('#understood .yes')?.textContent === 'Yes: the mix: quieter'")
    page.click("#understood .yes")
    page.wait_for("document.querySelector('#understood li.understood')")
    assert page.run("document.getElementById('prompt').value") == "the mix: quieter"
    wait_told(page, "state.context.prompt === 'the mix: quieter'")


def test_a_mood_is_asked_back_with_what_it_would_do(page: Chromium) -> None:
    put(page, "#prompt", "happy drums")
    page.wait_for("document.querySelector('#understood .guessed .yes')")
    assert "brighter, livelier" in texts(page, "#understood .guessed .meant")[0]
    page.click("#understood .yes")
    page.wait_for("document.querySelector('#understood li.understood')")
    wait_told(page, "state.context.confirm")
    put(page, "#prompt", "happy bass")
    page.wait_for("document.querySelector('#understood .guessed .yes')")
    wait_told(page, "state.context.confirm === false")


# --- tracks -----------------------------------------------------------------------------------------------------------


def test_roles_and_names_can_be_put_right(page: Chromium) -> None:
    page.click("#tab-tracks")
    row = "[data-track=kick]"
    assert "by its name" in texts(page, f"{row} .guess")[0]
    page.run(
        f"(() => {{ const menu = document.querySelector('{row} select'); menu.value = 'toms';"
        " menu.dispatchEvent(new Event('change')); })()"
    )
    wait_told(page, "state.session.tracks.find(({id}) => id === 'kick').role_origin === 'user'")
    page.wait_for(f"document.querySelector('{row} .guess').textContent === 'set by you'")
    put(page, f"{row} input", "Floor tom")
    wait_told(page, "state.session.tracks.find(({id}) => id === 'kick').name === 'Floor tom'")
    page.wait_for("document.querySelector('.strip[data-target=kick] .name').textContent === 'Floor tom'")
    page.click(f"{row} .mute")
    assert page.run("studio.engine.get('kick.mute')") is True


def test_the_song_can_be_renamed(page: Chromium) -> None:
    put(page, ".song-name", "Rain")
    wait_told(page, "state.song.name === 'Rain'")
    page.wait_for("document.querySelector('.song-name').value === 'Rain'")
