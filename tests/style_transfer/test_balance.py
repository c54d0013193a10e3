"""Loudness of tracks and groups, put together from parts, against the loudness of the rendered thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixer.console import Settings, mix_array
from mixer.edits import apply
from mixer.loudness import integrated_loudness
from mixer.render import settings, sources
from mixer.roles import Group
from mixer.session import Edit, Session
from style_transfer.balance import groups_of, measure_balance
from tests.songs import write_song
from tests.style_transfer.desks import desk_of, heard_song


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path]:
    folder = tmp_path_factory.mktemp("song")
    session = write_song(folder, seconds=8.0)
    edits = [
        ("ldvox.fader.gain_db", 9.0),
        ("ldvox.send.level_db", -12.0),
        ("kick.compressor.threshold_db", -18.0),
        ("kick.compressor.ratio", 4.0),
        ("gtr.equalizer.peak3_gain_db", 6.0),
        ("gtr.panner.pan", -0.6),
        ("master.equalizer.low_gain_db", -4.0),
    ]
    return apply(session, [Edit(address=a, before=None, after=v) for a, v in edits], "set", "a mix"), folder


def test_a_groups_loudness_is_that_of_its_render(song: tuple[Session, Path]) -> None:
    """Within what three-second segments can tell of eight seconds."""
    session, folder = song
    heard, segments = heard_song(session, folder)
    own = groups_of(heard)
    sums = [frozenset({group}) for group in sorted(own)] + [own]
    balance = measure_balance(desk_of(session, heard), segments, sums)
    console = settings(session)
    master = {"equalizer": console.master["equalizer"]}
    for groups in sums:
        part = [
            source
            for source, track in zip(sources(session, folder), session.tracks, strict=True)
            if track.role.group in groups
        ]
        mix = mix_array(part, Settings(console.tracks, console.reverb, master), session.sample_rate)
        truth = integrated_loudness(mix, session.sample_rate)
        assert balance.sums[groups] == pytest.approx(truth, abs=0.3), groups
    assert own >= {Group.VOCALS, Group.DRUMS, Group.BASS}


def test_a_fader_moves_a_ratio_by_what_it_says(song: tuple[Session, Path]) -> None:
    session, folder = song
    heard, segments = heard_song(session, folder)
    vocals = frozenset({Group.VOCALS})
    rest = groups_of(heard) - vocals
    desk = desk_of(session, heard)
    before = measure_balance(desk, segments, [vocals, rest]).ratio_lu(vocals, rest)
    desk.values["ldvox"]["fader"]["gain_db"] -= 5.0
    after = measure_balance(desk, segments, [vocals, rest]).ratio_lu(vocals, rest)
    assert after - before == pytest.approx(-5.0, abs=0.05)
