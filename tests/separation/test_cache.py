"""Separating the same song twice costs once, and the cache knows its size."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.errors import AudioError
from mixer.session_file import load
from separation import cache
from separation.models import CACHE_VARIABLE
from separation.separator import Options
from tests.signals import RATE, difference_db, music


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "stems"


def song(folder: Path, name: str, seed: int = 0) -> Path:
    path = folder / f"{name}.wav"
    audio.write(path, music(0.5, seed=seed), RATE)
    return path


def forbidden(*_: object) -> None:
    raise AssertionError("it was separated again")


def test_the_second_time_nothing_is_separated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = song(tmp_path, "a")
    first = cache.cached_stems(path, "spleeter-2")
    total = sum((audio.read(first / track.path)[0] for track in load(first).tracks), np.zeros((2, 1)))
    assert difference_db(total, audio.read(path)[0]) < -90
    monkeypatch.setattr(cache, "open_separator", forbidden)
    assert cache.cached_stems(path, "spleeter-2") == first
    renamed = path.rename(tmp_path / "b.wav")  # it is the content that counts
    assert cache.cached_stems(renamed, "spleeter-2") == first


def test_other_content_separators_and_settings_are_other_entries(tmp_path: Path) -> None:
    path, other = song(tmp_path, "a"), song(tmp_path, "b", seed=1)
    folders = {
        cache.cached_stems(path, "spleeter-2"),
        cache.cached_stems(other, "spleeter-2"),
        cache.cached_stems(path),
        cache.cached_stems(path, "spleeter-2", Options(shifts=2)),
        cache.cached_stems(path, "spleeter-2", segment=(0.1, 0.3)),
    }
    assert len(folders) == 5


def test_an_entry_that_lost_a_file_is_made_again(tmp_path: Path) -> None:
    path = song(tmp_path, "a")
    folder = cache.cached_stems(path, "spleeter-2")
    (folder / "vocals.flac").unlink()
    assert cache.cached_stems(path, "spleeter-2") == folder
    assert (folder / "vocals.flac").is_file()


def test_what_was_not_used_longest_makes_room(tmp_path: Path, place: Path) -> None:
    songs = [song(tmp_path, str(seed), seed) for seed in range(3)]
    entries = [cache.cached_stems(one, "spleeter-2") for one in songs]
    for age, entry in zip((30, 10, 20), entries, strict=True):
        os.utime(entry / "faderwise.json", (1e9 - age, 1e9 - age))
    cache.cached_stems(songs[0], "spleeter-2")  # used again: now the youngest
    size_mb = sum(file.stat().st_size for file in entries[0].iterdir()) / 1e6
    cache.make_room(2.5 * size_mb)
    assert set(place.iterdir()) == {entries[0], entries[1]}
    cache.make_room(0, keep=entries[1])
    assert set(place.iterdir()) == {entries[1]}


def test_a_song_that_cannot_be_read_leaves_no_entry(tmp_path: Path, place: Path) -> None:
    (tmp_path / "broken.wav").write_text("no sound")
    with pytest.raises(AudioError):
        cache.cached_stems(tmp_path / "broken.wav")
    assert list(place.iterdir()) == []


def test_two_that_want_the_same_song_at_once_both_get_it(tmp_path: Path, place: Path) -> None:
    path, nested = song(tmp_path, "a"), list[Path]()

    def meanwhile(fraction: float, _: str) -> None:
        if fraction > 0.5 and not nested:
            nested.append(cache.cached_stems(path, "spleeter-2"))

    folder = cache.cached_stems(path, "spleeter-2", progress=meanwhile)
    assert nested == [folder]
    assert list(place.iterdir()) == [folder]
    assert len(load(folder).tracks) == 2


def test_what_a_killed_program_left_is_swept_after_a_day(tmp_path: Path, place: Path) -> None:
    folder = cache.cached_stems(song(tmp_path, "a"), "spleeter-2")
    recent, left = place / ".making-now", place / ".making-long ago"
    for each, age_s in ((recent, 60.0), (left, 1e5)):
        each.mkdir()
        os.utime(each, (time.time() - age_s,) * 2)
    cache.make_room(1000)
    assert set(place.iterdir()) == {folder, recent}
