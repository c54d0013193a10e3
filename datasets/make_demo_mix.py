"""A small desk of its own for the demo: it colours the raw tracks, and it mixes the reference.

It is written apart from the console on purpose: a reference mixed by the console would be one that the console can
match exactly, and the demo would prove nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import minimum_filter1d
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

Array = npt.NDArray[np.float64]

GATE_DB = -35.0
BLOCK = 441


def level_db(x: Array) -> float:
    """Root mean square in dBFS of what sounds: 10 ms blocks within 35 dB of the loudest one."""
    power = np.mean(np.square(x[..., : x.shape[-1] // BLOCK * BLOCK]).reshape(-1, BLOCK), axis=1)
    return float(10.0 * np.log10(np.mean(power[power > power.max() * 10.0 ** (GATE_DB / 10.0)])))


def at_level(x: Array, wanted_db: float) -> Array:
    """The same sound at another level (see level_db)."""
    return np.asarray(x * 10.0 ** ((wanted_db - level_db(x)) / 20.0), dtype=np.float64)


def equalise(x: Array, bands: list[list[Any]], rate: int) -> Array:
    """Filter with ``[kind, hz, gain_db, q]`` bands: RBJ Audio EQ Cookbook; second-order Butterworth passes."""
    for kind, hz, *rest in bands:
        if kind in ("highpass", "lowpass"):
            sections = butter(2, hz, kind, fs=rate, output="sos")
        else:
            sections = _cookbook(kind, hz, rest[0], rest[1] if len(rest) > 1 else 0.7071, rate)
        x = np.asarray(sosfilt(sections, x, axis=-1), dtype=np.float64)
    return x


def _cookbook(kind: str, hz: float, gain_db: float, q: float, rate: int) -> Array:
    a, w = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * hz / rate
    alpha, cos = np.sin(w) / (2.0 * q), np.cos(w)
    if kind == "peak":
        return _section([1 + alpha * a, -2 * cos, 1 - alpha * a], [1 + alpha / a, -2 * cos, 1 - alpha / a])
    sign, root = (-1.0 if kind == "lowshelf" else 1.0), 2.0 * np.sqrt(a) * alpha
    b = [
        a * ((a + 1) + sign * (a - 1) * cos + root),
        -sign * 2 * a * ((a - 1) + sign * (a + 1) * cos),
        a * ((a + 1) + sign * (a - 1) * cos - root),
    ]
    d = [
        (a + 1) - sign * (a - 1) * cos + root,
        sign * 2 * ((a - 1) - sign * (a + 1) * cos),
        (a + 1) - sign * (a - 1) * cos - root,
    ]
    return _section(b, d)


def _section(b: list[float], a: list[float]) -> Array:
    """One row of scipy's second-order sections, [1, 6]."""
    return np.array([[*b, *a]]) / np.float64(a[0])


