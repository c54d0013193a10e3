"""Changing a session, taking it back, and what is locked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from mixer.difference import diff
from mixer.edits import apply, at, lock_on, set_locks, undo
from mixer.errors import SessionError, UsageError
from mixer.session import Edit, Session
from tests.sessions import any_edits, knob_edits, make_session, make_track

SESSION = make_session()


def edit(address: str, after: JsonValue) -> Edit:
    return Edit(address=address, before=None, after=after)


def test_a_number_is_the_users_own_and_the_old_session_is_untouched() -> None:
    old = SESSION.model_dump_json()
    session = apply(SESSION, [edit("kick.fader.gain_db", -3.0)], "set", "kick down")
    assert session.knob("kick.fader.gain_db").model_dump() == {"value": -3.0, "source": "user"}
    assert SESSION.model_dump_json() == old
    step = session.history[-1]
    assert (step.kind, step.title) == ("set", "kick down")
    assert step.edits[0].before == {"value": 0.0}
    assert step.edits[0].after == {"value": -3.0, "source": "user"}


def test_a_suggestion_brings_source_reason_seed_and_detail() -> None:
    knob: JsonValue = {"value": 2.5, "source": "reference", "reason": "2 LU under the reference"}
    session = apply(SESSION, [edit("ldvox.fader.gain_db", knob)], "suggest", "s", seed=7, detail={"intensity": 80})
    assert session.knob("ldvox.fader.gain_db").reason == "2 LU under the reference"
    assert session.history[-1].seed == 7
    assert session.history[-1].detail == {"intensity": 80}


def test_what_changes_nothing_leaves_no_trace() -> None:
    same = apply(SESSION, [edit("kick.fader.gain_db", 0.0), edit("kick.mute", False)], "set", "nothing")
    assert same is SESSION
    both = apply(SESSION, [edit("kick.mute", False), edit("kick.solo", True)], "set", "one of two")
    assert [made.address for made in both.history[-1].edits] == ["kick.solo"]


def test_a_role_by_hand_is_the_users_and_undo_brings_the_guess_back() -> None:
    session = apply(SESSION, [edit("kick.role", "snare")], "set", "role")
    track = session.track("kick")
    assert (track.role, track.role_origin, track.role_confidence) == ("snare", "user", 1.0)
    assert undo(session)[0] == SESSION


def test_moving_a_locked_knob_by_hand_keeps_it_locked() -> None:
    session = set_locks(SESSION, ["kick.fader.gain_db"], True)
    session = apply(session, [edit("kick.fader.gain_db", -6.0)], "set", "by hand")
    assert session.knob("kick.fader.gain_db").locked
    assert session.knob("kick.fader.gain_db").value == -6.0


@pytest.mark.parametrize(
    ("address", "after"),
    [
        ("kick.fader.gain_db", 99.0),
        ("kick.fader.gain_db", "loud"),
        ("kick.fader.gain_db", {"value": 1.0, "colour": "blue"}),
        ("kick.fader.gain_db", None),
        ("kick.fader.level_db", 0.0),
        ("kick.fadr.gain_db", 0.0),
        ("kick.mute", "x"),
        ("kick.role", "singer"),
        ("kick.path", "other.wav"),
        ("bass.mute", True),
        ("session.loudness_lufs", 3.0),
        ("session.tracks", []),
        ("session.context", {"prompt": 3}),
    ],
)
def test_an_impossible_edit_is_a_usage_error_and_changes_nothing(address: str, after: JsonValue) -> None:
    old = SESSION.model_dump_json()
    with pytest.raises(UsageError) as caught:
        apply(SESSION, [edit("kick.solo", True), edit(address, after)], "set", "no")
    assert "\n" not in str(caught.value)
    assert SESSION.model_dump_json() == old


@settings(max_examples=60, deadline=None)
@given(st.lists(any_edits(SESSION), max_size=5))
def test_undoing_every_step_gives_the_first_session_back_bit_for_bit(steps: list[list[Edit]]) -> None:
    sessions = [SESSION]
    for edits in steps:
        sessions.append(apply(sessions[-1], edits, "set", "step"))
    session = sessions[-1]
    while session.history:
        before = next(old for old in reversed(sessions) if len(old.history) == len(session.history) - 1)
        session, _ = undo(session)
        assert session == before
        assert session.model_dump_json() == before.model_dump_json()
    assert session == SESSION


def test_undo_of_nothing_says_so() -> None:
    with pytest.raises(SessionError, match="nothing to undo"):
        undo(SESSION)


def test_a_history_that_does_not_fit_is_one_line() -> None:
    session = apply(SESSION, [edit("kick.mute", True)], "set", "mute")
    without = session.model_copy(update={"tracks": session.tracks[1:]})
    with pytest.raises(SessionError, match=r"mute.*does not fit"):
        undo(without)


@pytest.mark.parametrize("locked", ["kick", "kick.fader", "kick.fader.gain_db", "Kick.gain_db"])
def test_no_suggestion_moves_what_is_locked(locked: str) -> None:
    session = set_locks(SESSION, [locked], True)
    moves: list[JsonValue] = [
        -1.0,
        {"value": -1.0, "source": "reference"},
        {"value": 0.0, "locked": False, "reason": "x"},
    ]
    for after in moves:
        with pytest.raises(SessionError, match="is locked"):
            apply(session, [edit("kick.fader.gain_db", after)], "suggest", "s")
    assert apply(session, [edit("kick.fader.gain_db", 0.0)], "suggest", "s") is session


@pytest.mark.parametrize("address", ["kick.mute", "kick.compressor.bypass", "kick.locked"])
def test_a_locked_track_keeps_its_flags_too(address: str) -> None:
    session = set_locks(SESSION, ["kick"], True)
    with pytest.raises(SessionError, match="kick is locked"):
        apply(session, [edit(address, not at(session, address))], "suggest", "s")


@settings(max_examples=40, deadline=None)
@given(st.lists(knob_edits(SESSION), min_size=1, max_size=8))
def test_a_suggestion_is_taken_whole_or_not_at_all(edits: list[Edit]) -> None:
    session = set_locks(SESSION, ["kick", "master"], True)
    try:
        changed = apply(session, edits, "suggest", "s")
    except SessionError:
        return
    moved = {difference.address for difference in diff(session, changed)}
    assert not any(address.startswith(("kick.", "master.")) for address in moved)


def test_locking_the_master_locks_each_of_its_processors_and_unlocking_undoes_it() -> None:
    locked = set_locks(SESSION, ["master", "reverb"], True)
    assert all(
        lock_on(locked, f"{t}.{p}.{k}") for t in ("master", "reverb") for p, v in locked.values(t).items() for k in v
    )
    unlocked = set_locks(locked, ["master", "reverb"], False)
    assert (unlocked.master, unlocked.reverb) == (SESSION.master, SESSION.reverb)
    assert [step.kind for step in unlocked.history] == ["lock", "unlock"]


def test_unlocking_a_part_of_what_is_locked_says_what_to_unlock() -> None:
    session = set_locks(SESSION, ["kick"], True)
    with pytest.raises(UsageError, match=r"unlock kick$"):
        set_locks(session, ["kick.fader.gain_db"], False)


@pytest.mark.parametrize("typed", ["kick.mute", "session.loudness_lufs", "kick.fader.bypass", "session"])
def test_what_has_no_lock_of_its_own_is_said(typed: str) -> None:
    with pytest.raises(UsageError, match="no lock of its own"):
        set_locks(SESSION, [typed], True)


def test_a_difference_reads_as_a_producer_would_say_it() -> None:
    edits = [
        edit("kick.fader.gain_db", -60.0),
        edit("ldvox.equalizer.peak3_gain_db", 2.5),
        edit("ldvox.mute", True),
        edit("reverb.reverb.decay_s", 2.0),
        edit("session.loudness_lufs", -14.0),
        edit("session.context", {"prompt": "warmer", "references": [{"name": "song.flac", "sha256": "0" * 64}]}),
    ]
    changed = apply(set_locks(SESSION, ["kick.pan"], True), edits, "set", "several")
    said = [(d.address, d.shown_before, d.shown_after) for d in diff(SESSION, changed)]
    assert said == [
        ("kick.fader.gain_db", "0.0 dB", "off"),
        ("kick.panner.pan.locked", "off", "on"),
        ("ldvox.mute", "off", "on"),
        ("ldvox.equalizer.peak3_gain_db", "0.0 dB", "+2.5 dB"),
        ("reverb.reverb.decay_s", "1.2 s", "2.0 s"),
        ("session.loudness_lufs", "-16.0 LUFS", "-14.0 LUFS"),
        ("session.context.prompt", "none", "warmer"),
        ("session.context.references", "none", "song.flac"),
    ]
    assert diff(changed, changed) == []


def test_tracks_that_came_went_or_have_other_audio_are_differences() -> None:
    other = make_session(make_track("kick", "Kick", sha256="1" * 64), make_track("bass"))
    assert [(d.address, d.shown_after) for d in diff(SESSION, other)] == [
        ("kick.sha256", "kick.wav, other audio"),
        ("ldvox", "not there"),
        ("bass", "bass.wav"),
    ]


@settings(max_examples=40, deadline=None)
@given(any_edits(SESSION))
def test_what_a_difference_says_is_what_stands_there(edits: list[Edit]) -> None:
    changed: Session = apply(SESSION, edits, "set", "any")
    for difference in diff(SESSION, changed):
        if not difference.address.startswith("session.context"):
            now = at(changed, difference.address)
            assert (now["value"] if isinstance(now, dict) else now) == difference.after
