"""A session goes out of the studio and comes in again: the same session, and all that can be done with it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from interfaces.suggesting import Request
from interfaces.web.studio import asking, server
from interfaces.web.studio.server import studio_app
from interfaces.web.studio.studio import Studio
from mixer.edits import apply, set_locks
from mixer.progress import Progress
from mixer.roles import Group
from mixer.scan import scan
from mixer.session import Edit, Session
from mixer.session_file import FILE_NAME, load, save
from style_transfer.suggestion import Suggestion, apply_suggestion, last_suggestion
from tests.interfaces.conftest import Faderwise
from tests.interfaces.web.studio.conftest import HOST, OURS, Open, Page
from tests.interfaces.web.studio.test_songs import opened, wav
from tests.interfaces.web.studio.test_suggested import GAIN, MASTER, PAN, suggestion, value
from tests.signals import sine

HIT = "Hit Song.wav"
NOT_TOLD = ("told_at", "song", "files", "context", "revision", "can_redo", "notes", "loudness")
"""What of a state belongs to the studio that it is in."""


def makes(session: Session, folder: Path, request: Request, progress: Progress) -> list[Suggestion]:
    """In the place of the library."""
    del folder, progress
    made = suggestion(session, request, {GAIN: -3.0, PAN: 0.25, MASTER: 1.0}, "balanced")
    said = {"segment": (0.5, 3.75), "roles": [Group.DRUMS], "weight": 0.5}
    references = [each.model_copy(update=said) for each in made.context.references]
    return [made.model_copy(update={"context": made.context.model_copy(update={"references": references})})]


@pytest.fixture(autouse=True)
def maker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "suggestions", makes)


@pytest.fixture
def worked(page: Page) -> Page:
    """A song with a lock, a role, a name, a suggestion, a part of it accepted and one refused."""
    opened(page, name="Blue Hour")
    file = page.upload(reference(), HIT, "reference")["file"]["id"]
    wish = {"file": file, "segment": [0.5, 3.75], "roles": ["drums"], "weight": 0.5}
    page.post("context", {"references": [wish], "prompt": "warmer"})
    page.post("edit", {"set": [["bass_di.role", "synth"], ["bass_di.name", "Moog"], ["bass_di.fader.locked", True]]})
    page.done("suggest", {"seed": 7})
    page.post("accept", {"addresses": [GAIN]})
    page.post("refuse", {"addresses": [PAN]})
    return page


def reference() -> bytes:
    return wav(0.3 * sine(300, 4.0))


def taken_out(page: Page) -> dict[str, bytes]:
    """The files of the session that is exported."""
    made = page.done("out", {"what": "session"})["download"]
    archive = zipfile.ZipFile(io.BytesIO(page.client.get(f"/studio/downloads/{made['id']}").content))
    return {name: archive.read(name) for name in archive.namelist()}


def send(page: Page, content: bytes, name: str = "Blue Hour.json", expect: int = 200) -> dict[str, Any]:
    """What becomes of a session's file."""
    response = page.client.post("/studio/session", params={"name": name}, content=content)
    assert response.status_code == expect, response.text
    found: dict[str, Any] = response.json()
    return found


def brought(page: Page, files: dict[str, bytes], *more: tuple[bytes, str]) -> dict[str, Any]:
    """The job that opens these files as they were taken out, and more."""
    send(page, files[FILE_NAME])
    sounds = [(content, name) for name, content in files.items() if name != FILE_NAME]
    ids = [page.upload(content, name)["file"]["id"] for content, name in (*sounds, *more)]
    return page.job("new", {"from": "session", "files": ids})


def told(state: dict[str, Any]) -> dict[str, Any]:
    """What a state says of the song, wherever its audio lies."""
    kept = {name: part for name, part in state.items() if name not in NOT_TOLD}
    tracks = [track | {"path": ""} for track in kept["session"]["tracks"]]
    return kept | {"session": kept["session"] | {"tracks": tracks}}


def test_out_and_in_and_out_is_the_same_session(worked: Page, browser_window: Open) -> None:
    """To the byte; settings, locks, roles, names, history and what was said to the suggestion with it."""
    before, files = worked.state(), taken_out(worked)
    other = browser_window()
    job = brought(other, files, (reference(), "renamed.wav"))
    assert job["status"] == "done", job["error"]
    after = other.state()
    assert told(after) == told(before)
    assert after["song"]["name"] == "Blue Hour"
    assert {track["name"]: track["role"] for track in after["session"]["tracks"]}["Moog"] == "synth"
    assert {address: one["verdict"] for address, one in after["standing"].items()} == {
        GAIN: "accepted",
        PAN: "refused",
        MASTER: "open",
    }
    assert taken_out(other) == files
    assert other.client.get("/studio/audio/kick").content == worked.client.get("/studio/audio/kick").content


