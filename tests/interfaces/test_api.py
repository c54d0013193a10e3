"""The verbs for programs do what those of the command line do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from interfaces.api import Song
from mixer import audio
from mixer.errors import SessionError, UsageError
from tests.signals import RATE, music
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


@pytest.mark.slow
def test_a_suggestion_is_weighed_taken_in_part_and_refused(song: Song, tmp_path: Path) -> None:
    audio.write(tmp_path / "hit.wav", np.float32(0.5) * music(4, 2, seed=7), RATE)
    before = song.session
    whole = song.suggest(tmp_path / "hit.wav", separation=False, intensity=["level=50", "vocals=0"])
    assert whole.intensity.share("kick", "fader") == 0.5
    assert not [change for change in whole.changes if change.target == "ldvox"]
    part = whole.only(before, "drums", "master")
    assert {change.target for change in part.changes} <= {"kick", "sn", "hh", "master"}
    song.apply(part).refuse("master")
    assert song.session.values("master") == before.values("master")
    drums = [change for change in part.changes if change.target != "master"]
    assert drums
    assert [song.session.knob(change.address).value for change in drums] == [change.after for change in drums]
    assert song.undo().undo().session == before
    with pytest.raises(UsageError, match="'loud' is no intensity"):
        song.suggest(tmp_path / "hit.wav", intensity="loud")
