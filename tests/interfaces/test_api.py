"""The verbs for programs do what those of the command line do."""

from __future__ import annotations

from pathlib import Path

import pytest

from interfaces.api import Song
from mixer.errors import SessionError, UsageError
from tests.songs import write_song


@pytest.fixture
def song(tmp_path: Path) -> Song:
    write_song(tmp_path / "song", seconds=1.0)
    return Song.new(tmp_path / "song")


def test_a_song_is_saved_and_opened_again(song: Song) -> None:
    song.set("Kick.fader.gain_db=-3", "Kick.fader.gain_db-=1", "HH.mute=on").lock("LdVox").save()
    again = Song.open(song.folder)
    assert again.session == song.session
    assert again.session.knob("kick.fader.gain_db").value == -4.0
    assert [step.kind for step in again.session.history] == ["set", "lock"]


def test_undo_and_unlock_take_back(song: Song) -> None:
    before = song.session
    song.lock("LdVox")
    assert song.session.track("ldvox").locked
    assert not song.unlock("LdVox").session.track("ldvox").locked
    assert song.undo().undo().session == before
    with pytest.raises(SessionError):
        song.undo()


def test_what_makes_no_sense_changes_nothing(song: Song) -> None:
    before = song.session
    with pytest.raises(UsageError):
        song.set("Kick.fader.gain_db=-3", "Kick.fader.gain_db=99")
    assert song.session == before


def test_render_measures_what_it_wrote(song: Song, tmp_path: Path) -> None:
    made = song.render(tmp_path / "mix.wav", loudness_lufs=-20.0)
    assert made.loudness_lufs == pytest.approx(-20.0, abs=0.05)
    assert (tmp_path / "mix.wav").is_file()
