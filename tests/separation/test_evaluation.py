"""Scores mean what they say, on songs made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.errors import AudioError, ModelError
from mixer.roles import Role
from separation.chunks import Plan
from separation.evaluation import evaluate, multitracks_in, read_multitrack, sdr_db, true_stems
from separation.separator import F32, About, Levels
from tests.signals import RATE, music, sine


class Halves:
    """Gives half of the mixture to the vocals: an SDR that can be worked out."""

    about = About("halves", "-", ("vocals", "accompaniment"), RATE, "-", "-", True, 0.0, "here", "1")
    plan = Plan(step=50_000, context=0, fade=0)

    def offset_and_gain(self, levels: Levels) -> tuple[float, float]:
        del levels
        return 0.0, 1.0

    def stems(self, segment: F32) -> F32:
        return np.stack((segment / 2, segment / 2))


def song(folder: Path) -> Path:
    """A voice and a bass that have nothing in common, of equal energy."""
    folder.mkdir(parents=True)
    audio.write(folder / "Lead Vox.wav", sine(1000, 2.0, 0.2), RATE, depth="float")
    audio.write(folder / "bass DI.wav", sine(50, 2.0, 0.2), RATE, depth="float")
    return folder


def test_sdr_of_a_known_error() -> None:
    truth = music(1.0)
    assert sdr_db(truth, truth * np.float32(1.1)) == pytest.approx(20, abs=1e-3)
    assert sdr_db(truth, truth) == np.inf


def test_a_folder_of_songs_is_scored(tmp_path: Path) -> None:
    song(tmp_path / "a")
    song(tmp_path / "b")
    scores = evaluate(list(multitracks_in(tmp_path)), Halves())
    assert [score.song for score in scores] == ["a", "b"]
    # half of the truth is missing, half of the other part is too much: error energy is half of the truth's
    assert scores[0].sdr_db == pytest.approx({"vocals": 3.01, "accompaniment": 3.01}, abs=0.01)
    assert scores[0].residual_db < -120


def test_stems_that_a_song_lacks_are_not_scored(tmp_path: Path) -> None:
    folder = song(tmp_path / "a")
    (folder / "Lead Vox.wav").unlink()
    (score,) = evaluate([read_multitrack(folder)], Halves())
    assert set(score.sdr_db) == {"accompaniment"}


def test_roles_can_be_told(tmp_path: Path) -> None:
    truth = read_multitrack(song(tmp_path / "a"), {"bass DI": Role.KICK})
    assert np.abs(truth.stems["drums"]).max() == pytest.approx(0.2, rel=1e-3)
    assert not truth.stems["bass"].any()
    assert np.array_equal(true_stems(truth, ("vocals", "accompaniment"))["accompaniment"], truth.stems["drums"])


def test_museval_agrees_where_it_is_installed(tmp_path: Path) -> None:
    try:
        import museval
    except (ImportError, RuntimeError) as error:  # the latter without ffmpeg
        pytest.skip(f"needs museval and ffmpeg: {error}")
    del museval
    (score,) = evaluate([read_multitrack(song(tmp_path / "a"))], Halves(), with_museval=True)
    assert set(score.museval_db["vocals"]) == {"SDR", "SIR", "ISR", "SAR"}
    # a filter may be undone before it counts: the missing half does not, the other part does
    assert score.museval_db["vocals"]["SIR"] == pytest.approx(0, abs=1)


def test_bad_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no folders of tracks"):
        list(multitracks_in(tmp_path))
    with pytest.raises(AudioError, match="no folders of tracks"):
        list(multitracks_in(tmp_path / "absent"))


def test_a_missing_museval_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "museval.metrics", None)
    with pytest.raises(ModelError, match="pip install museval"):
        evaluate([read_multitrack(song(tmp_path / "a"))], Halves(), with_museval=True)
