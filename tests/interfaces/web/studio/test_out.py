"""What leaves the studio, in Chromium: the dialog makes files and tells what is to be known about them."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from mixer.arrays import F32
from tests.chromium import Chromium
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import open_page, open_song, put, song, texts
from tests.signals import RATE, difference_db

SECONDS = 3.0


@pytest.fixture(scope="module")
def page(browser: Chromium, studio_server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The page of a small song; it logs no errors."""
    open_page(browser, studio_server)
    open_song(browser, *song(tmp_path_factory.mktemp("song"), SECONDS))
    yield browser
    assert browser.errors == []


@pytest.fixture
def dialog(page: Chromium) -> Iterator[Chromium]:
    """The same with the dialog open and nothing made yet."""
    page.click("[data-do=export]")
    page.wait_for("document.querySelector('dialog.out[open]')")
    yield page
    page.run("document.querySelector('dialog.out').close(); document.querySelector('.made').replaceChildren()")


def make(page: Chromium, what: str, **fields: str) -> bytes:
    """Choose, press the button, and take what the link leads to."""
    page.click(f".kind input[value={what}]")
    for name, value in fields.items():
        page.run(f"studio.areas.find((area) => area.fields).fields.get('{name}').value = '{value}'")
    page.click("[data-do=render]")
    page.wait_for("document.querySelector('.download')")
    taken = page.run(
        "fetch(document.querySelector('.download').href).then((r) => r.blob()).then((blob) => new Promise((done) => {"
        " const reader = new FileReader(); reader.onload = () => done(reader.result); reader.readAsDataURL(blob); }))"
    )
    return base64.b64decode(taken.partition(",")[2])


def sound_of(content: bytes) -> tuple[F32, int, str]:
    """Samples, rate and subtype."""
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        return file.read(dtype="float32", always_2d=True).T, file.samplerate, file.subtype


def test_the_mix_is_what_is_on_the_desk(dialog: Chromium) -> None:
    """A knob that was moved in the page is in the file, half as loud to a thousandth of a decibel."""
    before, rate, subtype = sound_of(make(dialog, "mix", bits="float"))
    assert (rate, subtype, before.shape) == (RATE, "FLOAT", (2, round(SECONDS * RATE)))
    dialog.run("document.querySelector('.made').replaceChildren()")
    dialog.run("studio.engine.set('master.fader.gain_db', -6.0206)")
    after, _, _ = sound_of(make(dialog, "mix", bits="float"))
    assert difference_db(after, np.float32(0.5) * before) < -70
    assert any("LUFS" in line for line in texts(dialog, ".made .notes li"))
    dialog.run("studio.engine.set('master.fader.gain_db', 0)")


def test_format_depth_and_loudness(dialog: Chromium) -> None:
    sound, _, subtype = sound_of(make(dialog, "mix", format="flac", bits="16", loudness="-23"))
    assert subtype == "PCM_16"
    assert np.abs(sound).max() < 1
    assert any("-23.0 LUFS" in line for line in texts(dialog, ".made .notes li"))


def test_a_daw_session_with_the_account_of_what_arrives(dialog: Chromium) -> None:
    names = zipfile.ZipFile(io.BytesIO(make(dialog, "reaper"))).namelist()
    assert any(name.endswith(".rpp") for name in names)
    assert any("arrive exactly" in line for line in texts(dialog, ".made .notes li"))


def test_what_cannot_be_made_says_why(dialog: Chromium) -> None:
    """Nothing was suggested yet; a loudness that no song has."""
    dialog.click(".kind input[value=explanation]")
    dialog.click("[data-do=render]")
    dialog.wait_for("document.querySelector('.making [role=status]').textContent.includes('nothing to explain')")
    dialog.click(".kind input[value=mix]")
    put(dialog, ".making input[type=number]", "40")
    dialog.click("[data-do=render]")
    dialog.wait_for("document.querySelector('.making [role=status]').textContent.includes('LUFS')")
    assert texts(dialog, ".download") == []
    dialog.errors.clear()  # Chromium logs the refused request


def test_the_dialog_by_keyboard(page: Chromium) -> None:
    """Enter opens it on its choices, arrows choose, Escape closes it and goes back to the button."""
    page.run("document.querySelector('[data-do=export]').focus()")
    page.key("Enter", "\r")
    page.wait_for("document.activeElement.name === 'what'")
    chosen = page.run("document.activeElement.value")
    page.key("ArrowDown")
    page.wait_for(f"document.activeElement.value !== '{chosen}'")
    page.key("Escape")
    page.wait_for("!document.querySelector('dialog[open]')")
    assert page.run("document.activeElement.dataset.do") == "export"
