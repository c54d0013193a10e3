"""Mixes whose stem groups are known, drawn at random: what ``make_group_calibration.py`` listens to.

They are mixed by a small desk of this script's own, not by the console, as references are: other levels, tone, places,
rooms and mastering each time. Groups are left out now and then, so that it is seen what a separator hears in nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from make_demo_mix import equalise
from scipy.signal import fftconvolve

from mixer import audio
from mixer.loudness import integrated_loudness
from mixer.roles import Group, Role, guess_role

F32 = npt.NDArray[np.float32]

RATE = 44_100
EXCERPT_S = 12.0
LEVELS_LU = {Group.VOCALS: (-6.0, 4.0), Group.DRUMS: (-7.0, 4.0), Group.BASS: (-9.0, 3.5), Group.OTHER: (-6.0, 4.0)}
"""Mean and spread of the groups' loudness before they are mixed: as practice has them, and further."""
SILENT_LUFS = -60.0
ABSENT = {Group.VOCALS: 0.2, Group.DRUMS: 0.15, Group.BASS: 0.15, Group.OTHER: 0.1}
"""How often a group is left out of a mix."""
WET = {Group.VOCALS: 0.9, Group.DRUMS: 0.5, Group.BASS: 0.0, Group.OTHER: 0.7}
"""How often a group is in a room."""
STEADY = frozenset({Role.LEAD_VOCAL, Role.KICK, Role.SNARE, Role.BASS, Role.DRUMS})
"""Roles that stay in the middle."""


@dataclass(frozen=True, slots=True)
class Track:
    """One track of a song: ``[2, time]`` at 44.1 kHz."""

    role: Role
    samples: F32


@dataclass(frozen=True, slots=True)
class Song:
    """A multitrack, and how many mixes of it are drawn."""

    name: str
    tracks: Sequence[Track]
    mixes: int


@dataclass(frozen=True, slots=True)
class Mix:
    """A finished mix and its groups before mastering, ``[2, time]`` each; groups that are left out are missing."""

    song: str
    mix: F32
    groups: dict[Group, F32]


def read_song(folder: Path, mixes: int, *, name: str | None = None, voices: Sequence[str] = ()) -> Song:
    """The audio files of a folder, with roles from their names and sound; ``voices`` are sung and do not say so."""
    tracks = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.casefold() in audio.SUFFIXES):
        samples, _ = audio.read(path, RATE)
        role = Role.LEAD_VOCAL if path.stem in voices else guess_role(path.stem, samples, RATE).role
        tracks.append(Track(role, np.array(np.broadcast_to(samples, (2, samples.shape[1])))))
    return Song(name or folder.name, tracks, mixes)


def with_voices_of(song: Song, guest: Song) -> Song:
    """A song without a voice, sung over by another's."""
    return Song(song.name, [*song.tracks, *(t for t in guest.tracks if t.role.group is Group.VOCALS)], song.mixes)


def mixes_of(song: Song, generator: np.random.Generator) -> Iterator[Mix]:
    """So many mixes as the song is to have."""
    for _ in range(song.mixes):
        groups = _groups(song, generator)
        if not groups:
            continue
        yield Mix(song.name, _mastered(plain_sum(groups), generator), groups)


def plain_sum(groups: Mapping[Group, F32]) -> F32:
    """What the groups add up to."""
    total: F32 = np.sum(list(groups.values()), axis=0, dtype=np.float32)
    return total


def _groups(song: Song, generator: np.random.Generator) -> dict[Group, F32]:
    groups: dict[Group, F32] = {}
    starts: dict[int, int] = {}
    for group in Group:
        tracks = [track for track in song.tracks if track.role.group is group]
        if not tracks or generator.random() < ABSENT[group]:
            continue
        parts = [_played(track, starts, generator) for track in tracks]
        whole: F32 = np.asarray(sum(parts), np.float32)
        if generator.random() < WET[group]:
            whole = _in_a_room(_coloured(whole, generator), generator)
        loudness = integrated_loudness(whole, RATE)
        if loudness > SILENT_LUFS:
            level, spread = LEVELS_LU[group]
            gain = 10 ** ((generator.normal(level, spread) - loudness) / 20)
            groups[group] = np.ascontiguousarray(whole * np.float32(gain))
    return groups


def _played(track: Track, starts: dict[int, int], generator: np.random.Generator) -> F32:
    """An excerpt of a track, the same seconds for all tracks of one length, at a place and level of its own."""
    length, wanted = track.samples.shape[1], round(EXCERPT_S * RATE)
    start = starts.setdefault(length, int(generator.integers(0, max(1, length - wanted))))
    part = track.samples[:, start : start + wanted]
    part = np.pad(part, ((0, 0), (0, wanted - part.shape[1])))
    pan = 0.0 if track.role in STEADY else float(generator.uniform(-0.8, 0.8))
    angle = (pan + 1) * np.pi / 4
    gain = 10 ** (generator.uniform(-3, 3) / 20) * 2**0.5
    return np.asarray(part * np.array([[np.cos(angle)], [np.sin(angle)]]) * gain, np.float32)


def _coloured(samples: F32, generator: np.random.Generator) -> F32:
    bands = [
        ["lowshelf", generator.uniform(80, 250), generator.uniform(-4, 4)],
        ["peak", 10 ** generator.uniform(2.3, 3.7), generator.uniform(-4, 4), 1.0],
        ["highshelf", generator.uniform(3000, 8000), generator.uniform(-4, 4)],
    ]
    return np.asarray(equalise(samples.astype(np.float64), bands, RATE), np.float32)


def _in_a_room(samples: F32, generator: np.random.Generator) -> F32:
    """With noise that dies away as a room, another on each side."""
    seconds = generator.uniform(0.5, 2.0)
    time = np.arange(round(seconds * RATE)) / RATE
    room = generator.standard_normal((2, len(time))) * 10 ** (-3 * time / seconds)
    room *= 10 ** (generator.uniform(-24, -9) / 20) / np.sqrt(np.square(room).sum(1, keepdims=True))
    wet = fftconvolve(samples, room, axes=1)[:, : samples.shape[1]]
    return np.asarray(samples + wet, np.float32)


def _mastered(total: F32, generator: np.random.Generator) -> F32:
    """At -14 LUFS, half of them driven into a soft ceiling on the way."""
    peak = float(np.abs(total).max())
    if generator.random() < 0.5:
        drive = 10 ** (generator.uniform(0, 8) / 20)
        total = np.tanh(total * np.float32(drive / peak))
    gain = 10 ** ((-14 - integrated_loudness(total, RATE)) / 20)
    return np.ascontiguousarray(total * np.float32(gain))
