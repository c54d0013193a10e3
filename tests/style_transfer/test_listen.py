"""Listening: what is left alone, what is measured, and that no track is missed by the chosen seconds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.arrays import F32, F64
from mixer.errors import AudioError, UsageError
from mixer.scan import scan
from style_transfer.features import range_db
from style_transfer.listen import SEGMENT_S, cut, hear, telling_seconds
from style_transfer.reference import listen
from style_transfer.reference_file import ReferenceFile
from style_transfer.target import target_of

RATE = 44100


def write(folder: Path, **tracks: F32 | F64) -> None:
    for name, track in tracks.items():
        audio.write(folder / f"{name}.wav", np.atleast_2d(track).astype(np.float32), RATE, depth="float")


def burst(start_s: float, length_s: float, total_s: float = 40.0) -> F64:
    x = np.zeros(round(total_s * RATE))
    x[round(start_s * RATE) : round((start_s + length_s) * RATE)] = (
        np.random.default_rng(1).standard_normal(round(length_s * RATE)) * 0.1
    )
    return x


def test_sparse_tracks_are_in_the_chosen_seconds(tmp_path: Path) -> None:
    write(tmp_path, Bass=burst(0, 40), Gtr=burst(0, 20), Tamb=burst(33, 2), LdVox=burst(21, 9))
    session = scan(tmp_path).session
    heard = hear(session, tmp_path)
    seconds = telling_seconds(heard, RATE)
    assert all(stop - start == SEGMENT_S * RATE for start, stop in seconds)
    assert all(a[1] <= b[0] for a, b in pairwise(seconds)), "segments overlap"
    segments, order = cut(heard, seconds, RATE, tmp_path)
    for row, index in enumerate(order):
        loudest = max(float(s.mono[row, 0, s.preroll :].square().mean()) for s in segments)
        assert loudest > 1e-3, heard[index].track.name


def test_segments_hold_the_files_samples_after_the_preroll(tmp_path: Path) -> None:
    write(tmp_path, Bass=burst(0, 12, 12), Keys=np.stack([burst(0, 12, 12), burst(0, 6, 12)]))
    heard = hear(scan(tmp_path).session, tmp_path)
    segments, order = cut(heard, [(3 * RATE, 6 * RATE)], RATE, tmp_path)
    whole, _ = audio.read(tmp_path / "Bass.wav")
    assert heard[order[0]].track.name == "Bass"
    np.testing.assert_array_equal(segments[0].mono[0, :, segments[0].preroll :], whole[:, 3 * RATE : 6 * RATE])
    assert segments[0].stereo.shape == (1, 2, segments[0].preroll + 3 * RATE)


def test_silent_and_short_tracks_are_left_alone_and_said(tmp_path: Path) -> None:
    write(tmp_path, Kick=burst(0, 2, 2), Blip=burst(0, 0.1, 0.1), Empty=np.zeros(2 * RATE))
    problems = {entry.track.name: entry.problem for entry in hear(scan(tmp_path).session, tmp_path)}
    assert problems["Kick"] is None
    assert "0.1 s" in (problems["Blip"] or "")
    assert "silent" in (problems["Empty"] or "")


def test_level_peaks_and_range_of_a_tone(tmp_path: Path) -> None:
    write(tmp_path, Tone=0.5 * np.sin(2 * np.pi * 997 / RATE * np.arange(3 * RATE)))
    (heard,) = hear(scan(tmp_path).session, tmp_path)
    assert heard.loud_peak_db == pytest.approx(-6.02, abs=0.01)
    assert heard.range_db == pytest.approx(0.0, abs=0.01)
    assert heard.loudness_lufs == pytest.approx(-6.02, abs=0.05)  # a mono track sounds on both sides


def test_a_reference_segment_is_what_is_measured(tmp_path: Path) -> None:
    quiet, loud = burst(0, 5, 5) * 0.1, burst(0, 5, 5)
    write(tmp_path, song=np.concatenate([quiet, loud]))
    parts = [listen(ReferenceFile(tmp_path / "song.wav", part), RATE, tmp_path) for part in ((0, 5), (5, 10), None)]
    assert parts[1].features.loudness_lufs - parts[0].features.loudness_lufs == pytest.approx(20, abs=0.01)
    assert parts[2].features.seconds == pytest.approx(10)
    assert parts[0].context.path == "song.wav"


def test_a_reference_outside_the_folder_leaves_no_path(tmp_path: Path) -> None:
    (tmp_path / "session").mkdir()
    write(tmp_path, song=burst(0, 5, 5))
    reference = listen(ReferenceFile(tmp_path / "song.wav"), RATE, tmp_path / "session")
    assert reference.context.path is None
    assert reference.context.name == "song.wav"


def test_weights_pull_the_target(tmp_path: Path) -> None:
    dull = np.cumsum(burst(0, 4, 4)) * 0.01
    write(tmp_path, dull=dull - dull.mean(), bright=np.diff(burst(0, 4, 4), prepend=0))

    def top(*weights: float) -> float:
        files = [
            ReferenceFile(tmp_path / f"{n}.wav", None, w) for n, w in zip(("dull", "bright"), weights, strict=True)
        ]
        known = [listen(file, RATE, tmp_path) for file in files]
        shape = target_of(known, RATE, frozenset()).shape
        assert shape is not None
        return float(shape.mid_db[-3])

    assert top(1.0, 0.1) < top(1.0, 1.0) < top(0.1, 1.0)


@pytest.mark.parametrize(
    ("segment", "weight", "error", "says"),
    [
        ((20.0, 30.0), 1.0, UsageError, "not in the file"),
        ((3.0, 2.0), 1.0, UsageError, "not in the file"),
        ((0.0, 1.0), 1.0, AudioError, "too short"),
        (None, 0.0, UsageError, "weight"),
    ],
)
def test_impossible_references_are_refused(
    tmp_path: Path, segment: tuple[float, float] | None, weight: float, error: type[Exception], says: str
) -> None:
    write(tmp_path, song=burst(0, 5, 5))
    with pytest.raises(error, match=says):
        listen(ReferenceFile(tmp_path / "song.wav", segment, weight), RATE, tmp_path)


def test_a_silent_reference_is_refused(tmp_path: Path) -> None:
    write(tmp_path, song=np.zeros(5 * RATE))
    with pytest.raises(AudioError, match=r"song\.wav: it is silent"):
        listen(ReferenceFile(tmp_path / "song.wav"), RATE, tmp_path)


def test_range_of_a_track_that_is_loud_a_tenth_of_the_time() -> None:
    quiet, loud = np.full(90, 0.01), np.full(10, 0.1)
    assert range_db(np.concatenate([quiet, loud])) == pytest.approx(10.0)
    assert range_db(np.zeros(20)) == 0.0
