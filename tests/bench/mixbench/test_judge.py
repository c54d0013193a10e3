"""The judge: right is zero, what is known to be wrong reads as wrong as it is, and nothing else counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from mixer.arrays import F32
from mixer.roles import Group, Role
from tests.bench.mixbench.baselines import plain_sum, summed
from tests.bench.mixbench.engine import Finish, Mix, Taste, drawn_recipe, mixed
from tests.bench.mixbench.foreign import ForeignJudge
from tests.bench.mixbench.listening import Outcome, Spectra, band_errors_db, spectral_distance_db
from tests.bench.mixbench.material import small_song
from tests.bench.mixbench.paired import PairedJudge

ROLES = [part.role for part in small_song().parts]
VOICE, HATS = ROLES.index(Role.LEAD_VOCAL), ROLES.index(Role.HATS)


@cache
def truth() -> Mix:
    return mixed(small_song(), drawn_recipe(small_song(), Taste.PLAUSIBLE, 4), Finish.CLEAN)


@cache
def judge() -> PairedJudge:
    return PairedJudge(small_song(), truth())


def dry(gains_db: Mapping[int, float]) -> Outcome:
    """The truth's tracks without reverb, some of them moved."""
    moved = [track * np.float32(10 ** (gains_db.get(row, 0.0) / 20)) for row, track in enumerate(truth().tracks)]
    return summed(small_song(), np.stack(moved))


def test_the_reference_itself_is_right_in_everything() -> None:
    figures = judge().figures(Outcome(truth().audio, truth().tracks, truth().groups))
    assert max(figures.values()) < 1e-3, figures


def test_the_level_of_the_whole_does_not_matter() -> None:
    half = np.float32(0.5)
    quiet = Outcome(truth().audio * half, truth().tracks * half, {name: x * half for name, x in truth().groups.items()})
    assert max(judge().figures(quiet).values()) < 0.01


def test_a_moved_track_reads_as_far_off_as_it_was_moved() -> None:
    right = judge().figures(dry({}))
    # one track of seven by 6 LU; it is a quiet one, so that the sum hardly moves
    assert judge().figures(dry({HATS: -6.0}))["track_lu"] == pytest.approx(6 / 7, abs=0.1)
    voice = judge().figures(dry({VOICE: -6.0}))
    assert voice["group_rms_lu"] > right["group_rms_lu"] + 2
    assert voice["lost"] == right["lost"] == 0


def test_a_panned_track_reads_as_panned() -> None:
    tracks = truth().tracks.copy()
    tracks[VOICE, 0] = 0
    assert judge().figures(summed(small_song(), tracks))["pan"] == pytest.approx(1 / 7, abs=0.03)


def test_a_muted_track_is_lost_and_a_quieter_one_is_not() -> None:
    assert judge().figures(dry({VOICE: -200.0}))["lost"] == pytest.approx(1 / 7)
    assert judge().figures(dry({VOICE: -5.0}))["lost"] == 0


def test_what_the_reference_buries_itself_is_not_held_against_a_system() -> None:
    buried = np.stack([track * (row != VOICE) for row, track in enumerate(truth().tracks)]).astype(np.float32)
    voiceless = Mix(buried.sum(0), buried.sum(0), buried, summed(small_song(), buried).groups)
    assert PairedJudge(small_song(), voiceless).figures(summed(small_song(), buried))["lost"] == 0


def test_the_spectral_distance_knows_what_is_heard() -> None:
    reference = Spectra.of(truth().audio)
    tilted = truth().audio - 0.5 * np.roll(truth().audio, 1, axis=1)
    tenth = truth().audio * np.float32(10 ** (0.1 / 20))
    assert spectral_distance_db(Spectra.of(tilted), reference) > 1
    assert spectral_distance_db(Spectra.of(tenth), reference) < 0.02  # 0.1 dB: nobody hears it
    swapped = spectral_distance_db(Spectra.of(truth().audio[::-1].copy()), reference)
    assert swapped > 5 * spectral_distance_db(Spectra.of(tenth), reference)


def test_an_empty_side_is_no_error_of_a_hundred_decibels() -> None:
    mono = np.repeat(truth().audio.mean(axis=0, keepdims=True), 2, axis=0)
    _, side_db = band_errors_db(Spectra.of(mono), Spectra.of(truth().audio))
    assert 1 < side_db < 30


def without(groups: Mapping[Group, F32], gone: Group) -> dict[Group, F32]:
    return {group: part for group, part in groups.items() if group != gone}


def test_what_only_the_song_has_is_held_against_its_own_ratio() -> None:
    plain = plain_sum(small_song(), truth().audio)
    rest = without(plain.groups, Group.VOCALS)
    foreign = ForeignJudge(small_song(), np.sum(list(rest.values()), axis=0), rest)
    louder = {**plain.groups, Group.VOCALS: plain.groups[Group.VOCALS] * np.float32(10 ** (4 / 20))}
    figures = foreign.figures(Outcome(plain.mix, plain.tracks, louder))
    assert figures["alone_lu"] == pytest.approx(4, abs=1e-3)
    assert figures["group_lu"] == pytest.approx(0, abs=1e-3)
    assert "vocals_lu" not in figures


def test_a_common_group_is_held_against_the_reference_s() -> None:
    plain = plain_sum(small_song(), truth().audio)
    foreign = ForeignJudge(small_song(), plain.mix, plain.groups)
    silent = {**plain.groups, Group.DRUMS: plain.groups[Group.DRUMS] * 0}
    figures = foreign.figures(Outcome(plain.mix, plain.tracks, silent))
    assert figures["drums_lu"] > 20
    assert figures["fall_lu"] > 20
    assert foreign.figures(plain)["group_lu"] == pytest.approx(0, abs=1e-3)
