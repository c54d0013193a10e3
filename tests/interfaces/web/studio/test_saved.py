"""A saved session in Chromium: dropped with its audio, in pieces, as the archive of Export, or given to serve."""

from __future__ import annotations

import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfaces.web.studio import asking
from interfaces.web.studio.listening import address_of, listening
from interfaces.web.studio.server import Server, studio_app
from interfaces.web.studio.studio import Studio
from tests.axe import serious_findings
from tests.chromium import Chromium
from tests.interfaces.web.studio.answers import Answers
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import STANDS, open_page, open_song, put, song, texts, told, wait_told

GAIN = "kick.fader.gain_db"
CARD = "document.querySelector('.saved:not([hidden])')"


@pytest.fixture(scope="module")
def archive(browser: Chromium, studio_server: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Export makes of a song with a suggestion of which the kick was accepted."""
    folder = tmp_path_factory.mktemp("saved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "suggestions", Answers())
        token = studio_server.studio.new_owner().token
        open_page(browser, studio_server, token)
        open_song(browser, *song(folder / "stems", 2.0))
        put(browser, "#prompt", "vocals louder")
        browser.wait_for("!document.querySelector('[data-do=suggest]').disabled")
        browser.click("#suggest [data-do=suggest]")
        browser.wait_for("studio.state.suggestions.length === 1 && studio.tabs.shown === 'why'")
        browser.run("document.querySelector('[aria-label=\"Accept Kick\"]').click()")
        wait_told(browser, "state.history.length === 2")
        with studio_server.client(token) as client:
            job = client.post("/studio/out", json={"what": "session"}).json()["job"]["id"]
            while (at := client.get(f"/studio/jobs/{job}", params={"wait": 5}).json())["status"] != "done":
                assert at["status"] in ("queued", "running"), at
            made = at["result"]["download"]
            target = folder / str(made["name"])
            target.write_bytes(client.get(f"/studio/downloads/{made['id']}").content)
    return target


@pytest.fixture(scope="module")
def files(archive: Path) -> list[Path]:
    """The same unpacked: three files of audio, and the session behind them."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(archive.parent / "out")
    return sorted((archive.parent / "out").iterdir())


@pytest.fixture
def empty(browser: Chromium, studio_server: Running) -> Iterator[Chromium]:
    """The page of a new browser; it logs no errors."""
    browser.errors.clear()
    open_page(browser, studio_server)
    yield browser
    assert browser.errors == []


def stands_as_it_was(browser: Chromium) -> None:
    """The suggestion with what was said to it; undo takes the acceptance back first, and then the suggestion."""
    browser.wait_for(STANDS)
    assert told(browser, f"standing['{GAIN}'].verdict") == "accepted"
    browser.click("#tab-why")
    assert "7 changes" in texts(browser, "#why h3")[-1]
    assert browser.run("document.getElementById('prompt').value") == "vocals louder"
    browser.click("[data-do=undo]")
    wait_told(browser, f"state.standing['{GAIN}'].verdict === 'open'")
    browser.click("[data-do=undo]")
    browser.wait_for(f"studio.engine.get('{GAIN}') === 0")


def test_a_session_with_its_audio_opens_at_once(empty: Chromium, files: list[Path]) -> None:
    empty.choose_files("#files", *files)
    stands_as_it_was(empty)


def test_files_that_are_missing_are_named_until_they_come(empty: Chromium, files: list[Path], tmp_path: Path) -> None:
    """By their names; what was renamed is known by what it holds."""
    *sounds, session = files
    empty.choose_files("#files", session)
    empty.wait_for(CARD)
    said = texts(empty, ".saved [role=status]")[0]
    assert said.endswith(f"Not here yet: {', '.join(sound.name for sound in sounds)}.")
    assert serious_findings(empty) == []
    renamed = shutil.copyfile(sounds[0], tmp_path / "bass.flac")
    empty.choose_files("#files", renamed, sounds[1])
    empty.wait_for("document.querySelectorAll('.upload[data-state=done]').length === 2")
    empty.click("[data-do=open-session]")
    empty.wait_for("document.querySelector('.saved .failed')")
    assert texts(empty, ".saved .failed") == [f"{sounds[2].name} is missing: drop it too"]
    assert serious_findings(empty) == []
    empty.call("Page.reload")
    empty.wait_for(f"window.studio && {CARD}")
    empty.choose_files("#files", sounds[2])
    empty.wait_for("document.querySelectorAll('.upload[data-state=done]').length === 3")
    empty.click("[data-do=open-session]")
    stands_as_it_was(empty)


def test_the_archive_that_export_made_opens_and_so_does_one_that_is_packed_again(
    empty: Chromium, archive: Path, files: list[Path], tmp_path: Path
) -> None:
    empty.choose_files("#files", archive)
    stands_as_it_was(empty)
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, f"a folder/{file.name}")
        packed.writestr("__MACOSX/a folder/._faderwise.json", "la la")
    empty.run("studio.emit('another')")
    empty.choose_files("#files", again)
    empty.wait_for("studio.state.history.length === 2")
    stands_as_it_was(empty)


