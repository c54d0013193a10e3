"""The start of the studio in Chromium: stems, one song, files that are none, drops, and a reload."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixer import audio
from tests.chromium import Chromium
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import STANDS, open_page, open_song, put, song, texts, told, wait_told
from tests.signals import RATE, music

BAD = 'a "quoted" <b>& name.wav'


@pytest.fixture(scope="module")
def stems(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return song(tmp_path_factory.mktemp("song"))


@pytest.fixture
def empty(browser: Chromium, studio_server: Running) -> Iterator[Chromium]:
    """The page of a new browser; it logs no errors."""
    browser.errors.clear()
    browser.requests.clear()
    open_page(browser, studio_server)
    yield browser
    assert browser.errors == []


def test_the_empty_page_invites(empty: Chromium, studio_server: Running) -> None:
    """Nothing is asked of anybody else, and everything can be reached by keyboard."""
    assert all(url.startswith((studio_server.address, "data:")) for url in empty.requests)
    said = empty.run("document.getElementById('start').innerText")
    assert "Nothing leaves this machine" in said
    assert "2 to 64 stems" in said
    reached = []
    for _ in range(3):
        empty.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", windowsVirtualKeyCode=9)
        reached.append(empty.run("document.activeElement.id || document.activeElement.dataset.do"))
    assert {"files", "demo"} <= set(reached)
    assert empty.run("document.getElementById('desk').offsetParent") is None


def test_stems_become_a_desk_that_plays_and_survives_a_reload(empty: Chromium, stems: list[Path]) -> None:
    open_song(empty, *stems)
    assert sorted(texts(empty, ".strip.track .name")) == ["Bass DI", "Kick", "LdVox"]
    empty.wait_for("studio.state.loudness.raw !== null")
    empty.click(".transport .play")
    empty.wait_for("studio.engine.position > 0.2")
    key = told(empty, "song.key")
    empty.call("Page.reload")
    empty.wait_for(f"window.studio && {STANDS}")
    assert empty.run("document.body.dataset.ready") == key
    assert told(empty, "files") == [], "a song that stands has its own copy"


def test_what_is_no_sound_says_so_in_its_row_and_the_rest_goes_on(
    browser: Chromium, studio_server: Running, stems: list[Path], tmp_path: Path
) -> None:
    """Text, a file that is cut off in its header, and an empty one, under a name that is HTML."""
    open_page(browser, studio_server)
    bad = [tmp_path / BAD, tmp_path / "cut.flac", tmp_path / "empty.wav"]
    bad[0].write_text("la la")
    bad[1].write_bytes(stems[1].read_bytes()[:30])
    bad[2].write_bytes(b"")
    browser.choose_files("#files", *stems, *bad)
    browser.wait_for("document.querySelector('[data-do=open]')")
    assert texts(browser, ".upload[data-state=failed] .file") == [path.name for path in bad]
    errors = texts(browser, ".upload[data-state=failed] .told")
    assert all(path.name in error for path, error in zip(bad, errors, strict=True))
    assert texts(browser, "[data-do=open]") == ["Open the 3 that work"]
    browser.click("[data-do=open]")
    browser.wait_for(STANDS)
    assert len(texts(browser, ".strip.track")) == 3
    browser.errors.clear()  # Chromium logs each refused upload


def test_three_hundred_files_at_once(browser: Chromium, studio_server: Running) -> None:
    """As many are tried as a song may have; names are only ever text."""
    open_page(browser, studio_server)
    name = "../../etc/pass\"wd' <img src=x onerror=alert(1)>.wav"
    browser.run(
        "(name) => { const transfer = new DataTransfer();"
        " for (let n = 0; n < 300; n++) transfer.items.add(new File(['PK la la'], `${n} ${name}`));"
        " document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true})); }",
        name,
    )
    browser.wait_for("document.querySelectorAll('.upload[data-state=failed]').length === 64")
    assert browser.run("document.getElementById('status').textContent").startswith("236 files were left out")
    assert texts(browser, ".upload .file")[5] == f"5 {name}"
    errors = texts(browser, ".upload .told")
    assert not any("etc/" in error or "/tmp" in error for error in errors)
    assert texts(browser, ".next button") == []
    browser.errors.clear()  # Chromium logs each refused upload


def test_a_file_can_be_left_out(empty: Chromium, stems: list[Path]) -> None:
    empty.choose_files("#files", stems[0])
    empty.wait_for("document.querySelector('[data-do=separate]')")
    empty.click(f".upload [aria-label='Leave {stems[0].name} out']")
    empty.wait_for("!document.querySelector('[data-do=separate], .upload')")
    assert told(empty, "files") == []


@pytest.mark.slow
def test_one_song_is_separated(empty: Chromium, tmp_path: Path) -> None:
    """It is asked into how many stems; it can be called off, and begun again."""
    audio.write(tmp_path / "Hit.wav", music(3, 2), RATE)
    empty.choose_files("#files", tmp_path / "Hit.wav")
    empty.wait_for("document.querySelectorAll('[data-do=separate]').length === 2")
    empty.click("[data-do=separate][data-stems='4']")
    empty.wait_for("document.querySelector('.working [data-do=cancel]:not(:disabled)')?.offsetParent")
    empty.run("document.querySelector('.working [data-do=cancel]').click()")
    empty.wait_for("document.querySelector('.zone').offsetParent")
    assert told(empty, "song") is None
    empty.click("[data-do=separate][data-stems='4']")
    empty.wait_for(STANDS)
    assert len(texts(empty, ".strip.track")) == 4
    assert empty.run("document.querySelector('.song-name').value") == "Hit"


def test_an_answer_that_was_overtaken_is_left(empty: Chromium, stems: list[Path]) -> None:
    empty.run("window.old = structuredClone(studio.state)")
    empty.choose_files("#files", stems[0])
    wait_told(empty, "state.files.length === 1")
    empty.run("studio.refresh()")
    empty.run("studio.update(window.old)")
    assert empty.run("studio.state.files.length") == 1


def test_a_folder_may_be_dropped_anywhere(empty: Chromium, tmp_path: Path) -> None:
    """What lies in it is a song with the folder's name; what is no sound is not looked at. Later it is asked."""
    folder = tmp_path / "Long Way"
    (folder / "voices").mkdir(parents=True)
    song(folder, 2)[2].rename(folder / "voices" / "BGV.wav")
    (folder / "notes.txt").write_text("la la")
    empty.drop_files("#start .fine", folder)
    empty.wait_for(STANDS)
    assert told(empty, "song.name") == "Long Way"
    assert sorted(texts(empty, ".strip.track .name")) == ["BGV", "Bass DI", "Kick"]
    empty.drop_files("#desk", folder / "Kick.wav")
    empty.wait_for("document.querySelector('dialog[open]')")
    assert "Kick.wav" in texts(empty, "dialog[open] h2")[0]
    empty.click("dialog[open] .choices button")
    empty.wait_for("studio.state.context.references.length === 1")
    assert not empty.run("Boolean(document.querySelector('dialog[open]'))")
    empty.drop_files("[data-takes=rough]", folder / "Kick.wav")
    empty.wait_for("studio.state.context.rough_mix")