def test_what_the_suggestion_went_by_comes_back(worked: Page, browser_window: Open) -> None:
    files, other = taken_out(worked), browser_window()
    state = brought(other, files, (reference(), "renamed.wav"))["result"]
    assert state["context"]["prompt"] == "warmer"
    (wish,) = state["context"]["references"]
    assert (wish["segment"], wish["roles"], wish["weight"]) == ([0.5, 3.75], ["drums"], 0.5)
    (file,) = (file for file in state["files"] if file["id"] == wish["file"])
    assert (file["kind"], file["name"]) == ("reference", HIT)
    assert state["loudness"]["references"][file["id"]] < 0
    assert other.done("suggest", {"seed": 8})["suggestions"][0]["seed"] == 8


def test_a_reference_that_is_not_there_is_named_and_holds_nothing_up(worked: Page, browser_window: Open) -> None:
    state = brought(browser_window(), taken_out(worked))["result"]
    assert state["context"]["references"] == []
    assert state["notes"] == [f"{HIT} is not among the files: add it again to ask for more after it."]


def test_undo_and_alternatives_go_on_to_work(worked: Page, browser_window: Open) -> None:
    start = worked.client.get("/studio/history/0").json()
    files, other = taken_out(worked), browser_window()
    state = brought(other, files)["result"]
    steps = len(state["history"])
    assert state["suggestions"][0]["changes"][0]["evidence"]["unit"] == "dB"
    for _ in range(steps):
        state = other.post("undo")
    assert told(state | {"session": state["session"]})["session"]["tracks"] == [
        track | {"path": ""} for track in start["tracks"]
    ]
    assert (state["can_undo"], [offer["chosen"] for offer in state["suggestions"]]) == (False, [False])
    for _ in range(steps):
        state = other.post("redo")
    assert state["standing"][GAIN]["verdict"] == "accepted"
    assert value(other.post("refuse", {"addresses": [MASTER]}), MASTER) == 0.0
    explained = other.done("out", {"what": "explanation"})["download"]
    assert "this is a test" in other.client.get(f"/studio/downloads/{explained['id']}").text


def test_files_that_are_missing_or_others_are_named_in_one_line(worked: Page, browser_window: Open) -> None:
    files, other = taken_out(worked), browser_window()
    names = sorted(name for name in files if name != FILE_NAME)
    assert send(other, files[FILE_NAME])["saved"] == {
        "name": "Blue Hour.json",
        "song": "Blue Hour",
        "tracks": names,
        "references": [HIT],
    }
    assert other.job("new", {"from": "session"})["error"] == (f"{names[0]}, {names[1]} are missing: drop them too")
    kick = next(name for name in names if "Kick" in name)
    moog = other.upload(files[next(name for name in names if name != kick)], "whatever it is called.wav")
    wrong = other.upload(wav(0.1 * sine(50, 1.0)), kick)
    ids = [moog["file"]["id"], wrong["file"]["id"]]
    assert other.job("new", {"from": "session", "files": ids})["error"] == (
        f"{kick} is not the audio that the session was saved with (another SHA-256): drop what it was saved with too"
    )
    ids.append(other.upload(files[kick], "kick again.wav")["file"]["id"])
    state = other.done("new", {"from": "session", "files": ids})
    assert (len(state["session"]["tracks"]), state["saved"]) == (2, None)


def test_a_session_can_be_left_again(worked: Page, browser_window: Open) -> None:
    other = browser_window()
    assert send(other, taken_out(worked)[FILE_NAME])["saved"]["song"] == "Blue Hour"
    assert other.post("session/leave")["saved"] is None
    assert "no session's file" in other.post("new", {"from": "session"}, expect=400)["error"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{}", "song.json: is no Faderwise session"),
        (b"\xff\xfe la la", "song.json: is no session, it is not text"),
        (b'{"schema": "faderwise-session/99"}', "song.json: was written by a newer Faderwise"),
        (b'{"schema": "faderwise-session/1", "name": "a", "sample_rate": 48000, "tracks": []}', "has no tracks"),
    ],
)
def test_what_is_no_session_is_said_in_one_line(page: Page, content: bytes, says: str) -> None:
    error = send(page, content, "song.json", expect=400)["error"]
    assert says in error
    assert "/" not in error.replace("faderwise-session/99", "")
    assert page.state()["saved"] is None


def test_a_history_that_does_not_fit_is_refused_before_it_is_shown(worked: Page, browser_window: Open) -> None:
    """It would break every look at the song."""
    document = json.loads(taken_out(worked)[FILE_NAME])
    step = next(step for step in document["history"] if step["kind"] == "suggest")
    next(edit for edit in step["edits"] if edit["address"] == GAIN)["before"] = "loud"
    assert "history does not fit" in send(browser_window(), json.dumps(document).encode(), expect=400)["error"]


