"""The adapter: the console's outcome is what the console plays, and what is taken out of the program is there."""

from __future__ import annotations

from collections.abc import Sequence
from pkgutil import resolve_name

import numpy as np
import pytest

from mixer.console import Settings, Source
from mixer.roles import Group
from tests.bench.mixbench.material import small_song
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.systems import VARIANTS, Variant, console_outcome, opened
from tests.signals import difference_db

KEYS = tuple(part.name for part in small_song().parts)


def sources(names: Sequence[str] = KEYS) -> list[Source]:
    parts = dict(zip(KEYS, small_song().parts, strict=True))
    return [Source.of_array(name, parts[name].audio) for name in names]


def test_a_console_at_its_defaults_gives_the_plain_sum() -> None:
    song = small_song()
    outcome = console_outcome(song, KEYS, sources(), Settings({key: {} for key in KEYS}, {}, {}))
    assert difference_db(outcome.mix, song.stereo().sum(axis=0)) < -110  # float32 sums in another order
    assert difference_db(outcome.tracks, song.stereo()) < -110
    assert difference_db(np.sum(list(outcome.groups.values()), axis=0), outcome.mix) < -110


def test_tracks_are_without_reverb_and_groups_with_it_and_the_master_s_level_is_in_neither() -> None:
    song = small_song()
    strips = {key: {"send": {"level_db": -10.0}} if "Vox" in key else {} for key in KEYS}
    console = Settings(strips, {"reverb": {"decay_s": 1.0}}, {"fader": {"gain_db": -12.0}})
    outcome = console_outcome(song, KEYS, sources(), console)
    assert difference_db(outcome.tracks, song.stereo()) < -110
    assert difference_db(outcome.groups[Group.DRUMS], song.stereo()[song.rows(Group.DRUMS)].sum(axis=0)) < -110
    assert -40 < difference_db(outcome.groups[Group.VOCALS], song.stereo()[song.rows(Group.VOCALS)].sum(axis=0)) < 0
    whole = np.sum(list(outcome.groups.values()), axis=0)
    assert difference_db(outcome.mix * np.float32(10 ** (12 / 20)), whole) < -100


def test_a_track_that_is_not_played_is_silent() -> None:
    song = small_song()
    outcome = console_outcome(song, KEYS, sources(KEYS[1:]), Settings({key: {} for key in KEYS}, {}, {}))
    assert not outcome.tracks[0].any()
    assert outcome.tracks[1].any()


def test_a_song_is_opened_with_the_roles_that_it_has() -> None:
    at = opened(small_song())
    assert at.session.sample_rate == RATE
    assert [track.role for track in at.session.tracks] == [part.role for part in small_song().parts]
    assert min(track.role_confidence for track in at.session.tracks) > 0.8
    assert opened(small_song()) is at


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_what_a_variant_takes_out_is_there_and_comes_back(variant: Variant) -> None:
    for name, other in variant.instead.items():
        assert callable(resolve_name(name)) == callable(other), name
        assert resolve_name(name) is not other
