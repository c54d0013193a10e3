"""``new``: a session in the right place, with paths that start there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixer.session_file import check_audio, load
from tests.interfaces.conftest import Faderwise


def test_the_session_lies_among_the_stems(faderwise: Faderwise, stems: Path) -> None:
    ran = faderwise("new", stems, "--name", "Blue Hour")
    made = load(stems)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "Blue Hour: 3 tracks at 44100 Hz"
    assert ran.out.splitlines()[-1] == f"saved {stems / 'faderwise.json'}"
    assert [track.path for track in made.tracks] == ["Bass DI.wav", "Kick.wav", "LdVox.wav"]
    assert made.name == "Blue Hour"


def test_the_table_says_what_each_track_is(faderwise: Faderwise, stems: Path) -> None:
    lines = faderwise("new", stems).out.splitlines()
    (kick,) = (line for line in lines if line.strip().startswith("Kick"))
    assert kick.split() == ["Kick", "kick", "kick", "its", "name", "95", "%", "mono", "0:04.0"]


def test_json(faderwise: Faderwise, stems: Path) -> None:
    made = faderwise("new", stems, "--json", "--rate", 48000).document
    assert list(made) == ["session", "saved", "name", "sample_rate", "tracks", "notes"]
    assert (made["saved"], made["sample_rate"]) == (True, 48000)
    voice = made["tracks"][2]
    assert (voice["id"], voice["role"], voice["channels"], voice["seconds"]) == ("ldvox", "lead_vocal", 2, 4.0)
    assert "converted from 44100 Hz" in made["notes"][0]


def test_a_session_above_the_stems_finds_them(faderwise: Faderwise, stems: Path) -> None:
    place = stems.parent / "song.json"
    assert faderwise("new", stems, "-o", place).code == 0
    made = load(place)
    assert made.tracks[0].path == "stems/Bass DI.wav"
    check_audio(made, place.parent)


def test_relative_paths(faderwise: Faderwise, stems: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(stems)
    assert faderwise("new", ".", "-o", "../song.json").code == 0
    assert load(stems.parent / "song.json").tracks[0].path == "stems/Bass DI.wav"
    assert load(stems.parent / "song.json").name == "stems"


def test_dry_run_leaves_no_file(faderwise: Faderwise, stems: Path) -> None:
    before = sorted(stems.iterdir())
    ran = faderwise("new", stems, "--dry-run")
    assert (ran.code, sorted(stems.iterdir())) == (0, before)
    assert "not saved (--dry-run)" in ran.out


def test_an_old_session_is_replaced_only_by_force(faderwise: Faderwise, session: Path) -> None:
    faderwise("set", session, "kick.mute=on")
    before = session.read_bytes()
    ran = faderwise("new", session.parent)
    assert (ran.code, session.read_bytes()) == (2, before)
    assert ran.error == f"faderwise: {session}: is there already; --force replaces it and its history"
    assert faderwise("new", session.parent, "--force").code == 0
    assert load(session).history == []


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("elsewhere/song.json", "there is no folder"),
        ("stems/below/song.json", "lies in the folder of its stems or above it"),
        ("stems/Kick.wav", "a session is a .json file"),
    ],
)
def test_a_session_goes_nowhere_else(faderwise: Faderwise, stems: Path, place: str, said: str) -> None:
    (stems / "below").mkdir()
    before = (stems / "Kick.wav").read_bytes()
    ran = faderwise("new", stems, "-o", stems.parent / place, "--force")
    assert ran.code == 2
    assert said in ran.error
    assert (stems / "Kick.wav").read_bytes() == before


def test_a_rate_that_no_session_has(faderwise: Faderwise, stems: Path) -> None:
    ran = faderwise("new", stems, "--rate", 22050)
    assert ran.code == 2
    assert "44100 to 192000 Hz, not 22050 Hz" in ran.error
