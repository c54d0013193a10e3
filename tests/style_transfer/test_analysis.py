"""What a session measures as it stands."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.edits import put
from mixer.errors import SessionError
from mixer.scan import scan
from mixer.session import Session
from style_transfer.analysis import analyze, measure_file, measure_mix, tonal_centre_hz
from style_transfer.features import CENTRES_HZ, measure
from tests.signals import RATE, music, sine


@pytest.fixture
def song(tmp_path: Path) -> Session:
    audio.write(tmp_path / "bass.wav", 0.5 * sine(82, 2), RATE)
    audio.write(tmp_path / "voice.wav", music(2, 2), RATE, depth="float")
    audio.write(tmp_path / "quiet.wav", np.zeros((1, RATE), np.float32), RATE)
    return scan(tmp_path).session


def test_tracks_are_measured_before_their_strips_and_the_mix_behind_them(song: Session, tmp_path: Path) -> None:
    before = analyze(song, tmp_path)
    after = analyze(put(song, "bass.fader.gain_db", {"value": -12.0}), tmp_path)
    assert [entry.features for entry in after.tracks] == [entry.features for entry in before.tracks]
    assert before.mix is not None
    assert after.mix is not None
    assert after.mix.loudness_lufs < before.mix.loudness_lufs - 0.1


def test_who_is_heard(song: Session, tmp_path: Path) -> None:
    soloed = analyze(put(song, "voice.solo", True), tmp_path)
    assert {entry.track.id: entry.audible for entry in soloed.tracks} == {"bass": False, "quiet": False, "voice": True}
    assert soloed.mix is not None
    voice = measure([music(2, 2)], RATE)
    # the same samples in other blocks: the powers are added up in another order, in float32
    assert soloed.mix.mid_db == pytest.approx(voice.mid_db, abs=1e-4)
    assert soloed.mix.loudness_lufs == pytest.approx(voice.loudness_lufs, abs=1e-9)


def test_progress_runs_from_the_tracks_to_the_end_of_the_mix(song: Session, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    analyze(song, tmp_path, lambda fraction, stage: told.append((fraction, stage)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert [stage for _, stage in told if stage == "measuring the tracks"] != []


def test_a_mix_of_muted_tracks(song: Session, tmp_path: Path) -> None:
    for track in song.tracks:
        song = put(song, f"{track.id}.mute", True)
    assert analyze(song, tmp_path).mix is None
    with pytest.raises(SessionError, match="all tracks are muted"):
        measure_mix(song, tmp_path)


@pytest.mark.parametrize("hz", [150, 1000, 6000])
def test_a_tone_has_its_centre_in_its_band(tmp_path: Path, hz: float) -> None:
    audio.write(tmp_path / "tone.wav", 0.3 * sine(hz, 1), RATE)
    centre = tonal_centre_hz(measure_file(tmp_path / "tone.wav").features(), RATE)
    nearest = min(CENTRES_HZ, key=lambda band: abs(math.log(band / hz)))
    assert centre == pytest.approx(nearest, rel=0.02)  # what leaks into the other bands lies 30 dB and more below


def test_silence_has_no_centre(tmp_path: Path) -> None:
    audio.write(tmp_path / "quiet.wav", np.zeros((1, RATE), np.float32), RATE)
    assert math.isnan(tonal_centre_hz(measure_file(tmp_path / "quiet.wav").features(), RATE))
