"""A corpus as it is heard: each track's two halves, measured once and kept, since examples are made of powers.

The first half of a song is what a reference is mixed from, the second the session that is to sound like it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from mixer import audio
from mixer.arrays import F32
from mixer.errors import FaderwiseError, SessionError
from mixer.session import Session, Track
from style_transfer.controller.takes import ROLES
from style_transfer.corpus import Song
from style_transfer.listen import Heard, hear

RATE = 44_100
HALF_S = 20.0
"""No more is heard of a half."""
SHORTEST_HALF_S = 5.0
MOST_TRACKS = 16
CLIPPED, ROOMY = 0.08, 0.08
"""Shares of the tracks that are recorded too hot, and in a room that is heard."""
_SHA = "0" * 64
ABOUT = ("id", "style", "family", "region", "split_key")


@dataclass(frozen=True, slots=True)
class Kept:
    """One song's tracks, as ``controller.takes.Takes`` has them, for each half ``[2, tracks, ...]``."""

    id: str
    style: str
    family: str
    region: str
    split_key: str
    power: Tensor
    loudness: Tensor
    numbers: Tensor
    stereo: Tensor
    role: Tensor


def bank(songs: Sequence[Song], folder: Path, said: Callable[[str], None]) -> list[Kept]:
    """Every song of which at least two tracks sound in both halves; from the folder where it was measured before.

    Args:
        said: is told which song is measured and which cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    for song in songs:
        file = folder / f"{song.id}.safetensors"
        if not file.is_file() and song.tracks:
            try:
                tensors = _measured(song)
            except FaderwiseError as error:
                said(f"left out: {song.id}: {error}")
                continue
            about = {name: getattr(song, name) for name in ABOUT}
            part = file.with_suffix(".part")
            save_file(tensors, part, about)
            part.replace(file)
            said(f"measured {song.id}")
        if file.is_file():
            kept.append(_read(file))
    return kept


def _read(file: Path) -> Kept:
    with safe_open(file, "pt") as opened:
        about = opened.metadata()
    tensors = load_file(file)
    names = ("power", "loudness", "numbers", "stereo", "role")
    return Kept(*(about[name] for name in ABOUT), *(tensors[name] for name in names))


def _measured(song: Song) -> dict[str, Tensor]:
    rng = np.random.default_rng(list(song.id.encode()))
    files = song.tracks[:MOST_TRACKS]
    frames = min(round(min(file.seconds for file in files) * RATE) // 2, round(HALF_S * RATE))
    if frames < SHORTEST_HALF_S * RATE:
        raise SessionError("it is too short for two halves")
    takes = [degraded(audio.read(file.path, RATE, frames=2 * frames)[0], rng) for file in files]
    roles = [file.role for file in files]
    halves = []
    with tempfile.TemporaryDirectory(prefix="faderwise-bank-") as scratch:
        for half in range(2):
            tracks = []
            for row, (take, role) in enumerate(zip(takes, roles, strict=True)):
                audio.write(
                    Path(scratch) / f"{row}-{half}.wav",
                    take[:, half * frames : (half + 1) * frames],
                    RATE,
                    depth="float",
                )
                tracks.append(_track(row, half, str(role), len(take), frames))
            halves.append(hear(Session(name=song.id, sample_rate=RATE, tracks=tracks), Path(scratch)))
    sounding = [row for row in range(len(files)) if all(half[row].problem is None for half in halves)]
    if len(sounding) < 2:
        raise SessionError("fewer than two tracks sound in both halves")
    return _tensors([[half[row] for row in sounding] for half in halves])


def _track(row: int, half: int, role: str, channels: int, frames: int) -> Track:
    return Track.model_validate(
        {
            "id": f"t{row}",
            "name": f"t{row}",
            "path": f"{row}-{half}.wav",
            "sha256": _SHA,
            "sample_rate": RATE,
            "channels": channels,
            "frames": frames,
            "role": role,
            "role_origin": "user",
            "role_confidence": 1.0,
        }
    )


def _tensors(halves: Sequence[Sequence[Heard]]) -> dict[str, Tensor]:
    windows = min(len(entry.loudness) for half in halves for entry in half)

    def each(of: Callable[[Heard], object]) -> Tensor:
        return torch.from_numpy(np.array([[of(entry) for entry in half] for half in halves], np.float32))

    return {
        "power": each(lambda e: torch.stack([e.power.mid, e.power.side, e.power.cross]).numpy()),
        "loudness": each(lambda e: e.loudness[:windows]),
        "numbers": each(lambda e: (e.loudness_lufs, e.range_db, e.loud_peak_db)),
        "stereo": torch.tensor([float(entry.track.channels == 2) for entry in halves[0]]),
        "role": torch.tensor([ROLES.index(entry.track.role) for entry in halves[0]]),
    }


def degraded(take: F32, rng: np.random.Generator) -> F32:
    """A track as it may have been recorded: at times clipped, at times with the room that it was played in."""
    chance = rng.uniform(size=2)
    if chance[0] < ROOMY:
        take = _in_room(take, rng)
    if chance[1] < CLIPPED:
        ceiling = np.float32(np.abs(take).max() * 10 ** (-rng.uniform(3, 8) / 20))
        take = np.clip(take, -ceiling, ceiling)
    return take


def _in_room(take: F32, rng: np.random.Generator) -> F32:
    length = round(rng.uniform(0.1, 0.5) * RATE)
    response = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    response *= 10 ** (rng.uniform(-14, -4) / 20) / np.sqrt(np.square(response).sum())
    response[0] += 1.0
    size = take.shape[1] + length
    wet = np.fft.irfft(np.fft.rfft(take, size) * np.fft.rfft(response, size), size)
    return np.asarray(wet[:, : take.shape[1]], np.float32)
