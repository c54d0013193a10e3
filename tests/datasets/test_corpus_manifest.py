"""A corpus can be read while it is made, goes on after a kill, and comes out the same twice."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from corpus_manifest import RATE, NotThisSongError, Played, make_songs

from mixer import audio
from mixer.errors import SessionError
from mixer.roles import Role
from style_transfer.corpus import MANIFEST, Recipe, read_manifest

RECIPES = [Recipe(f"test-{n}", "test", "samba", "latin", "South America", f"groove-{n % 2}", n) for n in range(3)]


def _make(recipe: Recipe, _: Path) -> Sequence[Played]:
    rng = np.random.default_rng(recipe.seed)
    tone = rng.standard_normal((1, RATE // 10)).astype(np.float32) * np.float32(0.8)
    wide = np.concatenate([tone, -tone])[:, : RATE // 20] * np.float32(0.1)
    same = np.concatenate([tone, tone]) * np.float32(0.1)
    return [
        Played("Kick", Role.KICK, tone, "CC0-1.0", "nobody", "noise"),
        Played("Pad", Role.SYNTH, wide, "CC0-1.0", "nobody", "noise"),
        Played("Bass", Role.BASS, same, "CC0-1.0", "nobody", "noise"),
        Played("Mix", None, 2 * tone, "CC0-1.0", "nobody", "noise"),
    ]


def test_a_song_comes_back_as_it_was_written(tmp_path: Path) -> None:
    make_songs(tmp_path, RECIPES, _make)
    songs = read_manifest(tmp_path)
    assert [(s.id, s.split_key, s.seed) for s in songs] == [(r.id, r.split_key, r.seed) for r in RECIPES]
    song = songs[1]
    assert [track.role for track in song.tracks] == [Role.KICK, Role.SYNTH, Role.BASS]
    assert [track.channels for track in song.tracks] == [1, 2, 1]  # the same on both sides is one channel
    assert song.mix is not None
    for file in (*song.tracks, song.mix):
        assert audio.sha256(file.path) == file.sha256
        assert audio.probe(file.path).frames == RATE // 10  # all of one length


def test_tracks_that_would_clip_keep_their_balance(tmp_path: Path) -> None:
    make_songs(tmp_path, RECIPES[:1], _make)
    song = read_manifest(tmp_path)[0]
    kick, bass = (audio.read(track.path)[0] for track in (song.tracks[0], song.tracks[2]))
    assert np.abs(kick).max() == pytest.approx(0.97, abs=1e-3)
    assert np.abs(kick).max() / np.abs(bass).max() == pytest.approx(10, rel=0.01)  # 16 bit dither


def test_two_builds_are_identical_and_a_kill_loses_only_the_song_in_work(tmp_path: Path) -> None:
    make_songs(tmp_path / "whole", RECIPES, _make)

    def killed(recipe: Recipe, scratch: Path) -> Sequence[Played]:
        if recipe is RECIPES[2]:
            raise KeyboardInterrupt
        return _make(recipe, scratch)

    with pytest.raises(KeyboardInterrupt):
        make_songs(tmp_path / "again", RECIPES, killed)
    assert [song.id for song in read_manifest(tmp_path / "again")] == ["test-0", "test-1"]
    (tmp_path / "again" / "songs" / ".making-test-left").mkdir()  # kill -9 leaves such a folder
    made: list[str] = []

    def counted(recipe: Recipe, scratch: Path) -> Sequence[Played]:
        made.append(recipe.id)
        return _make(recipe, scratch)

    make_songs(tmp_path / "again", RECIPES, counted)
    assert made == ["test-2"]
    assert (tmp_path / "again" / MANIFEST).read_bytes() == (tmp_path / "whole" / MANIFEST).read_bytes()
    assert not list((tmp_path / "again" / "songs").glob(".*"))


def test_a_song_that_cannot_be_made_is_said_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(recipe: Recipe, scratch: Path) -> Sequence[Played]:
        if recipe is RECIPES[0]:
            raise NotThisSongError("its licence is not free")
        return _make(recipe, scratch)

    make_songs(tmp_path, RECIPES, refused)
    assert [song.id for song in read_manifest(tmp_path)] == ["test-1", "test-2"]
    assert "test-0: its licence is not free" in capsys.readouterr().out


def test_what_is_no_corpus_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"manifest\.jsonl: cannot be read"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_text('{"song": "a", "role": "kazoo"}\n')
    with pytest.raises(SessionError, match="song a is not understood"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_text("half a li")
    with pytest.raises(SessionError, match="line 1 is not understood"):
        read_manifest(tmp_path)


def test_a_few_songs_are_spread_over_all(tmp_path: Path) -> None:
    recipes = [Recipe(f"test-{n}", "test", "samba", "latin", "South America", "groove", n) for n in range(5)]
    make_songs(tmp_path, recipes, _make, 2)
    assert [song.id for song in read_manifest(tmp_path)] == ["test-0", "test-2"]
