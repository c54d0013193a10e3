"""Bad input through the real commands: one line that names the file, the right exit code, and nothing lost."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mixer import audio
from mixer.session_file import load
from tests.interfaces.conftest import Faderwise
from tests.signals import RATE, music

Files = dict[Path, bytes]


def contents(folder: Path) -> Files:
    """Every file below, with its bytes: what must be the same after a refusal."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def no_folder(folder: Path) -> str:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return f"{folder}: there is no such folder"


def empty(folder: Path) -> str:
    for path in folder.iterdir():
        path.unlink()
    return str(folder)


def no_audio(folder: Path) -> str:
    empty(folder)
    (folder / "lyrics.txt").write_text("la la la")
    return str(folder)


def text_as_wav(folder: Path) -> str:
    (folder / "kick.wav").write_text("boom")
    return "kick.wav: is not audio that can be read"


def truncated_flac(folder: Path) -> str:
    audio.write(folder / "snare.flac", music(2, 1, seed=3), RATE)
    whole = (folder / "snare.flac").read_bytes()
    (folder / "snare.flac").write_bytes(whole[: len(whole) // 2])
    return "snare.flac: is damaged or cut short after"


def not_finite(value: float) -> Callable[[Path], str]:
    def spoil(folder: Path) -> str:
        samples = music(1, 1, seed=3)[0]
        samples[RATE // 2] = value
        soundfile.write(folder / "snare.wav", samples, RATE, subtype="FLOAT")
        return f"snare.wav: the sample at 0.5000 s is {'NaN' if np.isnan(value) else 'infinite'}"

    return spoil


def no_samples(folder: Path) -> str:
    soundfile.write(folder / "snare.wav", np.zeros(0), RATE)
    return "snare.wav: holds no samples"


def eight_channels(folder: Path) -> str:
    soundfile.write(folder / "snare.wav", np.zeros((100, 8)), RATE)
    return "snare.wav: has 8 channels"


def link_outside(folder: Path) -> str:
    (folder.parent / "other.wav").write_bytes((folder / "Kick.wav").read_bytes())
    (folder / "snare.wav").symlink_to(folder.parent / "other.wav")
    return "'snare.wav' is a link that leads outside"


BAD_FOLDERS = (
    no_folder,
    empty,
    no_audio,
    text_as_wav,
    truncated_flac,
    not_finite(np.nan),
    not_finite(-np.inf),
    no_samples,
    eight_channels,
    link_outside,
)


@pytest.mark.parametrize("spoil", BAD_FOLDERS)
def test_a_folder_that_makes_no_session(faderwise: Faderwise, stems: Path, spoil: Callable[[Path], str]) -> None:
    said = spoil(stems)
    before = contents(stems.parent)
    ran = faderwise("new", stems)
    assert (ran.code, ran.out, contents(stems.parent)) == (3, "", before)
    assert said in ran.error


def odd_lengths_and_rates(folder: Path) -> None:
    audio.write(folder / "one sample.wav", np.full((1, 1), 0.5, np.float32), RATE)
    audio.write(folder / "silence.wav", np.zeros((2, RATE), np.float32), RATE)
    audio.write(folder / "Gtr low.wav", music(1, 1, seed=4, rate=8000), 8000)
    audio.write(folder / "Gtr high.wav", music(1, 1, seed=5, rate=192000), 192000)
    audio.write(folder / "Keys long.flac", np.zeros((1, 200 * RATE), np.float32) + np.float32(1e-3), RATE)


def test_odd_tracks_are_kept_and_mixed(faderwise: Faderwise, stems: Path, tmp_path: Path) -> None:
    odd_lengths_and_rates(stems)
    made = faderwise("new", stems, "--json").document
    assert len(made["tracks"]) == 8
    notes = "\n".join(made["notes"])
    assert "silence (silence.wav) is silent: it is kept and left alone" in notes
    assert "one sample (one sample.wav) is only 0.000 s long: it is kept and left alone" in notes
    assert "converted from 8000, 192000 Hz" in notes
    analysis = faderwise("analyze", stems, "--json").document
    loudness = {track["name"]: track["features"]["loudness_lufs"] for track in analysis["tracks"]}
    assert loudness["silence"] is None
    mix = tmp_path / "mix.wav"
    assert faderwise("render", stems, "-o", mix).code == 0
    assert audio.probe(mix).seconds == pytest.approx(200)


@pytest.mark.slow
def test_three_hundred_tracks(faderwise: Faderwise, stems: Path, tmp_path: Path) -> None:
    for index in range(297):
        audio.write(stems / f"FX {index:03d}.wav", music(0.3, 1, seed=index), RATE)
    assert len(faderwise("new", stems, "--json").document["tracks"]) == 300
    assert faderwise("set", stems, *(f"fx_{index:03d}.fader.gain_db=-20" for index in range(297))).code == 0
    assert faderwise("render", stems, "-o", tmp_path / "mix.wav").code == 0


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


def use(faderwise: Faderwise, verb: str, session: Path, reference: Path) -> Any:
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
        ("stems", 3, "stems: is a folder, not an audio file"),
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
    assert "with --reference FILE" in ran.error


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