def test_another_song_takes_the_place_of_the_first(empty: Chromium, stems: list[Path]) -> None:
    open_song(empty, *stems)
    first = told(empty, "song.key")
    empty.run("document.querySelector('#menu button').click()")
    assert "export the session first" in empty.run("document.getElementById('start').innerText")
    empty.choose_files("#files", *stems[:2])
    empty.wait_for(f"document.body.dataset.ready && document.body.dataset.ready !== {json.dumps(first)}")
    assert len(texts(empty, ".strip.track")) == 2


def test_a_lost_server_is_waited_for(empty: Chromium, stems: list[Path]) -> None:
    """What is asked meanwhile is answered when it is back."""
    open_song(empty, *stems)
    network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    empty.call("Network.emulateNetworkConditions", offline=True, **network)
    empty.run("void studio.run(studio.edit([['kick.mute', true]], 'muted'))")
    empty.wait_for("document.getElementById('status').textContent.startsWith('No answer')")
    empty.call("Network.emulateNetworkConditions", offline=False, **network)
    empty.wait_for("studio.state.session.tracks.find(({id}) => id === 'kick').mute")
    assert "answers again" in empty.run("document.getElementById('status').textContent")
    empty.errors.clear()  # Chromium logs the requests that failed


def test_everything_can_be_deleted(empty: Chromium, stems: list[Path]) -> None:
    """It is asked once more; then the page is the empty one, and the server knows of nothing."""
    open_song(empty, *stems)
    empty.click("[data-do=forget]")
    empty.click("dialog[open] .toggle")
    assert told(empty, "song.name") == "New song"
    empty.click("[data-do=forget]")
    empty.click("[data-do=really]")
    empty.wait_for("document.querySelector('.zone').offsetParent")
    assert [told(empty, what) for what in ("song", "files", "history")] == [None, [], []]


def test_sixteen_tracks_and_what_is_wanted_on_one_screen(empty: Chromium, tmp_path: Path) -> None:
    """At 1600 pixels nothing scrolls sideways, at 1024 the strips alone do, on a phone nothing does again."""
    files = [tmp_path / f"Track {number:02d}.wav" for number in range(16)]
    for number, path in enumerate(files):
        audio.write(path, music(0.5, 1 + number % 2, seed=number), RATE)
    open_song(empty, *files)
    over = "(() => { const r = document.querySelector('.rack'); return r.scrollWidth - r.clientWidth; })()"
    wide = "document.documentElement.scrollWidth"
    assert empty.run(f"[{over}, {wide}, document.documentElement.scrollHeight]") == [0, 1600, 900]
    put(empty, "#prompt", "warmer, wider, punchier, less boxy, more air, less mud, tighter, closer, louder, clearer")
    empty.wait_for("document.querySelectorAll('#understood li').length === 10")
    assert empty.run("document.querySelector('#suggest [data-do=suggest]').getBoundingClientRect().bottom") < 900
    assert empty.run("document.documentElement.scrollHeight") == 900
    empty.resize(1024, 768)
    assert empty.run(over) > 0
    assert empty.run(wide) == 1024
    empty.resize(390, 844, mobile=True)
    assert empty.run(wide) == 390
    assert empty.run(over) == 0


def test_a_song_whose_sound_does_not_come_is_opened_later(empty: Chromium, stems: list[Path]) -> None:
    """The line of the server is shown; when it can be had, the next state brings the desk."""
    empty.run("studio.client.bytes = () => Promise.reject(new Error('the disk sleeps')); 0")
    empty.choose_files("#files", *stems)
    empty.wait_for("document.getElementById('status').textContent === 'The disk sleeps'")
    assert empty.run("studio.engine") is None
    empty.run("delete studio.client.bytes; void studio.run(studio.refresh()); 0")
    empty.wait_for(STANDS)
    assert len(texts(empty, ".strip.track")) == 3
