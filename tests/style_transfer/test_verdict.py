"""Accepting, refusing and giving up: what the user says about a suggestion, and that it is remembered."""

from __future__ import annotations

import pytest

from mixer.edits import apply, set_locks, undo
from mixer.errors import SessionError, UsageError
from mixer.processor import find
from mixer.session import Context, Edit, Session
from style_transfer.choice import Choice, given_up, kept_names, own_knobs
from style_transfer.intensity import Intensity
from style_transfer.start import is_free
from style_transfer.suggestion import Suggestion, apply_suggestion
from style_transfer.verdict import accept, accepted, refuse
from tests.sessions import make_session, make_track
from tests.suggestions import make_change

MOVES = {
    "kick.fader.gain_db": 2.0,
    "kick.equalizer.low_gain_db": 3.0,
    "ldvox.fader.gain_db": 4.0,
    "ldvox.send.level_db": -17.0,
    "master.fader.gain_db": -3.0,
}


@pytest.fixture
def session() -> Session:
    return make_session(make_track("kick", "Kick"), make_track("ldvox", "LdVox", role="lead_vocal"))


def suggestion(session: Session, freed: list[str] | None = None) -> Suggestion:
    changes = [make_change(session, address, after, because="it was measured") for address, after in MOVES.items()]
    return Suggestion(
        changes=changes,
        refused=[],
        notes=[],
        summary=None,
        report=None,
        intensity=Intensity(),
        seed=0,
        loudness_lufs=session.loudness_lufs,
        segments=[],
        freed=freed or [],
        context=Context(),
    )


def values(session: Session) -> dict[str, float]:
    return {address: session.knob(address).value for address in MOVES}


def test_a_refusal_goes_back_and_counts_as_the_users_own(session: Session) -> None:
    mixed = apply_suggestion(session, suggestion(session))
    after = refuse(mixed, ["vocals", "Kick.eq"])
    assert values(after) == MOVES | {
        "ldvox.fader.gain_db": 0.0,
        "ldvox.send.level_db": -60.0,
        "kick.equalizer.low_gain_db": 0.0,
    }
    assert not is_free(after, "ldvox", "fader", "gain_db")
    assert is_free(after, "kick", "fader", "gain_db")
    assert after.knob("ldvox.send.level_db").reason == "refused: ldvox moved: it was measured"
    assert after.history[-1].title == "refuse vocals, Kick.eq"
    assert undo(after)[0] == mixed


def test_accepting_refuses_the_rest(session: Session) -> None:
    after = accept(apply_suggestion(session, suggestion(session)), ["level"])
    kept = {address: value for address, value in MOVES.items() if ".fader." in address}
    assert values(after) == dict.fromkeys(MOVES, 0.0) | {"ldvox.send.level_db": -60.0} | kept
    assert set(own_knobs(after)) == {*equalizer("kick"), "ldvox.send.level_db"}


def test_an_acceptance_is_a_step_that_moves_nothing_and_is_undone_like_any(session: Session) -> None:
    mixed = apply_suggestion(session, suggestion(session))
    some = accept(mixed, ["kick.fader"], refuse_rest=False)
    assert accepted(mixed) == frozenset()
    assert accepted(some) == {"kick.fader.gain_db"}
    assert some.model_copy(update={"history": mixed.history}) == mixed
    more = accept(some, ["kick", "ldvox.send"], refuse_rest=False)
    assert accepted(more) == {"kick.fader.gain_db", "kick.equalizer.low_gain_db", "ldvox.send.level_db"}
    assert accept(more, ["kick.fader"], refuse_rest=False) is more
    assert (undo(more)[0], undo(some)[0]) == (some, mixed)


def test_accepting_all_of_it_is_a_step_too(session: Session) -> None:
    mixed = apply_suggestion(session, suggestion(session))
    after = accept(mixed, ["all"])
    assert accepted(after) == set(MOVES)
    assert values(after) == values(mixed)
    assert undo(after)[0] == mixed


def test_acceptances_are_about_the_last_suggestion(session: Session) -> None:
    mixed = accept(apply_suggestion(session, suggestion(session)), ["kick"], refuse_rest=False)
    other = suggestion(session).model_copy(update={"changes": [make_change(mixed, "ldvox.fader.gain_db", 1.0)]})
    assert accepted(apply_suggestion(mixed, other)) == frozenset()


def test_steps_of_older_files_accepted_what_they_did_not_refuse(session: Session) -> None:
    after = accept(apply_suggestion(session, suggestion(session)), ["level"])
    history = [*after.history[:-1], after.history[-1].model_copy(update={"detail": {}})]
    assert accepted(after.model_copy(update={"history": history})) == accepted(after) != frozenset()


def equalizer(target: str) -> list[str]:
    return [f"{target}.equalizer.{knob}" for knob in find("equalizer").knobs]


