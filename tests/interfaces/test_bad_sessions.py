"""Bad sessions, lost audio and full disks: one line that names the file, the right exit code, and nothing lost."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixer import audio
from mixer.session_file import load
from tests.interfaces.conftest import Faderwise, Ran, contents
from tests.signals import RATE, music


def gone(session: Path) -> str:
    session.unlink()
    return f"{session}: there is no such session"


def broken(session: Path) -> str:
    session.write_text(session.read_text()[:-40])
    return f"{session}: is no JSON at line"


def other_json(session: Path) -> str:
    session.write_text('{"tracks": []}')
    return f"{session}: is no Faderwise session"


def changed(change: Callable[[dict[str, Any]], object], said: str) -> Callable[[Path], str]:
    def spoil(session: Path) -> str:
        data = json.loads(session.read_text())
        change(data)
        session.write_text(json.dumps(data))
        return said

    return spoil


def _fader(gain_db: float, knob: str = "gain_db") -> dict[str, Any]:
    return {"fader": {"knobs": {knob: {"value": gain_db}}}}


BAD_SESSIONS = (
    gone,
    broken,
    other_json,
    changed(lambda data: data.update(schema="faderwise-session/2"), "was written by a newer Faderwise"),
    changed(lambda data: data.update(mood="blue"), "mood: is no field of a session"),
    changed(lambda data: data.update(sample_rate=8000), "sample_rate"),
    changed(lambda data: data.update(master=_fader(99)), "master.fader.gain_db = 99 is out of range"),
    changed(lambda data: data.update(master=_fader(0, "drive")), "fader has no knob 'drive'"),
    changed(lambda data: data["tracks"][0].update(path="../secret.wav"), "'../secret.wav' leads outside"),
    changed(lambda data: data["tracks"][0].update(path="/etc/passwd"), "'/etc/passwd' leads outside"),
)
USES: dict[str, tuple[str, ...]] = {
    "analyze": (),
    "suggest": ("-r", "{reference}"),
    "set": ("kick.pan=0.1",),
    "undo": (),
    "diff": (),
    "render": ("-o", "{folder}/mix.wav"),
    "compare": ("{reference}",),
}


def use(faderwise: Faderwise, verb: str, session: Path, reference: Path) -> Ran:
    rest = (text.format(reference=reference, folder=reference.parent) for text in USES[verb])
    return faderwise(verb, session, *rest)


@pytest.mark.parametrize("verb", USES)
@pytest.mark.parametrize("spoil", BAD_SESSIONS)
def test_a_session_that_cannot_be_read(
    faderwise: Faderwise, session: Path, reference: Path, spoil: Callable[[Path], str], verb: str
) -> None:
    said = spoil(session)
    before = contents(reference.parent)
    ran = use(faderwise, verb, session, reference)
    assert (ran.code, ran.out, contents(reference.parent)) == (3, "", before)
    assert said in ran.error
    assert str(session) in ran.error


@pytest.mark.parametrize("verb", ["analyze", "suggest", "render", "compare"])
@pytest.mark.parametrize("loss", ["gone", "other"])
def test_audio_that_is_not_what_it_was(
    faderwise: Faderwise, session: Path, reference: Path, loss: str, verb: str
) -> None:
    kick = session.parent / "Kick.wav"
    kick.unlink()
    if loss == "other":
        audio.write(kick, music(1, 1, seed=9), RATE)
    before = contents(reference.parent)
    ran = use(faderwise, verb, session, reference)
    assert (ran.code, ran.out, contents(reference.parent)) == (3, "", before)
    assert f"{session.parent}: Kick.wav is {'missing' if loss == 'gone' else 'not the audio'}" in ran.error


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("nowhere.flac", 3, "nowhere.flac: there is no such file"),
        ("words.flac", 3, "words.flac: is not audio that can be read"),
        ("hit.flac@9-30", 2, "the segment 9-30 s is not in the file, which is 5.0 s long"),
        ("hit.flac@1-2", 3, "hit.flac: 1.0 s is too short for a reference"),
        ("hit.flac*0", 2, "a weight of 0 makes no sense"),
    ],
)
def test_a_reference_that_is_none(
    faderwise: Faderwise, session: Path, reference: Path, name: str, code: int, said: str
) -> None:
    (reference.parent / "words.flac").write_text("la la la")
    before = contents(reference.parent)
    ran = faderwise("suggest", session, "--reference", reference.parent / name)
    assert (ran.code, ran.out, contents(reference.parent)) == (code, "", before)
    assert said in ran.error


def test_no_reference_at_all(faderwise: Faderwise, session: Path) -> None:
    ran = faderwise("suggest", session)
    assert ran.code == 2
    assert "--reference FILE" in ran.error


@pytest.mark.parametrize("command", [("set", "kick.pan=0.5"), ("lock", "kick"), ("unlock", "bass"), ("undo",)])
def test_a_full_disk_while_saving(
    faderwise: Faderwise, session: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    faderwise("lock", session, "bass")
    before = contents(session.parent)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = faderwise(command[0], session, *command[1:])
    assert (ran.code, contents(session.parent)) == (3, before)
    assert f"{session}: cannot be saved (No space left on device), the file is as it was" in ran.error


def test_a_full_disk_while_making_a_session_or_a_mix(
    faderwise: Faderwise, stems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        before = contents(tmp_path)
        ran = faderwise("new", stems)
        assert (ran.code, contents(tmp_path)) == (3, before)
        assert f"{stems / 'faderwise.json'}: cannot be saved (No space left on device)" in ran.error
    faderwise("new", stems)
    monkeypatch.setattr(os, "fsync", full)
    before = contents(tmp_path)
    ran = faderwise("render", stems, "-o", tmp_path / "mix.wav")
    assert (ran.code, contents(tmp_path)) == (3, before)
    assert f"{tmp_path / 'mix.wav'}: the disk is full" in ran.error


def test_a_write_protected_session(faderwise: Faderwise, session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # root may write anywhere, so the rights themselves do not tell
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    before = session.read_bytes()
    ran = faderwise("set", session, "kick.pan=0.5")
    assert (ran.code, session.read_bytes()) == (3, before)
    assert f"{session}: cannot be saved (the file is write-protected), the file is as it was" in ran.error


def test_a_link_to_a_session_is_followed(faderwise: Faderwise, session: Path) -> None:
    link = session.with_name("today.json")
    link.symlink_to(session)
    assert faderwise("set", link, "kick.pan=0.5").code == 0
    assert link.is_symlink()
    assert load(session).knob("kick.panner.pan").value == 0.5