def test_an_archive_that_is_cut_short_says_so(empty: Chromium, archive: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-60])
    empty.choose_files("#files", cut)
    empty.wait_for("document.getElementById('status').textContent")
    assert "ut.zip is no zip archive, or is cut short" in texts(empty, "#status")[0]


def test_a_session_can_be_left_out_and_its_audio_is_a_song_of_stems_then(empty: Chromium, files: list[Path]) -> None:
    *sounds, session = files
    empty.choose_files("#files", session, *sounds[:2])
    empty.wait_for("document.querySelectorAll('.upload[data-state=done]').length === 2")
    empty.click("[aria-label='Leave the session out']")
    empty.wait_for("document.querySelector('[data-do=open]')")
    assert told(empty, "saved") is None


def test_on_a_song_it_is_asked_before_a_session_takes_its_place(empty: Chromium, files: list[Path]) -> None:
    empty.choose_files("#files", *files[:2])
    empty.wait_for(STANDS)
    empty.run(
        "(text) => { const transfer = new DataTransfer();"
        " transfer.items.add(new File([text], 'mine.json'));"
        " document.querySelector('[data-takes=reference]').dispatchEvent("
        " new DragEvent('drop', {dataTransfer: transfer, bubbles: true})); }",
        files[-1].read_text(),
    )
    empty.wait_for("document.querySelector('dialog[open] .choices')")
    choices = texts(empty, "dialog[open] .choices button")
    assert choices == ["A saved session, in the place of this song", "Nothing, a slip of the hand"]
    empty.click("dialog[open] .choices button")
    empty.wait_for(CARD)
    assert told(empty, "saved.name") == "mine.json"


@pytest.fixture
def given(files: list[Path], tmp_path: Path) -> Iterator[Running]:
    """A studio that was started with the session."""
    studio = Studio(parent=tmp_path, given=files[-1])
    place = listening("127.0.0.1", 0)
    server = Server(studio, studio_app(studio))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield Running(address_of(place, "127.0.0.1"), studio)
    server.end()
    thread.join(20)
    place.close()


def test_what_serve_was_given_opens_by_itself_until_it_is_deleted(browser: Chromium, given: Running) -> None:
    open_page(browser, given)
    browser.wait_for(STANDS)
    key = told(browser, "song.key")
    browser.call("Page.reload")
    browser.wait_for(f"window.studio && {STANDS}")
    assert told(browser, "song.key") == key, "it goes on, and is not opened anew"
    browser.click("[data-do=forget]")
    browser.click("[data-do=really]")
    browser.wait_for("document.querySelector('[data-do=given]').offsetParent")
    assert told(browser, "song") is None
    browser.click("[data-do=given]")
    stands_as_it_was(browser)