def test_refusing_a_processor_is_not_answered_by_its_other_knobs(session: Session) -> None:
    mixed = apply_suggestion(session, suggestion(session))
    wide, single = refuse(mixed, ["kick.eq"]), refuse(mixed, ["kick.equalizer.low_gain_db"])
    assert not is_free(wide, "kick", "equalizer", "high_gain_db")
    assert is_free(wide, "kick", "compressor", "threshold_db")  # the suggestion had left it alone
    assert own_knobs(single) == ["kick.equalizer.low_gain_db"]
    assert wide.values("kick") == single.values("kick")


def test_several_verdicts_on_one_suggestion_add_up(session: Session) -> None:
    after = refuse(refuse(apply_suggestion(session, suggestion(session)), ["kick"]), ["master"])
    assert set(own_knobs(after)) == {*equalizer("kick"), "kick.fader.gain_db", "master.fader.gain_db"}
    with pytest.raises(UsageError, match="kick: nothing of the last suggestion stands there"):
        refuse(after, ["kick"])


def test_what_the_user_changed_since_is_not_taken_back(session: Session) -> None:
    mixed = apply_suggestion(session, suggestion(session))
    mine = apply(mixed, [Edit(address="kick.fader.gain_db", before=None, after=-1.0)], "set", "mine")
    assert refuse(mine, ["drums"]).knob("kick.fader.gain_db").value == -1.0


def test_a_locked_knob_is_refused_all_the_same_and_stays_locked(session: Session) -> None:
    locked = set_locks(apply_suggestion(session, suggestion(session)), ["kick.fader"], True)
    after = refuse(locked, ["kick"])
    assert after.knob("kick.fader.gain_db").value == 0.0
    assert after.is_locked("kick", "fader", "gain_db")


def test_without_a_suggestion_there_is_nothing_to_refuse(session: Session) -> None:
    with pytest.raises(SessionError, match="there is no suggestion to accept or refuse"):
        refuse(session, ["kick"])


def test_a_part_of_a_suggestion(session: Session) -> None:
    whole = suggestion(session)
    assert {change.address for change in whole.only(session, "drums", "space").changes} == {
        "kick.fader.gain_db",
        "kick.equalizer.low_gain_db",
        "ldvox.send.level_db",
    }
    rest = whole.without(session, "level")
    assert {change.address for change in rest.changes} == {"kick.equalizer.low_gain_db", "ldvox.send.level_db"}
    assert values(apply_suggestion(session, rest))["ldvox.fader.gain_db"] == 0.0
    with pytest.raises(UsageError, match="pan: that is nothing that the suggestion changes; name a part of it"):
        whole.only(session, "pan")
    with pytest.raises(UsageError, match="name a part of it"):
        whole.without(session, "all")


def test_what_may_move_at_all(session: Session) -> None:
    choice = Choice.of(session, only=["drums", "master"], without=["eq"])
    assert [address for address in MOVES if address in choice] == ["kick.fader.gain_db", "master.fader.gain_db"]
    assert all(address in Choice.of(session) for address in MOVES)
    with pytest.raises(UsageError, match="there is no track 'bongo'"):
        Choice.of(session, without=["bongo"])


def test_what_is_given_up_is_free_again_and_locks_hold(session: Session) -> None:
    mixed = apply_suggestion(session, suggestion(session))
    mine = refuse(mixed, ["kick", "ldvox"])
    mine = set_locks(mine, ["kick.fader"], True)
    opened, freed = given_up(mine, ["drums", "LdVox.fader"])
    assert set(freed) == {*equalizer("kick"), "ldvox.fader.gain_db"}
    assert is_free(opened, "ldvox", "fader", "gain_db")
    assert not is_free(opened, "kick", "fader", "gain_db")
    assert not is_free(opened, "ldvox", "send", "level_db")
    assert values(opened) == values(mine)


def test_giving_up_is_part_of_the_step(session: Session) -> None:
    mine = refuse(apply_suggestion(session, suggestion(session)), ["kick"])
    some = suggestion(mine, freed=["kick.fader.gain_db", "kick.equalizer.low_gain_db"]).only(mine, "kick.fader")
    after = apply_suggestion(mine, some)
    assert after.knob("kick.fader.gain_db").source == "reference"
    assert after.knob("kick.equalizer.low_gain_db").source == "default"  # not moved, but nobody's own any more
    assert undo(after)[0] == mine


def test_what_stays_is_named(session: Session) -> None:
    mine = set_locks(session, ["LdVox", "master.limiter"], True)
    mine = apply(mine, [Edit(address="kick.fader.gain_db", before=None, after=-1.0)], "set", "mine")
    assert kept_names(mine) == ["Kick fader", "LdVox", "Master limiter"]
    assert kept_names(session) == []
