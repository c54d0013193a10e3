"""A small multitrack and a reference, synthesised: enough for a suggestion to have something to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F32, F64
from mixer.scan import scan
from mixer.session import Session

RATE = 44100
SHARED = Path(__file__).resolve().parents[2] / "shared"


def _decay(time: F64, period: float, length: float, offset: float = 0.0) -> F64:
    return np.exp(-((time - offset) % period) / length)


def stems(seconds: float = 8.0, *, key: float = 1.0, seed: int = 5) -> dict[str, F32]:
    """Raw tracks ``[1 or 2, time]`` by file name: unbalanced on purpose, all of them sounding.

    Another key (a factor on all pitches and tempos) and seed make another song.
    """
    time = np.arange(round(seconds * RATE)) / RATE * key
    noise = np.random.default_rng(seed).standard_normal((4, len(time)))
    voice = np.sum([np.sin(2 * np.pi * 220 * k * time + np.sin(6 * time)) / k for k in range(1, 12)], axis=0)
    chord = np.sum([np.sign(np.sin(2 * np.pi * hz * time)) for hz in (196.0, 247.0, 294.0)], axis=0)
    tracks = {
        "01_Kick.wav": (0.8 * np.sin(2 * np.pi * 55 * time) * _decay(time, 0.5, 0.08))[None],
        "02_Sn.wav": (0.5 * noise[0] * _decay(time, 1.0, 0.06, 0.5) * 0.3)[None],
        "03_HH.wav": (0.6 * np.diff(noise[1], prepend=0) * _decay(time, 0.25, 0.03) * 0.3)[None],
        "04_Bass DI.wav": (0.3 * np.tanh(3 * np.sin(2 * np.pi * 82.4 * time)))[None],
        "05_Gtr.wav": (0.25 * chord / 3 * _decay(time, 2.0, 0.9))[None],
        "06_Pad.wav": 0.05 * np.stack([np.sin(2 * np.pi * 392 * time + k) + 0.3 * noise[2 + k] for k in (0, 1)]),
        "07_LdVox.wav": (0.02 * voice * (0.6 + 0.4 * np.sin(1.3 * time)))[None],
    }
    return {name: np.ascontiguousarray(track, np.float32) for name, track in tracks.items()}


def write_song(folder: Path, seconds: float = 8.0) -> Session:
    """Write the stems into a folder and make a session of it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, track in stems(seconds).items():
        audio.write(folder / name, track, RATE, depth="float")
    return scan(folder).session


def write_reference(path: Path, seconds: float = 6.0) -> Path:
    """Write a finished-sounding mix of another song: brighter, wider and denser than the plain sum of the stems."""
    tracks = stems(seconds, key=1.19, seed=11)
    mix = np.sum([np.broadcast_to(track, (2, track.shape[1])) for track in tracks.values()], axis=0)
    air = np.random.default_rng(6).standard_normal((2, mix.shape[1])) * 0.03
    mix = np.tanh(1.5 * (mix * 0.5 + np.diff(air, prepend=0, axis=1)))
    audio.write(path, np.ascontiguousarray(0.7 * mix, np.float32), RATE)
    return path
