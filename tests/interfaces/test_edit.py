"""``set``, ``lock``, ``unlock``, ``undo``, ``diff``: the user's own hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mixer.knobs import target_chain
from mixer.session_file import load
from tests.interfaces.conftest import Faderwise


def test_set_moves_and_says_so(faderwise: Faderwise, session: Path) -> None:
    ran = faderwise("set", session, "LdVox.fader.gain_db=-3 dB", "kick.pan=0.2", "bass.role=synth", "kick.mute=on")
    made = load(session)
    assert ran.code == 0
    assert made.knob("ldvox.fader.gain_db").value == -3.0
    assert made.knob("kick.panner.pan").value == 0.2
    assert (made.track("bass_di").role.value, made.track("kick").mute) == ("synth", True)
    assert [line.split() for line in ran.out.splitlines() if "gain_db" in line] == [
        ["ldvox.fader.gain_db", "0.0", "dB", "-3.0", "dB"]
    ]


def test_relative_assignments_add_up_in_their_order(faderwise: Faderwise, session: Path) -> None:
    assert faderwise("set", session, "kick.fader.gain_db+=2", "kick.fader.gain_db+=3").code == 0
    assert load(session).knob("kick.fader.gain_db").value == 5.0
    assert len(load(session).history) == 1


def test_every_knob_of_every_target_can_be_set(faderwise: Faderwise, session: Path) -> None:
    asked = {
        f"{target}.{name}.{param.name}": param.high
        for target in ("kick", "reverb", "master")
        for name, entry in target_chain(target).items()
        for param in entry.params
    }
    assert faderwise("set", session, *(f"{address}={value!r}" for address, value in asked.items())).code == 0
    made = load(session)
    assert {address: made.knob(address).value for address in asked} == asked


def test_one_wrong_assignment_and_none_is_made(faderwise: Faderwise, session: Path) -> None:
    before = session.read_bytes()
    ran = faderwise("set", session, "kick.fader.gain_db=-3", "kick.fader.gain_db=99")
    assert (ran.code, session.read_bytes()) == (2, before)
    assert ran.error == "faderwise: kick.fader.gain_db = 99 is out of range: use -60 to 24 dB"


def test_a_near_miss_is_named(faderwise: Faderwise, session: Path) -> None:
    ran = faderwise("set", session, "kik.fader.gain_db=-3")
    assert ran.code == 2
    assert "did you mean 'kick'" in ran.error


def test_nothing_to_change(faderwise: Faderwise, session: Path) -> None:
    before = session.read_bytes()
    ran = faderwise("set", session, "kick.pan=0")
    assert (ran.code, ran.out, session.read_bytes()) == (0, "nothing to change\n", before)


@pytest.mark.parametrize("verb", [("set", "kick.pan=0.5"), ("lock", "kick"), ("unlock", "bass"), ("undo",)])
def test_dry_run_shows_and_leaves_the_file(faderwise: Faderwise, session: Path, verb: tuple[str, ...]) -> None:
    faderwise("lock", session, "bass")
    before = session.read_bytes()
    ran = faderwise(verb[0], session, *verb[1:], "--dry-run")
    assert (ran.code, session.read_bytes()) == (0, before)
    assert ran.out.splitlines()[-1] == "not saved (--dry-run)"
    assert {"kick.panner.pan", "kick.locked", "bass_di.locked"} & set(ran.out.split())


@pytest.mark.parametrize("verb", [("set", "kick.pan=0.5"), ("lock", "kick"), ("unlock", "bass"), ("undo",)])
def test_json(faderwise: Faderwise, session: Path, verb: tuple[str, ...]) -> None:
    faderwise("lock", session, "bass")
    made = faderwise(verb[0], session, *verb[1:], "--json").document
    assert list(made)[:3] == ["session", "saved", "differences"]
    assert made["saved"] is True
    assert list(made["differences"][0]) == ["address", "before", "after", "shown_before", "shown_after"]


def test_a_lock_keeps_and_unlock_frees(faderwise: Faderwise, session: Path) -> None:
    assert faderwise("lock", session, "kick.fader", "master", "bass").code == 0
    made = load(session)
    assert made.is_locked("kick", "fader", "gain_db")
    assert made.is_locked("master", "limiter", "ceiling_db")
    assert made.is_locked("bass_di", "panner", "pan")
    assert not made.is_locked("kick", "panner", "pan")
    ran = faderwise("unlock", session, "bass.pan")
    assert ran.code == 2
    assert "bass_di.panner.pan stays locked because bass_di is: unlock bass_di" in ran.error
    assert faderwise("unlock", session, "bass").code == 0
    assert not load(session).is_locked("bass_di", "panner", "pan")


def test_a_group_and_an_aspect_are_locked_in_one_step(faderwise: Faderwise, session: Path) -> None:
    assert faderwise("lock", session, "drums", "eq").code == 0
    made = load(session)
    assert made.track("kick").locked
    assert not made.track("ldvox").locked
    assert all(made.is_locked(target, "equalizer", "low_gain_db") for target in ("ldvox", "bass_di", "master"))
    assert [step.title for step in made.history] == ["lock kick, eq"]
    assert faderwise("unlock", session, "drums").code == 0
    assert not load(session).track("kick").locked


def test_undo_restores_the_file_bit_for_bit(faderwise: Faderwise, session: Path) -> None:
    before = session.read_bytes()
    faderwise("set", session, "kick.pan=0.5", "LdVox.name=Voice")
    faderwise("lock", session, "kick")
    ran = faderwise("undo", session, "--steps", 2)
    assert (ran.code, session.read_bytes()) == (0, before)
    assert ran.out.splitlines()[:2] == ["undone: lock kick", "undone: set kick.pan=0.5, LdVox.name=Voice"]


def test_undo_of_more_than_there_is(faderwise: Faderwise, session: Path) -> None:
    ran = faderwise("undo", session)
    assert (ran.code, ran.error) == (3, f"faderwise: {session}: there is nothing to undo, the history is empty")
    faderwise("set", session, "kick.pan=0.5")
    before = session.read_bytes()
    ran = faderwise("undo", session, "--steps", 2)
    assert (ran.code, session.read_bytes()) == (2, before)
    assert "has only 1; use 1 to 1" in ran.error


def test_diff_of_two_and_of_the_last_step(faderwise: Faderwise, session: Path) -> None:
    old = session.with_name("old.json")
    shutil.copy(session, old)
    assert "no difference" in faderwise("diff", old, session).out
    faderwise("set", session, "kick.fader.gain_db=-3")
    for arguments in ((old, session), (session,)):
        (found,) = faderwise("diff", *arguments, "--json").document["differences"]
        assert (found["address"], found["before"], found["after"]) == ("kick.fader.gain_db", 0.0, -3.0)
    assert "set kick.fader.gain_db=-3" in faderwise("diff", session).out


def test_diff_without_history(faderwise: Faderwise, session: Path) -> None:
    ran = faderwise("diff", session)
    assert ran.code == 3
    assert "nothing to undo" in ran.error
