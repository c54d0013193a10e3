"""A mix of the same tracks is known whatever happened to it, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.arrays import F32
from mixer.session import Session
from style_transfer.listen import Heard
from style_transfer.same_song import recognise
from tests.songs import SHARED
from tests.style_transfer.same_song.mixes import (
    DEMO,
    RATE,
    TRACKS,
    limited,
    listened,
    placed,
    roomy,
    write_tracks,
    written,
)


@dataclass(frozen=True, slots=True)
class Song:
    folder: Path
    session: Session
    heard: list[Heard]
    mix: F32


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Song:
    folder = tmp_path_factory.mktemp("song") / "tracks"
    session = write_tracks(folder)
    mix = roomy(np.sum(list(placed(folder, effects=True).values()), axis=0))
    return Song(folder, session, listened(session, folder), mix)


def mastered(mix: F32) -> F32:
    return limited(mix, 0.4 * float(np.abs(mix).max()))


LEAD_IN = 33333
CHANGES: dict[str, tuple[str, Callable[[F32], F32], float]] = {
    "as it is": ("wav", lambda mix: mix, 0),
    "limited": ("wav", mastered, 0),
    "coded": ("ogg", mastered, 0),
    "upside down": ("wav", lambda mix: -mix, 0),
    "with a lead-in": ("wav", lambda mix: np.pad(mix, ((0, 0), (LEAD_IN, 5000))), LEAD_IN),
    "an excerpt": ("wav", lambda mix: mix[:, 2 * RATE : 5 * RATE], -2 * RATE),
    "a fade": ("wav", lambda mix: mix * np.linspace(1, 0.05, mix.shape[1], dtype=np.float32), 0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_mix_of_the_tracks_is_recognised_to_the_frame(song: Song, name: str, tmp_path: Path) -> None:
    suffix, change, lag = CHANGES[name]
    file = written(tmp_path / f"mix.{suffix}", change(song.mix))
    same = recognise(song.session, song.folder, song.heard, file)
    assert same is not None
    assert same.explained > 0.7
    assert same.lag.polarity == (-1 if name == "upside down" else 1)
    assert same.lag.frames == pytest.approx(lag, abs=1)  # the phase of filters can look like most of a frame
    assert same.covered[0] == pytest.approx(max(0, -lag), abs=1)
    assert [entry.track.channels for entry in same.heard] == [1, 1, 1, 1, 1, 2]


def test_another_sample_rate_does_not_matter(song: Song, tmp_path: Path) -> None:
    file = written(tmp_path / "mix.wav", audio.resample(song.mix, RATE, 48000), 48000)
    same = recognise(song.session, song.folder, song.heard, file)
    assert same is not None
    assert same.lag.frames == pytest.approx(0, abs=1)


def test_tracks_may_be_missing_from_the_mix(song: Song, tmp_path: Path) -> None:
    few = np.sum(list(placed(song.folder, effects=True, muted=TRACKS[:3]).values()), axis=0)
    assert recognise(song.session, song.folder, song.heard, written(tmp_path / "mix.wav", few)) is not None


def test_a_segment_limits_where_it_is_looked_for(song: Song, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal((2, 8 * RATE)).astype(np.float32) * 0.1
    file = written(tmp_path / "two.wav", np.concatenate([noise, song.mix], axis=1))
    assert recognise(song.session, song.folder, song.heard, file, (0.0, 7.5)) is None
    same = recognise(song.session, song.folder, song.heard, file, (9.0, 14.0))
    assert same is not None
    assert same.lag.frames == pytest.approx(8 * RATE, abs=1)
    assert same.covered == pytest.approx((RATE, 6 * RATE), abs=8)


def test_the_same_players_later_in_the_song_are_another_song(song: Song, tmp_path: Path) -> None:
    """Same tempo, same instruments, same voice, the same engine; and a cover is the same melody by other sounds."""
    session = write_tracks(tmp_path / "later", start_s=30.0)
    later = roomy(np.sum(list(placed(tmp_path / "later", effects=True).values()), axis=0))
    assert session.tracks[0].name == song.session.tracks[0].name
    assert recognise(song.session, song.folder, song.heard, written(tmp_path / "later.wav", later)) is None


def test_a_cover_by_other_players_is_another_song(song: Song, tmp_path: Path) -> None:
    """The same notes at the same time: each frame keeps its spectrum's size, its phases are others."""
    frames = song.mix[:, : song.mix.shape[1] // 2048 * 2048].reshape(2, -1, 2048)
    spectra = np.fft.rfft(frames)
    turned = np.abs(spectra) * np.exp(2j * np.pi * np.random.default_rng(2).random(spectra.shape))
    cover = np.fft.irfft(turned, 2048).reshape(2, -1).astype(np.float32)
    assert recognise(song.session, song.folder, song.heard, written(tmp_path / "cover.wav", cover)) is None


def test_finished_songs_are_not_mixes_of_these_tracks(song: Song) -> None:
    files = [DEMO.parent / "reference.ogg", *sorted((SHARED / "references").glob("*.flac"))]
    for file in files:
        assert recognise(song.session, song.folder, song.heard, file) is None, file.name


def test_it_can_be_cancelled(song: Song, tmp_path: Path) -> None:
    class Stopped(Exception):  # noqa: N818  # what a user's stop raises
        pass

    def stop(fraction: float, stage: str) -> None:
        raise Stopped(f"{fraction} {stage}")

    with pytest.raises(Stopped):
        recognise(song.session, song.folder, song.heard, written(tmp_path / "mix.wav", song.mix), progress=stop)
