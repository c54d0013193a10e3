"""The command line of separation: what it writes, what it refuses, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from interfaces.cli import main
from interfaces.separating import Wish
from mixer import audio
from mixer.errors import UsageError
from separation.models import CACHE_VARIABLE
from tests.signals import RATE, difference_db, music


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    audio.write(path, music(1.5), RATE, depth="float")
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


def test_a_song_becomes_a_session_that_renders_it(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["separate", str(song), "-o", str(tmp_path / "stems"), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["songs"]
    assert [Path(file).name for file in told["files"]] == ["vocals.wav", "drums.wav", "bass.wav", "other.wav"]
    assert main(["render", str(tmp_path / "stems"), "-o", str(tmp_path / "mix.wav"), "--bits", "float"]) == 0
    mix, original = audio.read(tmp_path / "mix.wav")[0], audio.read(song)[0]
    assert difference_db(mix, original) < -90


def test_a_voice_turned_down(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = str(tmp_path / "out")
    assert main(["separate", str(song), "-o", where, "--keep", "vocals=-6dB", "--format", "flac", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(file).name for file in told["songs"][0]["files"]] == ["mix.flac"]


def test_a_folder_of_songs_and_a_bad_one(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.wav").write_text("no sound")
    code = main(["separate", str(tmp_path), "-o", str(tmp_path / "out"), "--two-stems", "vocals"])
    assert code == 3
    assert "broken.wav" in capsys.readouterr().err
    done = tmp_path / "out" / "song"
    total = sum((audio.read(done / f"{stem}.wav")[0] for stem in ("vocals", "no_vocals")), np.zeros((2, 1)))
    assert difference_db(total, audio.read(song)[0]) < -100
    assert not (tmp_path / "out" / "broken").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--stems", "vocals", "--minus", "drums"], 2, "exclude each other"),
        (["--stems", "flute"], 2, "no stem 'flute'"),
        (["--separator", "magic"], 2, "no separator 'magic'"),
        (["--separator", "umxl"], 4, "faderwise models get umxl"),
        (["--format", "flac", "--bits", "float"], 2, "FLAC holds 16 or 24 bit"),
        (["--bits", "12"], 2, "16, 24 or float"),
        (["--device", "abacus"], 2, "device 'abacus'"),
        (["--overlap", "2"], 2, "overlap"),
    ],
)
def test_what_is_refused(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert main(["separate", str(song), "-o", str(tmp_path / "out"), *arguments]) == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert not (tmp_path / "out").exists()


def test_the_quicker_separator_is_taken_where_it_is_enough() -> None:
    assert Wish(two_stems="vocals").separator(None) == "spleeter-2"
    assert Wish(minus="vocals").separator(None) == "spleeter-2"
    assert Wish(stems="vocals").separator(None) == "spleeter-2"
    assert Wish(stems="vocals,drums").separator(None) == "spleeter-4"
    assert Wish(minus="vocals").separator("umxl") == "umxl"
    with pytest.raises(UsageError):
        Wish(stems="vocals", keep="vocals=off")


def test_separators_and_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["separators", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["separators"]}
    assert listed["spleeter-4"]["ready"]
    assert not listed["umxl"]["ready"]
    assert listed["umxl"]["weights_license"] == "CC BY-NC-SA 4.0"
    assert main(["models"]) == 0
    assert "htdemucs_6s" in capsys.readouterr().out


def test_weights_are_not_fetched_without_consent_or_offline(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "get", "umxl"]) == 2
    assert "--accept-license" in capsys.readouterr().err
    assert main(["models", "get", "umxl", "--accept-license", "--offline"]) == 4
    assert "network is not to be used" in capsys.readouterr().err


def test_separators_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "songs" / "one").mkdir(parents=True)
    for seed, name in enumerate(("vocals", "bass", "guitar")):
        audio.write(tmp_path / "songs" / "one" / f"{name}.wav", music(1.0, seed=seed), RATE)
    assert main(["separators", "evaluate", str(tmp_path / "songs"), "-s", "spleeter-2", "--json"]) == 0
    (score,) = json.loads(capsys.readouterr().out)["scores"]
    assert set(score["global_sdr_db"]) == {"vocals", "accompaniment"}
    assert score["residual_db"] is None or score["residual_db"] < -100  # None: nothing at all is left over
