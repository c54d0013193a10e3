"""The controller in a suggestion: where it is asked, and what holds of its answer alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mixer import audio
from mixer.assignment import assign
from mixer.console import mix_array
from mixer.processor import Aspect
from mixer.render import settings, sources
from mixer.roles import Group
from mixer.session import Session
from style_transfer import learned
from style_transfer.brief import Brief
from style_transfer.controller.estimate import BAND_NAMES
from style_transfer.controller.weights import controller
from style_transfer.prepare import Listening, prepare
from style_transfer.reference_file import ReferenceFile
from style_transfer.rough import RoughMix
from style_transfer.search import PRACTICE_NOTE, search
from style_transfer.start import practice_start
from style_transfer.suggest import suggest
from style_transfer.variant import VARIANTS
from tests.songs import write_reference, write_song
from tests.style_transfer.controller.untrained import write_untrained


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path, Path]:
    folder = tmp_path_factory.mktemp("song")
    session = write_song(folder)
    return session, folder, write_reference(folder / "reference.wav")


@pytest.fixture(scope="module")
def listening(song: tuple[Session, Path, Path]) -> Listening:
    session, folder, reference = song
    return prepare(session, folder, [ReferenceFile(reference)])


@pytest.fixture(autouse=True)
def opinionated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A controller that would move every fader."""
    found = controller(write_untrained(tmp_path))
    monkeypatch.setattr(learned, "has_weights", lambda: True)
    monkeypatch.setattr(learned, "controller", lambda: found)


def test_it_is_asked_after_a_reference_and_in_no_other_case(
    listening: Listening, song: tuple[Session, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, folder, reference = song
    start = practice_start(session, listening.desk({}).heard)
    estimate = learned.learned_start(listening, start)
    assert estimate is not None
    assert estimate.values != start
    assert all(learned.learned_start(listening, start, other) is None for other in VARIANTS[1:])
    roles = [ReferenceFile(reference, roles=(session.tracks[0].role,))]
    assert learned.learned_start(prepare(session, folder, roles), start) is None
    rough = prepare(session, folder, [], RoughMix(_bounce(session, folder), frozenset({Aspect.LEVEL})))
    assert learned.learned_start(rough, start) is None
    assert learned.learned_start(dataclasses.replace(rough, references=listening.references), start) is None
    monkeypatch.setattr(learned, "has_weights", lambda: False)
    assert learned.learned_start(listening, start) is None


def _bounce(session: Session, folder: Path) -> Path:
    mix = mix_array(sources(session, folder), settings(session), session.sample_rate)
    audio.write(folder / "rough.wav", 0.3 * mix, session.sample_rate)
    return folder / "rough.wav"


def test_the_answer_alone_is_loud_as_asked_limited_and_says_what_it_is(song: tuple[Session, Path, Path]) -> None:
    session, folder, reference = song
    kick = session.tracks[0].id
    held = assign(session, [f"{kick}.fader.gain_db=-3"])
    found = suggest(held, folder, Brief((ReferenceFile(reference),), fast=True))
    assert found.report is not None
    assert found.report.loudness_after_lufs == pytest.approx(held.loudness_lufs, abs=0.1)
    assert found.report.true_peak_after_db <= -1.0
    assert not any(change.address == f"{kick}.fader.gain_db" for change in found.changes)
    assert any("estimate" in note for note in found.notes)


def test_what_it_cannot_hear_is_good_practice_and_said_to_be(listening: Listening) -> None:
    (reference,) = listening.references
    drums = reference.context.model_copy(update={"roles": [Group.DRUMS]})
    of_drums = dataclasses.replace(listening, references=[dataclasses.replace(reference, context=drums)])
    found, whole = search(of_drums, fast=True), search(listening, fast=True)
    assert PRACTICE_NOTE in found.notes
    assert PRACTICE_NOTE not in whole.notes
    usual = practice_start(listening.session, listening.heard)
    for entry in listening.heard:
        assert found.values[entry.track.id]["equalizer"] == usual[entry.track.id]["equalizer"]


@pytest.mark.slow
def test_the_search_begins_at_the_faders_alone(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, after = (search(listening, fast=fast).values for fast in (True, False))
    monkeypatch.setattr(learned, "has_weights", lambda: False)
    before = search(listening).values
    # a descent moves the gains of equalisers and leaves where their bands lie
    names = [entry.track.id for entry in listening.heard]
    bands = [
        tuple(values[name]["equalizer"][f"{band}_hz"] for name in names for band in BAND_NAMES)
        for values in (before, after, fast)
    ]
    assert bands[0] == bands[1]
    assert bands[0] != bands[2]
    faders = [[values[name]["fader"]["gain_db"] for name in names] for values in (before, after)]
    assert max(abs(a - b) for a, b in zip(*faders, strict=True)) > 0.5
