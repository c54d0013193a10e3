"""What people name is found, in order, and every song meets every reference."""

from pathlib import Path

import pytest

from interfaces.batch.catalogue import Wish, jobs_of, songs_in
from interfaces.reference_argument import parse_reference
from mixer.errors import UsageError


def _touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_a_catalogue_holds_sessions_stems_and_stereo_files(tmp_path: Path) -> None:
    _touch(tmp_path, "cat/One/Kick.wav", "cat/One/Bass.wav", "cat/Two/faderwise.json", "cat/Two/stems/Kick.wav")
    _touch(tmp_path, "cat/more/Three/Vox.flac", "cat/.hidden/Kick.wav", "mix.mp3")
    songs = songs_in([tmp_path / "cat", tmp_path / "mix.mp3"])
    assert [(song.id, song.kind) for song in songs] == [
        ("three", "stems"),
        ("one", "stems"),
        ("two", "session"),
        ("mix", "stereo"),
    ]
    assert songs[2].path == tmp_path / "cat" / "Two" / "faderwise.json"


def test_whole_songs_in_a_folder_are_not_taken_for_stems(tmp_path: Path) -> None:
    _touch(tmp_path, "album/01 A.flac", "album/02 B.flac", "album/bonus/A.flac")
    assert [song.kind for song in songs_in([tmp_path / "album"])] == ["stems"]
    songs = songs_in([tmp_path / "album"], whole=True)
    assert [song.kind for song in songs] == ["stereo"] * 3
    assert len({song.id for song in songs}) == 3


def test_a_list_names_paths_beside_itself(tmp_path: Path) -> None:
    _touch(tmp_path, "One/Kick.wav", "b.wav")
    (tmp_path / "songs.txt").write_text("# of today\nOne\n\nb.wav\n")
    assert [song.kind for song in songs_in([tmp_path / "songs.txt"])] == ["stems", "stereo"]
    (tmp_path / "songs.txt").write_text("nowhere\n")
    with pytest.raises(UsageError, match="nowhere: there is no such"):
        songs_in([tmp_path / "songs.txt"])


def test_every_song_meets_every_reference(tmp_path: Path) -> None:
    _touch(tmp_path, "One/Kick.wav", "Two/Kick.wav", "refs/a.flac", "refs/b.flac", "c.wav")
    songs = songs_in([tmp_path])[:0] + songs_in([tmp_path / "One", tmp_path / "Two"])
    jobs = jobs_of(songs, [str(tmp_path / "refs"), f"{tmp_path / 'c.wav'}@1-9"], Wish())
    assert [job.id for job in jobs] == ["one/a", "one/b", "one/c", "two/a", "two/b", "two/c"]
    assert jobs[2].reference == f"{tmp_path / 'c.wav'}@1-9"
    assert [job.id for job in jobs_of(songs, [], Wish(prompt="warmer"))] == ["one/words", "two/words"]


@pytest.mark.parametrize("written", ["refs", "./refs/", "refs/:drums*0.5", "../here/refs"])
def test_a_folder_of_references_may_be_written_in_any_way(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(tmp_path / "here", "One/Kick.wav", "refs/a.flac")
    monkeypatch.chdir(tmp_path / "here")
    (job,) = jobs_of(songs_in([Path("One")]), [written], Wish())
    assert job.reference is not None
    read = parse_reference(job.reference)
    assert read.path.resolve() == tmp_path / "here" / "refs" / "a.flac"
    assert (read.weight, len(read.roles)) == ((0.5, 1) if "drums" in written else (1.0, 0))


def test_a_job_is_another_one_when_the_wish_is(tmp_path: Path) -> None:
    _touch(tmp_path, "One/Kick.wav")
    songs = songs_in([tmp_path / "One"])
    keys = [jobs_of(songs, [], Wish(prompt=prompt, seed=seed))[0].key for prompt in ("a", "b") for seed in (0, 1)]
    assert len(set(keys)) == 4
    assert jobs_of(songs, [], Wish(prompt="a"))[0].key == keys[0]


def test_nothing_to_go_by_and_nothing_to_mix_are_said(tmp_path: Path) -> None:
    _touch(tmp_path, "One/Kick.wav", "empty/readme.md")
    with pytest.raises(UsageError, match="nothing to go by"):
        jobs_of(songs_in([tmp_path / "One"]), [], Wish())
    with pytest.raises(UsageError, match="hears a reference"):
        jobs_of(songs_in([tmp_path / "One"]), [], Wish(prompt="warmer", fast=True))
    with pytest.raises(UsageError, match="holds no songs"):
        songs_in([tmp_path / "empty"])
    with pytest.raises(UsageError, match="no such reference"):
        jobs_of(songs_in([tmp_path / "One"]), [str(tmp_path / "x.wav")], Wish())