def compress(x: Array, threshold_db: float, ratio: float, rate: int, attack_ms: float = 8.0) -> Array:
    """Turn down what is louder than the threshold, following the level every millisecond (release 120 ms)."""
    hop = rate // 1000
    blocks = -(-x.shape[-1] // hop)
    padded = np.pad(x, ((0, 0), (0, blocks * hop - x.shape[-1])))
    power = np.mean(np.square(padded).max(axis=0).reshape(blocks, hop), axis=1)
    wanted_db = np.minimum(0.0, (threshold_db - 10.0 * np.log10(power + 1e-12)) * (1.0 - 1.0 / ratio))
    gain_db = np.zeros(blocks)
    attack, release = np.exp(-1.0 / attack_ms), np.exp(-1.0 / 120.0)
    for i in range(1, blocks):
        keep = attack if wanted_db[i] < gain_db[i - 1] else release
        gain_db[i] = keep * gain_db[i - 1] + (1.0 - keep) * wanted_db[i]
    at = np.arange(x.shape[-1])
    return np.asarray(x * 10.0 ** (np.interp(at, np.arange(blocks) * hop, gain_db) / 20.0), dtype=np.float64)


def place(x: Array, pan: float, width: float) -> Array:
    """Balance and width of a stereo sound [2, samples]: constant power, unity in the middle."""
    mid, side = 0.5 * (x[0] + x[1]), 0.5 * width * (x[0] - x[1])
    angle = 0.25 * np.pi * (pan + 1.0)
    gains = np.sqrt(2.0) * np.array([[np.cos(angle)], [np.sin(angle)]])
    return np.asarray(gains * np.stack([mid + side, mid - side]), dtype=np.float64)


def room(x: Array, rate: int, seed: int, decay_s: float = 1.5) -> Array:
    """Reverberate [2, samples] by convolution with noise that decays, faster the higher it is."""
    rng = np.random.default_rng(seed)
    samples = round(1.2 * decay_s * rate)
    times = np.arange(samples) / rate
    response = np.zeros((2, samples))
    for low, high, part in ((200, 800, 1.0), (800, 3000, 0.9), (3000, 9000, 0.6)):
        noise = sosfilt(butter(2, (low, high), "bandpass", fs=rate, output="sos"), rng.standard_normal((2, samples)))
        response += noise / noise.std() * 10.0 ** (-3.0 * times / (part * decay_s))
    response /= np.sqrt(np.sum(response**2, axis=1, keepdims=True))
    delayed = np.pad(response, ((0, 0), (round(0.02 * rate), 0)))
    wet: Array = fftconvolve(x, delayed, axes=-1)[:, : x.shape[-1]]
    return wet


def limit(x: Array, ceiling_db: float, rate: int) -> Array:
    """Hold the true peak (8 times oversampled) under the ceiling with a gain that looks 3 ms ahead."""
    reach = round(0.003 * rate)
    fine = np.abs(resample_poly(x, 8, 1, axis=-1)).max(axis=0)
    peak = np.pad(fine, (0, 8 * x.shape[-1] - len(fine))).reshape(-1, 8).max(axis=1)
    gain = minimum_filter1d(np.minimum(1.0, 10.0 ** (ceiling_db / 20.0) / (peak + 1e-9)), 2 * reach + 1)
    window = np.hanning(2 * reach + 1)
    return np.asarray(x * fftconvolve(gain, window / window.sum(), "same"), dtype=np.float64)


def mix(tracks: dict[str, Array], tables: dict[str, dict[str, Any]], rate: int, seed: int) -> Array:
    """Sum [2, samples] tracks and one room, each with its ``mix`` table of ``demo_songs.toml``."""
    dry, send = np.zeros_like(next(iter(tracks.values()))), np.zeros_like(next(iter(tracks.values())))
    for name, track in tracks.items():
        table = tables[name]
        x = at_level(equalise(track, table["eq"], rate), table["level_db"])
        if "compress" in table:
            threshold_db, ratio = table["compress"]
            x = at_level(compress(x, threshold_db, ratio, rate), table["level_db"])
        x = place(x, table.get("pan", 0.0), table.get("width", 1.0))
        dry += x
        send += x * 10.0 ** (table["reverb_db"] / 20.0) if "reverb_db" in table else 0.0
    return dry + room(send, rate, seed)


def master(x: Array, eq: list[list[Any]], loudness_lufs: float, ceiling_db: float, rate: int) -> Array:
    """Equalise, glue gently, then limit, at the loudness asked for (ITU-R BS.1770, by pyloudnorm), within 0.1 LU."""
    import pyloudnorm

    meter = pyloudnorm.Meter(rate)
    glued = compress(at_level(equalise(x, eq, rate), -18.0), -18.0, 1.6, rate, attack_ms=25.0)
    gain_db, limited = 0.0, glued
    for _ in range(8):
        limited = limit(glued * 10.0 ** (gain_db / 20.0), ceiling_db, rate)
        gain_db += loudness_lufs - meter.integrated_loudness(limited.T)
    return limited
