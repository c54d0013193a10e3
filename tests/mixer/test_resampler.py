"""Another sample rate: as many frames as it should be, in place, and the same in a stream as in one piece."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile as sf

from mixer import audio
from tests.signals import noise


def tone(hz: float, rate: int, frames: int) -> npt.NDArray[np.float64]:
    return np.asarray(0.5 * np.sin(2 * np.pi * hz * np.arange(frames) / rate))


def db(ratio: float) -> float:
    return float(20 * np.log10(max(ratio, 1e-12)))


@pytest.mark.parametrize(
    ("from_rate", "to_rate"), [(44_100, 48_000), (48_000, 44_100), (8_000, 44_100), (192_000, 48_000), (44_101, 48_000)]
)
def test_a_stream_is_resampled_as_the_whole(tmp_path: Path, from_rate: int, to_rate: int) -> None:
    signal = noise(2, 3 * from_rate + 17)
    path = tmp_path / "a.wav"
    sf.write(path, signal.T, from_rate, "FLOAT")
    whole = audio.resample(signal, from_rate, to_rate)
    assert whole.shape == (2, audio.resampled_frames(signal.shape[1], from_rate, to_rate))
    assert np.array_equal(audio.read(path, to_rate)[0], whole)
    assert np.array_equal(np.concatenate(list(audio.blocks(path, to_rate, block=7001)), axis=1), whole)
    start = 2 * to_rate + 5  # far enough in to enter the file in the middle
    late, _ = audio.read(path, to_rate, start=start, frames=5000)
    assert db(float(np.abs(late - whole[:, start : start + 5000]).max())) < -140  # the last place of float32


@pytest.mark.parametrize(("from_rate", "to_rate"), [(44_100, 48_000), (192_000, 44_100), (8_000, 48_000)])
def test_a_tone_survives_resampling_in_place(from_rate: int, to_rate: int) -> None:
    signal = tone(1000, from_rate, 2 * from_rate).astype(np.float32)[None]
    found = audio.resample(signal, from_rate, to_rate)[0]
    wanted = tone(1000, to_rate, 2 * to_rate)
    inner = slice(to_rate // 10, -to_rate // 10)  # the filter rings where the tone starts and stops
    # one sample of delay would leave -18 dB; float32 rounding alone leaves about -146 dB
    assert db(float(np.abs(found - wanted)[inner].max()) / 0.5) < -120


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 101])
@pytest.mark.parametrize(("from_rate", "to_rate"), [(96_000, 48_000), (44_100, 48_000), (48_000, 192_000)])
def test_resampling_gives_the_nearest_number_of_frames(frames: int, from_rate: int, to_rate: int) -> None:
    found = audio.resample(noise(1, frames), from_rate, to_rate)
    assert found.shape == (1, round(frames * to_rate / from_rate))


def test_nothing_and_the_same_rate_resample_to_themselves() -> None:
    assert audio.resample(noise(2, 0), 44_100, 48_000).shape == (2, 0)
    assert np.array_equal(audio.resample(noise(2, 9), 48_000, 48_000), noise(2, 9))
