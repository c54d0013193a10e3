"""Songs with known stems for the tests of separation."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from separation.separator import F32
from tests.signals import SONGS

VOICES = {"rock": ("vocals_1", "vocals_2"), "country": ("vocals",), "britpop": ("RAW_07", "RAW_08")}
"""Parts of the names of the tracks that are sung, song by song."""


def sdr_db(reference: F32, estimate: F32) -> float:
    """Global signal-to-distortion ratio over all samples, in dB."""
    error = float(np.square(reference - estimate, dtype=np.float64).sum())
    return 10 * float(np.log10(float(np.square(reference, dtype=np.float64).sum()) / error))


def accompaniment_and_voice(song: str) -> tuple[F32, F32]:
    """The plain sum of a song's tracks and the sum of its sung ones, stereo at 44.1 kHz; skips where it is absent."""
    folder = SONGS / song
    if not folder.is_dir():
        pytest.skip(f"needs the multitracks in {SONGS}")
    mixture = voice = np.zeros((2, 1), np.float32)
    for path in sorted(folder.glob("*.flac")):
        samples = soundfile.read(path, dtype="float32", always_2d=True)[0].T
        track = np.broadcast_to(samples, (2, samples.shape[1]))
        mixture = mixture + track
        if any(name in path.stem for name in VOICES[song]):
            voice = voice + track
    return mixture, voice
