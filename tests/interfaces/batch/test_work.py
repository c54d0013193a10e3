"""One job, without Ray: the user's files stay as they are, what fails is told, what is done is known again."""

import sys
from pathlib import Path

import numpy as np
import pytest

from interfaces.batch.catalogue import Song, Wish, jobs_of, songs_in
from interfaces.batch.results import Row, failed, keep, kept, row_file, write_tables
from interfaces.batch.work import do, prepared
from interfaces.cli import main
from mixer import audio
from mixer.session_file import check_audio, load
from tests.signals import difference_db, music

RATE = 44_100


@pytest.fixture
def song(tmp_path: Path) -> Song:
    folder = tmp_path / "songs" / "One"
    folder.mkdir(parents=True)
    time = np.arange(2 * RATE) / RATE
    for name, hertz in (("Kick", 60.0), ("Vox", 440.0)):
        audio.write(folder / f"{name}.wav", (0.3 * np.sin(2 * np.pi * hertz * time))[None].astype(np.float32), RATE)
    return songs_in([folder])[0]


def test_a_song_is_prepared_beside_its_own_files(song: Song, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in song.path.iterdir()}
    session = prepared(song, tmp_path / "out" / "one", tmp_path / "out" / ".work", "")
    again = load(tmp_path / "out" / "one")
    check_audio(again, tmp_path / "out" / "one")
    assert [track.name for track in session.tracks] == ["Kick", "Vox"]
    assert [track.path for track in again.tracks] == ["stems/01 Kick.wav", "stems/02 Vox.wav"]
    assert {path: path.read_bytes() for path in song.path.iterdir()} == before
    assert not list((tmp_path / "out" / ".work").iterdir())


def test_a_session_brings_its_settings_and_leaves_its_history(song: Song, tmp_path: Path) -> None:
    assert main(["new", str(song.path)]) == 0
    assert main(["set", str(song.path), "Vox.fader.gain_db=-7"]) == 0
    session = prepared(songs_in([song.path])[0], tmp_path / "out" / "one", tmp_path / "out" / ".work", "")
    assert session.knob("vox.fader.gain_db").value == -7
    assert session.history == []


def test_a_stereo_song_is_separated_into_its_tracks(tmp_path: Path) -> None:
    both = music(2.0)
    audio.write(tmp_path / "Song.flac", both, RATE)
    session = prepared(songs_in([tmp_path / "Song.flac"])[0], tmp_path / "out" / "song", tmp_path / "out" / ".work", "")
    assert sorted(track.role.group for track in session.tracks) == ["bass", "drums", "other", "vocals"]
    check_audio(load(tmp_path / "out" / "song"), tmp_path / "out" / "song")
    total = sum(audio.read(tmp_path / "out" / "song" / track.path)[0] for track in session.tracks)
    made_up_db = session.knob("master.fader.gain_db").value if "fader" in session.master else 0.0
    assert difference_db(np.asarray(total, np.float32) * 10 ** (made_up_db / 20), both) < -90  # 24 bit, four times


def test_what_cannot_be_mixed_is_a_row(song: Song, tmp_path: Path) -> None:
    (song.path / "Kick.wav").write_bytes(b"no audio")
    job = jobs_of([song], [], Wish(prompt="warmer"))[0]
    row = do(job, tmp_path / "out")
    assert row.status == "failed"
    assert "Kick.wav: is not audio that can be read" in row.error
    assert kept(tmp_path / "out", job) == row


def test_a_row_counts_only_for_its_own_wish_and_only_whole(song: Song, tmp_path: Path) -> None:
    job, other = (jobs_of([song], [], Wish(prompt=prompt))[0] for prompt in ("warmer", "brighter"))
    keep(tmp_path, job, failed(job, "no luck"))
    assert kept(tmp_path, other) is None
    row_file(tmp_path, job).write_text('{"song": "one", "ref')
    assert kept(tmp_path, job) is None


def test_both_tables_say_the_same(song: Song, tmp_path: Path) -> None:
    import csv

    import pyarrow.parquet

    job = jobs_of([song], [], Wish(prompt="warmer"))[0]
    rows = [failed(job, "no luck, at all", seconds=1.5), failed(job, "")]
    plain, packed = write_tables(tmp_path, rows)
    with plain.open(newline="") as file:
        lines = list(csv.DictReader(file))
    table = pyarrow.parquet.read_table(packed).to_pylist()
    assert [Row(**line) for line in table] == rows
    assert [line["error"] for line in lines] == ["no luck, at all", ""]
    assert [float(line["seconds"]) for line in lines] == [1.5, 0.0]


@pytest.mark.parametrize("package", ["ray", "pyarrow"])
def test_without_the_extra_one_line_says_what_to_install(
    package: str, song: Song, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["batch", str(song.path), "-o", str(tmp_path / "out"), "--prompt", "warmer"]) == 4
    told = capsys.readouterr().err.strip().splitlines()
    assert told == [f"faderwise: batch needs {package}, which is not installed: pip install 'faderwise[batch]'"]


@pytest.mark.parametrize(("option", "value"), [("--separator", "spleter"), ("--loudness", "-1000")])
def test_what_no_song_could_do_is_refused_at_once(
    option: str, value: str, song: Song, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wish = ["--prompt", "warmer", option, value]
    assert main(["batch", str(song.path), "-o", str(tmp_path / "out"), *wish]) == 2
    assert value in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_results_do_not_go_where_the_songs_are(song: Song, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(song.path), "-o", str(song.path), "--prompt", "warmer"]) == 2
    assert "choose another folder for the results" in capsys.readouterr().err


def test_a_cluster_that_is_not_there_is_one_line(
    song: Song, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import ray

    def refused(**_: object) -> None:
        raise ConnectionError("Could not find any running Ray instance at nowhere:6379.\nmore of it")

    monkeypatch.setattr(ray, "init", refused)
    wish = ["--prompt", "warmer", "--address", "nowhere:6379"]
    assert main(["batch", str(song.path), "-o", str(tmp_path / "out"), *wish]) == 4
    (told,) = capsys.readouterr().err.strip().splitlines()
    assert "Ray does not start (Could not find any running Ray instance at nowhere:6379); check --address" in told
