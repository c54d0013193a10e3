"""Levels, places and tone come out as they were put in, through effects and with tracks missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from mixer.arrays import F32
from mixer.kweighting import weighting
from style_transfer.same_song import TrackBalance, balance, recognise
from style_transfer.same_song.bands import BANDS, band_edges, products_of
from tests.style_transfer.same_song.mixes import (
    GAINS_DB,
    PANS,
    RATE,
    TRACKS,
    listened,
    placed,
    roomy,
    write_tracks,
    written,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song") / "tracks"
    write_tracks(folder)
    return folder


def read(folder: Path, file: Path) -> list[TrackBalance]:
    """The balance of the mix, in the order of ``TRACKS``."""
    session = write_tracks(folder)
    same = recognise(session, folder, listened(session, folder), file)
    assert same is not None
    found = balance(same, RATE)
    return [found[track.id] for track in session.tracks]


def weighted_db(x: F32) -> float:
    """K-weighted level without gates, both sides together."""
    y = np.asarray(x, np.float64)
    for section in weighting(RATE):
        y = lfilter(section[:3], [1.0, *section[3:]], y, axis=-1)
    return 10 * float(np.log10(np.square(y).sum()))


def test_a_plain_balance_is_read_exactly(folder: Path, tmp_path: Path) -> None:
    posts = placed(folder)
    mix = np.sum(list(posts.values()), axis=0)
    found = read(folder, written(tmp_path / "mix.wav", mix))
    assert len(found) == len(TRACKS)
    for state, name, gain_db, pan in zip(found, TRACKS, GAINS_DB, PANS, strict=True):
        assert state.gain_db == pytest.approx(gain_db + 20 * np.log10(0.3), abs=0.05), name
        assert state.pan == pytest.approx(pan, abs=0.01), name
        assert state.width == pytest.approx(1.0, abs=0.03), name
        assert state.certainty > 0.95, name
        assert not state.absent, name
        # the weighting is taken at the bands' centres, and windows fade out the ends of excerpts
        assert state.level_lu == pytest.approx(weighted_db(posts[name]) - weighted_db(mix), abs=0.6), name
        tone = np.array(state.tone_db)
        assert np.median(np.abs(tone)) < 0.2, name  # in most bands the track has something to tell


def test_effects_and_a_room_move_levels_little(folder: Path, tmp_path: Path) -> None:
    """What compressors do over time is averaged, and a tenth of reverb is not taken for any track."""
    posts = placed(folder, effects=True)
    found = read(folder, written(tmp_path / "mix.wav", roomy(np.sum(list(posts.values()), axis=0))))
    levels = np.array([state.level_lu - weighted_db(posts[name]) for state, name in zip(found, TRACKS, strict=True)])
    assert np.abs(levels - np.median(levels)).mean() < 0.3
    assert [state.pan for state in found] == pytest.approx(PANS, abs=0.03)


def test_a_track_that_is_not_in_the_mix_is_said_to_be_absent(folder: Path, tmp_path: Path) -> None:
    posts = placed(folder, effects=True, muted=("07_Bass DI",))
    found = read(folder, written(tmp_path / "mix.wav", np.sum(list(posts.values()), axis=0)))
    assert [state.absent for state in found] == [name == "07_Bass DI" for name in TRACKS]


def test_a_narrowed_stereo_track_is_read_as_such(folder: Path, tmp_path: Path) -> None:
    posts = placed(folder)
    strings = posts["10_Strings"]
    posts["10_Strings"] = strings.mean(axis=0) + 0.4 * (strings - strings.mean(axis=0))
    found = read(folder, written(tmp_path / "mix.wav", np.sum(list(posts.values()), axis=0)))
    assert found[TRACKS.index("10_Strings")].width == pytest.approx(0.4, abs=0.06)


def white(seed: int) -> torch.Tensor:
    """Four seconds of two independent noises."""
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((2, 4 * RATE)).astype(np.float32))


def test_least_squares_find_gains_and_delays_of_every_band() -> None:
    """Two lanes, one turned down on the left, one late by a millisecond on the right, beside noise 20 dB under."""
    lanes, late = white(5), 44
    left = 0.5 * lanes[0]
    right = 2.0 * torch.roll(lanes[1], late)
    mix = torch.stack([left, right]) + 0.05 * white(6)
    gains = products_of(lanes, mix, RATE).solve()  # [bands, lanes, sides]
    narrow = slice(8, 14)  # where a millisecond turns the phase little inside a band
    assert gains.shape == (BANDS, 2, 2)
    assert np.abs(gains[4:, 0, 0] - 0.5).max() < 0.05
    assert np.abs(gains[4:, 0, 1]).max() < 0.15
    assert np.abs(gains[narrow, 1, 1]) == pytest.approx(2.0, abs=0.1)
    centres = band_edges(RATE)[2]
    turned = np.angle(gains[narrow, 1, 1] * np.exp(2j * np.pi * centres[narrow] * late / RATE))
    assert np.abs(turned).max() < 0.3
