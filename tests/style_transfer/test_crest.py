"""Peaks as asked: compressors are set by what they do to the sound, not by rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixer.assignment import assign
from mixer.edits import set_locks
from mixer.session import Session
from style_transfer.crest import follow_crest
from style_transfer.desk import Desk
from style_transfer.features import Features, measure
from style_transfer.listen import Heard, Segment
from style_transfer.prompt.understand import understand
from style_transfer.prompt.wishes import Wish, wishes
from style_transfer.start import Values, copied, current_values
from tests.songs import write_song
from tests.style_transfer.desks import desk_of, heard_song

Song = tuple[Session, list[Heard], list[Segment]]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Song:
    folder: Path = tmp_path_factory.mktemp("song")
    session = write_song(folder, seconds=3.0)
    return session, *heard_song(session, folder)


def asked(prompt: str, session: Session) -> tuple[Wish, ...]:
    return wishes(understand(prompt, session).sure, session)


def heard(song: Song, values: Values, tracks: tuple[str, ...]) -> Features:
    desk = desk_of(song[0], song[1], values)
    rows = [row for row, entry in enumerate(song[1]) if entry.track.id in tracks]
    return measure([desk.posts(each, desk.tensors({}))[rows].sum(0).numpy() for each in song[2]], desk.sample_rate)


@pytest.mark.parametrize(
    ("prompt", "tracks"),
    [("punchier drums", ("kick", "sn", "hh")), ("less punch on the kick", ("kick",)), ("punchier guitar", ("gtr",))],
)
def test_crest_moves_as_asked_at_the_same_loudness(song: Song, prompt: str, tracks: tuple[str, ...]) -> None:
    (wish,) = asked(prompt, song[0])
    before = current_values(song[0])
    desk = desk_of(song[0], song[1], copied(before))
    assert follow_crest(desk, song[2], [wish], before) == []
    was, now = heard(song, before, tracks), heard(song, desk.values, tracks)
    share = (now.crest_db - was.crest_db) / wish.crest_db
    assert 0.5 < share < 1.5
    # make-up goes by mean square and loudness by ear, which differ where the compressor changes the mix of bands
    assert now.loudness_lufs == pytest.approx(was.loudness_lufs, abs=1.0)
    others = [name for name in before if name not in tracks]
    assert [desk.values[name] for name in others] == [before[name] for name in others]


def test_the_mix_is_the_masters(song: Song) -> None:
    (wish,) = asked("punchier mix", song[0])
    before = current_values(song[0])
    desk = desk_of(song[0], song[1], copied(before))
    follow_crest(desk, song[2], [wish], before)
    moved = {name for name, rows in desk.values.items() if rows != before[name]}
    assert moved == {"master"}


def test_locked_and_own_compressors_stay(song: Song) -> None:
    session = set_locks(assign(song[0], ["Sn.compressor.ratio=2"]), ["kick"], True)
    (wish,) = asked("punchier drums", session)
    before = current_values(session)
    desk = Desk(session, song[1], copied(before), session.sample_rate)
    follow_crest(desk, song[2], [wish], before)
    moved = {name for name, rows in desk.values.items() if rows != before[name]}
    assert moved == {"hh"}


def test_what_no_compressor_does_is_said(song: Song) -> None:
    (wish,) = asked("much punchier pad", song[0])  # a steady tone has no blow to let through
    before = current_values(song[0])
    desk = desk_of(song[0], song[1], copied(before))
    refused = follow_crest(desk, song[2], [wish], before)
    share = (heard(song, desk.values, ("pad",)).crest_db - heard(song, before, ("pad",)).crest_db) / wish.crest_db
    assert share > 0 or [(no.subject, "does not do that" in no.reason) for no in refused] == [("pad", True)]
