"""A real song in small, and mixes of it by another engine: other filters, a compressor of another law, other rooms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from mixer import audio
from mixer.arrays import F32
from mixer.scan import scan
from mixer.session import Session
from style_transfer.listen import Heard, hear

RATE = 44100
DEMO = Path(__file__).resolve().parents[3] / "interfaces" / "demo" / "song"
TRACKS = ("01_Kick", "02_Sn", "07_Bass DI", "08_Nylon Gtr", "10_Strings", "12_LdVox")
"""Five mono tracks and a stereo one."""
START_S = 20.0
GAINS_DB = (-3.0, -6.0, -1.0, 2.0, 4.0, 3.0)
PANS = (0.0, 0.3, 0.0, -0.6, 0.2, 0.0)


def write_tracks(folder: Path, seconds: float = 6.0, start_s: float = START_S) -> Session:
    """Some seconds of some of the demo song's tracks, and a session of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TRACKS:
        x, _ = audio.read(DEMO / f"{name}.ogg", RATE, start=round(start_s * RATE), frames=round(seconds * RATE))
        audio.write(folder / f"{name}.wav", x, RATE, depth="float")
    return scan(folder).session


def listened(session: Session, folder: Path) -> list[Heard]:
    """The tracks that can be heard."""
    return [entry for entry in hear(session, folder) if entry.problem is None]


def placed(folder: Path, *, effects: bool = False, muted: tuple[str, ...] = ()) -> dict[str, F32]:
    """The tracks as they sound in the mix, ``[2, time]`` by name: levels and places, and with effects tone and more."""
    rng = np.random.default_rng(4)
    result = {}
    for name, gain_db, pan in zip(TRACKS, GAINS_DB, PANS, strict=True):
        if name in muted:
            continue
        x, _ = audio.read(folder / f"{name}.wav")
        if effects:
            x = _squeezed(_tilted(x, rng))
        if x.shape[0] == 1:
            angle = (pan + 1) * np.pi / 4
            x = np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]]) * x
        else:
            x = np.array([[min(1, 1 - pan)], [min(1, 1 + pan)]]) * x
        result[name] = np.asarray(0.3 * 10 ** (gain_db / 20) * x, np.float32)
    return result


def _tilted(x: F32, rng: np.random.Generator) -> F32:
    """First-order shelves that cross at a random frequency, up to 6 dB apart, and a first-order high-pass."""
    low = sosfilt(butter(1, rng.uniform(300, 2000), fs=RATE, output="sos"), x, axis=-1)
    low_gain, high_gain = 10 ** (rng.uniform(-4, 4, 2) / 20)
    shelved = low_gain * low + high_gain * (x - low)
    return np.asarray(sosfilt(butter(1, 40, "high", fs=RATE, output="sos"), shelved, axis=-1), np.float32)


def _squeezed(x: F32) -> F32:
    """A compressor that follows the mean square over 30 ms and halves what lies over the usual level, in dB."""
    power = lfilter([1 - 0.99925], [1, -0.99925], np.square(x, dtype=np.float64).mean(axis=0)) + 1e-9
    usual = np.quantile(power, 0.8)
    return np.asarray(x * np.minimum(1, (usual / power) ** 0.25), np.float32)


def roomy(mix: F32, amount: float = 0.1) -> F32:
    """With a reverb of decaying noise, other on both sides."""
    rng, time = np.random.default_rng(8), np.arange(RATE) / RATE
    response = rng.standard_normal((2, RATE)) * np.exp(-5 * time)
    response /= np.sqrt(np.square(response).sum(axis=1, keepdims=True))
    return np.asarray(mix + amount * fftconvolve(mix, response, axes=-1)[:, : mix.shape[1]], np.float32)


def limited(mix: F32, ceiling: float) -> F32:
    """Clipped softly, both sides by the same law."""
    return np.asarray(ceiling * np.tanh(mix / ceiling), np.float32)


def written(path: Path, mix: F32, rate: int = RATE) -> Path:
    """To a file of the ending's kind, float where it is WAV."""
    if path.suffix == ".wav":
        audio.write(path, np.ascontiguousarray(mix, np.float32), rate, depth="float")
    else:
        audio.write(path, np.ascontiguousarray(mix, np.float32), rate)
    return path
