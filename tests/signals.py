"""What tests of sound share: material, differences in decibels, settings drawn at random."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from mixer.arrays import F32, F64
from mixer.audio import Depth
from mixer.console import ChainValues, Settings
from mixer.param import Param
from mixer.processor import Place, Processor, Values, chain

RATE = 44100
FORMATS: list[tuple[str, Depth]] = [
    ("mix.wav", "16"),
    ("mix.wav", "24"),
    ("mix.wav", "float"),
    ("mix.flac", "16"),
    ("mix.flac", "24"),
    ("mix.ogg", "24"),
]
"""Every kind of file that is written."""
SONGS = Path(__file__).resolve().parents[2] / "shared" / "songs"


def difference_db(signal: F32 | F64 | Tensor, reference: F32 | F64 | Tensor) -> float:
    """Energy of the difference relative to the reference, in dB; -inf where they are equal, silence included."""
    got, wanted = np.asarray(signal, np.float64), np.asarray(reference, np.float64)
    assert got.shape == wanted.shape, f"shapes {got.shape} and {wanted.shape}"
    error, energy = float(np.square(got - wanted).sum()), float(np.square(wanted).sum())
    if error == 0:
        return -math.inf
    return 10 * math.log10(error / energy) if energy > 0 else math.inf


def decibels(amplitude: float) -> float:
    """20 log10, with -inf for silence."""
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def rms_db(signal: F32 | F64) -> float:
    """Root mean square in dB re 1."""
    return decibels(float(np.sqrt(np.square(signal, dtype=np.float64).mean())))


def music(seconds: float, channels: int = 2, seed: int = 0, rate: int = RATE) -> F32:
    """Pink noise in decaying hits over two tones, peaking at 0.8: what a mixing desk might meet, ``[channels, n]``."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    spectrum = np.fft.rfft(rng.standard_normal((channels, count)))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(count, 1 / rate), 20.0))
    noise = np.fft.irfft(spectrum, count)
    t = np.arange(count) / rate
    level = 0.05 + np.exp(-6 * (2 * t % 1)) + 0.5 * np.exp(-9 * ((1.5 * t + 0.3) % 1))
    tones = 0.3 * np.sin(2 * np.pi * 110 * t) + 0.2 * np.sin(2 * np.pi * 1760 * t)
    sound = noise / noise.std() * level + tones
    loud: F32 = (0.8 * sound / np.abs(sound).max()).astype(np.float32)
    return loud


def noise(channels: int, frames: int, seed: int = 0) -> F32:
    """White noise ``[channels, frames]`` at -20 dBFS."""
    return (0.1 * np.random.default_rng(seed).standard_normal((channels, frames))).astype(np.float32)


def sine(hz: float, seconds: float, amplitude: float = 1.0, rate: int = RATE) -> F32:
    """A mono tone ``[1, n]``."""
    phase = 2 * np.pi * hz / rate * np.arange(round(seconds * rate))
    tone: F32 = (amplitude * np.sin(phase)).astype(np.float32)[None]
    return tone


def real_music(song: str, seconds: float, start: float = 4.0) -> list[F32]:
    """Excerpts ``[channels, n]`` of a real multitrack at 44.1 kHz; the test is skipped where the songs are absent."""
    files = sorted((SONGS / song).glob("*.flac"))
    if not files:
        pytest.skip(f"the song {song!r} is not beside this checkout")
    first = round(start * RATE)
    return [
        np.ascontiguousarray(soundfile.read(file, round(seconds * RATE), first, dtype="float32", always_2d=True)[0].T)
        for file in files
    ]


def drawn(param: Param, rng: np.random.Generator, ends: float) -> float:
    """A value of one knob, an end of its range with probability ``ends``; switches are on."""
    if param.scale == "switch":
        return 1.0
    unit = float(rng.integers(2)) if rng.random() < ends else float(rng.random())
    return param.clamp(param.from_unit(unit))


def drawn_values(processor: Processor, rng: np.random.Generator, ends: float = 0.2) -> Values:
    """A value for each knob of a processor."""
    return {param.name: drawn(param, rng, ends) for param in processor.params}


def drawn_chain(place: Place, rng: np.random.Generator) -> ChainValues:
    """Values inside the ranges for all processors of a place, with faders, sends and gains that let sound through."""
    values = {entry.name: dict(drawn_values(entry, rng, 0.0)) for entry in chain(place)}
    for knobs in values.values():
        for name in knobs:
            if name in ("gain_db", "level_db"):
                knobs[name] = float(rng.uniform(-12, 3))
            elif name.endswith("_gain_db"):
                knobs[name] = float(rng.uniform(-6, 6))
    return values


def drawn_settings(keys: list[str], rng: np.random.Generator) -> Settings:
    """A whole console with everything on: every strip, every send, the reverb, the master."""
    tracks = {key: {**drawn_chain(Place.STRIP, rng), **drawn_chain(Place.SEND, rng)} for key in keys}
    return Settings(tracks, drawn_chain(Place.BUS, rng), drawn_chain(Place.MASTER, rng))


def rendered(processor: Processor, audio: F32, values: Values, *, rate: int = RATE, block: int = 16384) -> F32:
    """The render path over ``[channels, n]`` in blocks, with its latency taken off: ``[1 or 2, n]``."""
    renderer = processor.render(rate, audio.shape[0], values)
    padded = np.pad(audio, ((0, 0), (0, renderer.latency)))
    blocks = [renderer(padded[:, n : n + block].copy()) for n in range(0, padded.shape[1], block)]
    return np.concatenate(blocks, axis=1)[:, renderer.latency :]


def differentiated(processor: Processor, audio: F32, values: Values, *, rate: int = RATE) -> F32:
    """The differentiable path over ``[channels, n]``: ``[1 or 2, n]``."""
    with torch.no_grad():
        result: F32 = processor(torch.from_numpy(audio)[None], rate, **values)[0].numpy()
    return result
