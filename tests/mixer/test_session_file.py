"""Session files: round trips, bad files, full disks, and audio that is not what it was."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from mixer import session_file
from mixer.audio import write
from mixer.edits import apply, set_locks, undo
from mixer.errors import SessionError
from mixer.session import Context, Edit, FileContext, ReferenceContext, Session
from mixer.session_file import FILE_NAME, check_audio, load, save
from tests.sessions import any_edits, make_session, make_track

SESSION = make_session()


def as_json(session: Session = SESSION) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(session.model_dump_json(by_alias=True))
    return data


def refusal(path: Path) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(SessionError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def refused(tmp_path: Path, content: object) -> str:
    file = tmp_path / FILE_NAME
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return refusal(file)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_edits(SESSION))
def test_what_is_saved_is_what_is_loaded_history_included(tmp_path: Path, edits: list[Edit]) -> None:
    session = apply(SESSION, edits, "set", "any")
    file = save(session, tmp_path)
    first = file.read_bytes()
    again = load(tmp_path)
    assert again == session
    assert again.model_dump_json() == session.model_dump_json()
    save(again, file)
    assert file.read_bytes() == first
    if session.history:
        assert undo(again)[0] == SESSION


def test_a_file_is_short_readable_and_ends_in_a_newline(tmp_path: Path) -> None:
    session = set_locks(make_session(make_track("歌", "歌")), ["歌.gain_db"], True)
    text = save(session, tmp_path).read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert '"name": "歌"' in text
    assert '  "sample_rate": 44100,\n' in text
    assert "equalizer" not in text
    assert json.loads(text)["tracks"][0]["settings"] == {
        "fader": {"knobs": {"gain_db": {"value": 0.0, "locked": True}}}
    }


def test_the_context_is_kept(tmp_path: Path) -> None:
    reference = ReferenceContext.model_validate(
        {"name": "song.flac", "sha256": "1" * 64, "segment": [12.5, 30.0], "roles": ["vocals", "kick"], "weight": 0.5}
    )
    rough = FileContext(name="rough.wav", sha256="2" * 64, path="rough.wav")
    session = SESSION.model_copy(update={"context": Context(references=[reference], rough_mix=rough, prompt="warm")})
    save(session, tmp_path)
    assert load(tmp_path) == session


def test_a_folder_and_its_file_are_the_same_session(tmp_path: Path) -> None:
    assert save(SESSION, tmp_path) == (tmp_path / FILE_NAME).resolve()
    assert load(tmp_path) == load(tmp_path / FILE_NAME)
    save(SESSION, tmp_path / "other.json")
    assert load(tmp_path / "other.json") == SESSION


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps(as_json()), encoding="utf-8-sig")
    assert load(tmp_path) == SESSION


# --- bad files ----------------------------------------------------------------------------------------------------


def test_a_missing_session_says_how_to_make_one(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "song.json", tmp_path / "nowhere" / "song.json"):
        with pytest.raises(SessionError, match="faderwise new"):
            load(path)


def test_broken_json_is_named_with_line_and_column(tmp_path: Path) -> None:
    assert "line 2, column 10" in refused(tmp_path, '{\n "name": }\n')
    assert "line 1, column 1" in refused(tmp_path, "")


@pytest.mark.parametrize(
    "content", ["[]", "3", '"text"', "{}", '{"schema": "other/1"}', '{"schema": "faderwise-session/0"}']
)
def test_json_of_something_else_is_no_session(tmp_path: Path, content: str) -> None:
    assert "no Faderwise session" in refused(tmp_path, content)


def test_a_newer_session_asks_for_an_update(tmp_path: Path) -> None:
    line = refused(tmp_path, as_json() | {"schema": "faderwise-session/2", "from": "the future"})
    assert "newer Faderwise" in line
    assert "update" in line


def test_an_older_session_is_migrated_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename_title(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "title": data["name"]}

    def back_again(data: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in data.items() if key != "title"} | {"name": f"{data['title']}, migrated"}

    monkeypatch.setattr(session_file, "VERSION", 3)
    monkeypatch.setattr(session_file, "MIGRATIONS", {1: rename_title, 2: back_again})
    (tmp_path / FILE_NAME).write_text(json.dumps(as_json()))
    assert load(tmp_path).name == "Song, migrated"


@pytest.mark.parametrize("content", [b"\x00\x01\xff\xfe" * 100, b"fLaC\x80\x81", "{}".encode("utf-16")])
def test_a_binary_file_is_no_session(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert "not text" in refusal(tmp_path / FILE_NAME)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / FILE_NAME).open("wb") as file:
        file.truncate(2**40)  # sparse
    assert "too large" in refusal(tmp_path / FILE_NAME)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE_NAME)
    assert "pipe" in refusal(tmp_path / FILE_NAME)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    assert "nested too deep" in refused(tmp_path, "[" * 200_000)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_of_a_session_is_infinite_or_none(tmp_path: Path, number: str) -> None:
    text = json.dumps(as_json()).replace("-16.0", number)
    assert number in refused(tmp_path, text)
    assert number in refused(tmp_path, json.dumps(as_json() | {"detail": "HERE"}).replace('"HERE"', number))


@pytest.mark.parametrize(
    ("change", "hints"),
    [
        ({"settings": {"fader": {"knobs": {"gian_db": {"value": 1}}}}}, ["kick.fader", "gian_db", "gain_db"]),
        ({"settings": {"fader": {"knobs": {"gain_db": {"value": 99}}}}}, ["kick.fader.gain_db = 99", "-60 to 24 dB"]),
        ({"settings": {"fuzz": {}}}, ["kick has no processor 'fuzz'", "fader"]),
        ({"path": "../kick.wav"}, ["'../kick.wav'", "outside", "copy"]),
        ({"path": "/etc/passwd"}, ["'/etc/passwd'", "outside"]),
        ({"colour": "blue"}, ["tracks.0.colour", "no field"]),
        ({"channels": 3}, ["tracks.0.channels", "3"]),
        ({"mute": "yes"}, ["tracks.0.mute", "'yes'"]),
        ({"sha256": "xyz"}, ["tracks.0.sha256"]),
        ({"id": "master"}, ["'master'"]),
    ],
)
def test_a_bad_field_is_named_in_one_line(tmp_path: Path, change: dict[str, object], hints: list[str]) -> None:
    data = as_json()
    data["tracks"][0] |= change
    line = refused(tmp_path, data)
    assert all(hint in line for hint in hints), line


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"x")
    save(SESSION, folder)
    (folder / "kick.wav").symlink_to("real kick.wav")
    (folder / "real kick.wav").write_bytes(b"x")
    assert load(folder) == SESSION
    (folder / "ldvox.wav").symlink_to(tmp_path / "secret.wav")
    assert "'ldvox.wav' is a link" in refusal(folder / FILE_NAME)


# --- saving -------------------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = save(SESSION, tmp_path)
    old = file.read_bytes()
    changed = apply(SESSION, [Edit(address="kick.mute", before=False, after=True)], "set", "mute")

    def full(descriptor: int) -> None:
        del descriptor
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SessionError, match="No space left on device") as caught:
        save(changed, tmp_path)
    assert str(file) in str(caught.value)
    assert file.read_bytes() == old
    assert list(tmp_path.iterdir()) == [file]


def test_an_interrupt_while_saving_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(SESSION, tmp_path)

    def interrupt(descriptor: int) -> None:
        del descriptor
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(make_session(make_track("bass")), tmp_path)
    assert load(tmp_path) == SESSION
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "song.json", tmp_path / "file" / "song.json"):
        (tmp_path / "file").write_text("x")
        with pytest.raises(SessionError, match=r"song\.json: cannot be saved"):
            save(SESSION, path)


def test_a_value_that_json_cannot_hold_is_not_half_written(tmp_path: Path) -> None:
    file = save(SESSION, tmp_path)
    broken = SESSION.model_copy(update={"name": "\udc80"})
    with pytest.raises(SessionError, match="not saved"):
        save(broken, tmp_path)
    assert load(file) == SESSION


def test_the_files_mode_and_a_link_to_it_stay(tmp_path: Path) -> None:
    file = save(SESSION, tmp_path / "song.json")
    file.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(file)
    save(make_session(make_track("bass")), link)
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [track.id for track in load(file).tracks] == ["bass"]


# --- audio --------------------------------------------------------------------------------------------------------


def with_audio(folder: Path, count: int) -> Session:
    tracks = []
    for index in range(count):
        file = folder / f"t{index}.wav"
        write(file, np.full((1, 10), index / 100, np.float32), 44100)
        tracks.append(make_track(f"t{index}", sha256=hashlib.sha256(file.read_bytes()).hexdigest()))
    return make_session(*tracks)


def test_audio_that_is_all_there_passes_with_progress(tmp_path: Path) -> None:
    session = with_audio(tmp_path, 5)
    heard: list[float] = []
    check_audio(session, tmp_path, lambda fraction, _: heard.append(fraction))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_missing_audio_is_named(tmp_path: Path) -> None:
    session = with_audio(tmp_path, 6)
    (tmp_path / "t1.wav").unlink()
    with pytest.raises(SessionError, match=r"t1\.wav is missing: restore.*faderwise new"):
        check_audio(session, tmp_path)
    for index in (0, 2, 3, 5):
        (tmp_path / f"t{index}.wav").unlink()
    with pytest.raises(SessionError, match=r"t0\.wav, t1\.wav, t2\.wav and 2 more are missing"):
        check_audio(session, tmp_path)


def test_other_audio_under_the_same_name_is_named(tmp_path: Path) -> None:
    session = with_audio(tmp_path, 3)
    write(tmp_path / "t2.wav", np.ones((1, 10), np.float32), 44100)
    with pytest.raises(SessionError, match=r"t2\.wav is not the audio .*SHA-256.*faderwise new"):
        check_audio(session, tmp_path)
