"""The verb ``import``, as typed in a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from interfaces.daw.reaper import export_reaper
from mixer import audio
from mixer.progress import silent
from mixer.session_file import load
from tests.interfaces.conftest import Faderwise, contents
from tests.signals import RATE, music


@pytest.fixture
def project(session: Path, tmp_path: Path) -> Path:
    """The session as a REAPER project whose kick was turned down there by half and muted."""
    folder = tmp_path / "out"
    folder.mkdir()
    project = export_reaper(load(session), session.parent, folder, silent).project
    text = project.read_text(encoding="utf-8")
    at = text.index("NAME Kick")
    head, tail = text[:at], text[at:]
    tail = tail.replace("VOLPAN 1 0", "VOLPAN 0.5 0", 1).replace("MUTESOLO 0 0", "MUTESOLO 1 0", 1)
    project.write_text(head + tail, encoding="utf-8")
    return project


def test_changes_come_back_as_one_step_that_can_be_undone(session: Path, project: Path, faderwise: Faderwise) -> None:
    before = session.read_bytes()
    ran = faderwise("import", session, project.parent)
    assert ran.code == 0
    assert "kick.fader.gain_db" in ran.out
    assert load(session).knob("kick.fader.gain_db").value == pytest.approx(-6.0206, abs=1e-4)
    assert load(session).track("kick").mute
    assert faderwise("undo", session).code == 0
    assert session.read_bytes() == before


def test_json_and_dry_run(session: Path, project: Path, faderwise: Faderwise) -> None:
    before = contents(session.parent)
    document = faderwise("import", session, project, "--dry-run", "--json").document
    assert {found["address"] for found in document["differences"]} == {"kick.fader.gain_db", "kick.mute"}
    assert (document["saved"], document["left"], document["missing"]) == (False, [], [])
    assert set(document["tracks"]) == {"kick", "bass_di", "ldvox"}
    assert contents(session.parent) == before


def test_nothing_changed_is_said(session: Path, tmp_path: Path, faderwise: Faderwise) -> None:
    (tmp_path / "same").mkdir()
    export_reaper(load(session), session.parent, tmp_path / "same", silent)
    before = session.read_bytes()
    ran = faderwise("import", session, tmp_path / "same")
    assert (ran.code, ran.out) == (0, "nothing was changed there\n")
    assert session.read_bytes() == before


def test_a_project_of_others_becomes_a_session(tmp_path: Path, project: Path, faderwise: Faderwise) -> None:
    ran = faderwise("import", tmp_path / "adopted", project, "--new")
    assert ran.code == 0
    session = load(tmp_path / "adopted")
    assert [track.name for track in session.tracks] == ["Bass DI", "Kick", "LdVox"]
    assert session.tracks[1].mute
    assert faderwise("render", tmp_path / "adopted", "-o", tmp_path / "mix.wav").code == 0
    assert faderwise("import", tmp_path / "adopted", project, "--new").code == 2


def test_new_leaves_nothing_behind_when_it_fails_or_only_looks(
    tmp_path: Path, project: Path, faderwise: Faderwise
) -> None:
    before = contents(tmp_path)
    assert faderwise("import", tmp_path / "adopted", project, "--new", "--dry-run").code == 0
    (tmp_path / "silent.rpp").write_text("<REAPER_PROJECT 0.1\n>", encoding="utf-8")
    assert faderwise("import", tmp_path / "adopted", tmp_path / "silent.rpp", "--new").code == 3
    (tmp_path / "silent.rpp").unlink()
    assert contents(tmp_path) == before
    assert not (tmp_path / "adopted").exists()
    assert not list(tmp_path.glob(".faderwise*"))


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("nowhere.rpp", 3, "cannot be read"),
        ("song.als", 2, "use one of .rpp, .dawproject, .ardour"),
        ("stems", 2, "holds no project"),
    ],
)
def test_bad_projects_are_one_line(
    session: Path, tmp_path: Path, faderwise: Faderwise, given: str, code: int, said: str
) -> None:
    ran = faderwise("import", session, tmp_path / given)
    assert ran.code == code
    assert said in ran.error


def test_a_project_of_another_song_is_refused(session: Path, tmp_path: Path, faderwise: Faderwise) -> None:
    other = tmp_path / "other"
    other.mkdir()
    audio.write(other / "Flute.wav", music(1, 1), RATE)
    assert faderwise("new", other).code == 0
    (tmp_path / "o").mkdir()
    project = export_reaper(load(other), other, tmp_path / "o", silent).project
    ran = faderwise("import", session, project)
    assert ran.code == 3
    assert "has none of the tracks" in ran.error
