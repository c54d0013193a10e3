"""A prompt in, a mix out that measures as the words say; what was not spoken of stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixer.edits import set_locks
from mixer.errors import UsageError
from mixer.session import Session
from style_transfer.brief import Brief
from style_transfer.said import read_prompt
from style_transfer.suggest import suggest
from style_transfer.suggestion import Suggestion, apply_suggestion
from tests.songs import write_song


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path]:
    folder = tmp_path_factory.mktemp("song")
    return write_song(folder, seconds=4.0), folder


@pytest.fixture(scope="module")
def asked(song: tuple[Session, Path]) -> Suggestion:
    return suggest(
        *song, Brief(prompt="vocals louder, hats darker, pan the guitar hard left, less reverb on the snare")
    )


def test_what_was_asked_came(asked: Suggestion) -> None:
    came = {(one.words.partition(":")[0], one.aspect): one for one in asked.achieved}
    assert came["vocals", "level"].achieved == pytest.approx(came["vocals", "level"].asked, abs=0.6)
    tone = next(one for (_, aspect), one in came.items() if aspect == "tone")
    assert tone.achieved is not None
    assert tone.achieved * tone.asked > 0


def test_only_what_was_spoken_of_moves(asked: Suggestion) -> None:
    moved = {change.target for change in asked.changes}
    assert {"ldvox", "hh"} <= moved
    assert moved <= {"ldvox", "hh", "sn", "master"}
    for change in asked.changes:
        if change.target in ("ldvox", "hh"):
            assert change.source == "prompt"
            assert "you asked for it" in change.because


def test_named_knobs_are_set_as_by_hand(song: tuple[Session, Path], asked: Suggestion) -> None:
    after = apply_suggestion(song[0], asked)
    assert after.values("gtr")["panner"]["pan"] == -1.0
    assert after.knob("gtr.panner.pan").source == "user"
    assert after.context.prompt.startswith("vocals louder")
    assert len(after.history) == len(song[0].history) + 1


def test_what_cannot_be_done_is_said(asked: Suggestion) -> None:
    assert any("sn" in refusal.subject and "reverb" in refusal.reason for refusal in asked.refused)


def test_locked_tracks_stay_whatever_is_said(song: tuple[Session, Path]) -> None:
    session, folder = song
    locked = set_locks(session, ["ldvox"], True)
    found = suggest(locked, folder, Brief(prompt="vocals much louder and brighter"))
    assert not [change for change in found.changes if change.target == "ldvox"]


def test_words_that_ask_for_nothing_are_an_error(song: tuple[Session, Path]) -> None:
    with pytest.raises(UsageError, match="asks for nothing that can be acted on"):
        suggest(*song, Brief(prompt="the quick brown fox jumps over the lazy dog"))


def test_guesses_are_done_once_they_are_confirmed(song: tuple[Session, Path]) -> None:
    with pytest.raises(UsageError, match=r"lowpass.*--confirm|low-pass.*--confirm"):
        read_prompt("low-pass the guitar at 4k", song[0])
    said = read_prompt("low-pass the guitar at 4k, horns up", song[0], confirm=True)
    assert said.understood is not None
    assert {edit.address: edit.after["value"] for edit in said.edits if isinstance(edit.after, dict)} == {
        "gtr.equalizer.high_hz": 6800.0,
        "gtr.equalizer.high_gain_db": -20.0,
    }
    assert [row.status for row in said.understood.rows] == ["understood", "guessed"]
    happy = read_prompt("happier guitar", song[0], confirm=True)
    assert [wish.tracks for wish in happy.wishes] == [("gtr",)]
