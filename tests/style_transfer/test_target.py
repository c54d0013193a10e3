"""What references ask for together: common parts, roles, weights, what only one song has."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.roles import Group, Role
from style_transfer.reference import PART_S, Reference, listen, telling_part
from style_transfer.reference_file import ReferenceFile
from style_transfer.stems import GroupSaid, Presence
from style_transfer.target import UNSURE_WEIGHT, target_of

RATE = 44100
ALL = frozenset(Group)


def said(group: Group, level_lu: float | None, presence: Presence = Presence.PRESENT) -> GroupSaid:
    return GroupSaid(frozenset({group}), presence, level_lu, 0.2, None, 0.0, None, 0.0, None, (False,) * 25)


def reference(
    tmp_path: Path, *groups: GroupSaid, weight: float = 1.0, roles: tuple[Group | Role, ...] = ()
) -> Reference:
    path = tmp_path / "song.wav"
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, 4 * RATE)).astype(np.float32)
    audio.write(path, noise, RATE)
    heard = listen(ReferenceFile(path, weight=weight, roles=roles), RATE, tmp_path)
    return Reference(heard.context, heard.features, heard.power, heard.part, groups)


def test_levels_are_told_against_what_both_songs_have(tmp_path: Path) -> None:
    """A reference with vocals 10 LU over all says nothing about them to a song without."""
    song = reference(tmp_path, said(Group.VOCALS, -1.0), said(Group.DRUMS, -8.0), said(Group.BASS, -8.0))
    target = target_of([song], RATE, frozenset({Group.DRUMS, Group.BASS}))
    assert {group for entry in target.groups for group in entry.groups} == {Group.DRUMS, Group.BASS}
    for entry in target.groups:
        assert entry.level_lu == pytest.approx(-10 * math.log10(2))  # two equal parts
    assert target.kept == frozenset()


def test_what_no_reference_has_is_kept_and_what_is_unsure_counts_half(tmp_path: Path) -> None:
    song = reference(
        tmp_path,
        said(Group.VOCALS, None, Presence.ABSENT),
        said(Group.DRUMS, -5.0),
        said(Group.OTHER, -3.0, Presence.UNSURE),
    )
    target = target_of([song], RATE, ALL)
    assert target.kept == {Group.VOCALS, Group.BASS}
    weights = {next(iter(entry.groups)): entry.weight for entry in target.groups}
    assert weights == {Group.DRUMS: 1.0, Group.OTHER: UNSURE_WEIGHT}


def test_a_reference_for_some_roles_speaks_for_their_groups_alone(tmp_path: Path) -> None:
    everything = [said(group, -6.0) for group in Group]
    drums = reference(tmp_path, *everything, roles=(Role.SNARE,), weight=3.0)
    target = target_of([drums], RATE, ALL)
    assert [entry.groups for entry in target.groups] == [frozenset({Group.DRUMS})]
    assert target.shape is None
    assert target.dynamics is None
    both = target_of([drums, reference(tmp_path, *everything)], RATE, ALL)
    assert both.shape is not None
    assert len(both.groups) == 5
    assert sum(entry.weight for entry in both.groups if entry.groups == {Group.DRUMS}) == pytest.approx(1.0)


def test_without_stems_nothing_is_said_of_groups(tmp_path: Path) -> None:
    target = target_of([reference(tmp_path)], RATE, ALL)
    assert (target.groups, target.kept) == ((), frozenset())


def test_the_telling_part_is_where_everything_plays(tmp_path: Path) -> None:
    """A loud bass alone, then quieter but full: the full part is chosen, and no more than is needed."""
    rng = np.random.default_rng(2)
    time = np.arange(60 * RATE) / RATE
    song = np.where(time < 60, 0.6 * np.sin(2 * np.pi * 60 * time), 0)
    full = 0.08 * rng.standard_normal(70 * RATE)
    path = tmp_path / "long.wav"
    audio.write(path, np.concatenate([song, full])[None].astype(np.float32), RATE)
    start, stop = telling_part(path)
    assert stop - start == PART_S
    assert start >= 60
    short = tmp_path / "short.wav"
    audio.write(short, full[None, : 10 * RATE].astype(np.float32), RATE)
    assert telling_part(short) == (0.0, 10.0)