def test_a_suggestion_that_an_older_file_does_not_hold_whole(worked: Page, browser_window: Open) -> None:
    """What it moved can still be seen, heard and undone; its evidence is not there to be told."""
    files = taken_out(worked)
    document = json.loads(files[FILE_NAME])
    del next(step for step in document["history"] if step["kind"] == "suggest")["detail"]["changes"]
    state = brought(browser_window(), files | {FILE_NAME: json.dumps(document).encode()})["result"]
    assert (state["suggestions"], state["standing"][GAIN]["before"]) == ([], 0.0)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A session of the command line: stems in a folder below it, a lock, a suggestion after a reference beside them."""
    stems = tmp_path / "song" / "stems"
    stems.mkdir(parents=True)
    for number, name in enumerate(("Kick.wav", "Bass DI.wav"), 1):
        (stems / name).write_bytes(wav(0.3 * sine(100 * number, 1.0)))
    (stems.parent / HIT).write_bytes(reference())
    found = scan(stems).session
    tracks = [track.model_copy(update={"path": f"stems/{track.path}"}) for track in found.tracks]
    session = set_locks(found.model_copy(update={"name": "Blue Hour", "tracks": tracks}), ["bass_di.fader"], True)
    asked = Request(references=(str(stems.parent / HIT),), prompt="warmer")
    made = suggestion(session, asked, {GAIN: -3.0, MASTER: 1.0}, "balanced")
    (said,) = made.context.references
    context = made.context.model_copy(update={"references": [said.model_copy(update={"path": HIT})]})
    mixed = apply_suggestion(session, made.model_copy(update={"context": context}))
    mixed = apply(mixed, [Edit(address="kick.mute", before=None, after=True)], "set", "mute")
    return save(mixed, stems.parent / "song.json")


def given(studio: Studio, session: Path) -> Page:
    """A browser of a studio that was started with a session."""
    studio.given = session
    return Page(TestClient(studio_app(studio), base_url=HOST, headers=OURS))


def test_the_session_that_serve_was_given_opens_as_it_is(studio: Studio, song: Path) -> None:
    """From where it lies, with its reference; it and its audio stay untouched, and go out with the same paths."""
    lying = {path: path.read_bytes() for path in song.parent.rglob("*") if path.is_file()}
    page = given(studio, song)
    assert '"session": "song.json"' in page.client.get("/").text
    state = page.done("new", {"from": "given"})
    assert [step["kind"] for step in state["history"]] == ["lock", "suggest", "set"]
    assert state["context"]["prompt"] == "warmer"
    assert [file["name"] for file in state["files"]] == [HIT]
    files = taken_out(page)
    assert files.pop(FILE_NAME) == song.read_bytes()
    assert files == {f"stems/{path.name}": path.read_bytes() for path in (song.parent / "stems").iterdir()}
    page.done("new", {"from": "demo"})
    page.post("forget")
    assert {path: path.read_bytes() for path in song.parent.rglob("*") if path.is_file()} == lying


def test_audio_that_has_changed_since_is_not_opened(studio: Studio, song: Path) -> None:
    page = given(studio, song)
    (song.parent / "stems" / "Kick.wav").write_bytes(wav(0.2 * sine(90, 1.0)))
    job = page.job("new", {"from": "given"})
    assert job["error"].startswith("song: stems/Kick.wav is not the audio that the session was made from")
    (song.parent / "stems" / "Kick.wav").unlink()
    assert "stems/Kick.wav is missing" in page.job("new", {"from": "given"})["error"]
    assert page.state()["song"] is None


def test_serve_opens_a_session_or_says_why_not(
    song: Path, faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its file; before a port is taken, for it is no use to wait for a page that stays empty."""
    served: list[Path] = []
    monkeypatch.setattr(server, "run", lambda *_, session, **__: served.append(session))
    ran = faderwise("serve", "--port", "0", "--host", "0.0.0.0", "--session", song)
    assert (ran.code, served) == (0, [song])
    assert "hear song.json, without a password" in ran.err
    (song.parent / "stems" / "Kick.wav").unlink()
    refused = faderwise("serve", "--session", song)
    assert (refused.code, served) == (3, [song])
    assert "stems/Kick.wav is missing" in refused.error
    assert faderwise("serve", "--session", song.with_name("nothing.json")).code == 3


def test_a_suggestion_is_saved_whole(song: Path) -> None:
    """With the evidence for each change."""
    found = last_suggestion(load(song))
    assert found is not None
    step, made = found
    assert [change.address for change in made.changes] == [GAIN, MASTER]
    assert made.changes[0].evidence.becomes == -3.0
    assert (step.title, made.context.prompt) == (f"suggestion after {HIT}, “warmer” (balanced)", "warmer")
