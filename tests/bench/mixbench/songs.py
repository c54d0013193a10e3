"""The multitracks: which of them anything may be tuned on, and which are for the test alone.

Every song is an excerpt of twelve seconds at 44.1 kHz in which, together, most is heard of its tracks. The roles are
told, as a user would set them; a track whose instrument nobody named stays ``other``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F32
from mixer.loudness import integrated_loudness
from mixer.roles import Group, Role, role_from_name
from tests.bench.mixbench.made import MADE, made_tracks
from tests.bench.mixbench.places import DEMO_SONG, RATE
from tests.signals import SONGS

EXCERPT_S = 12.0
SILENCE_LUFS = -60.0
"""A track below this in the excerpt is left out of the song."""
REAL = {"rock": False, "country": True, "britpop": True}
"""Real multitracks by name, and whether they are for the test alone."""
_TOLD = {
    "vocals_2": Role.BACKING_VOCAL,
    "MusicDelta_Britpop_RAW_01_01": Role.DRUMS,
    "MusicDelta_Britpop_RAW_02_01": Role.BASS,
    "MusicDelta_Britpop_RAW_07_01": Role.LEAD_VOCAL,
    "MusicDelta_Britpop_RAW_08_01": Role.BACKING_VOCAL,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One recorded track: audio ``[1 or 2, time]``."""

    name: str
    role: Role
    audio: F32


@dataclass(frozen=True, slots=True)
class Multitrack:
    """A song to mix."""

    name: str
    test: bool
    """Nothing is tuned on it."""
    parts: tuple[Part, ...]

    @property
    def frames(self) -> int:
        """Length at 44.1 kHz."""
        return int(self.parts[0].audio.shape[1])

    @property
    def groups(self) -> tuple[Group, ...]:
        """The stem groups that have a track, in their usual order."""
        present = {part.role.group for part in self.parts}
        return tuple(group for group in Group if group in present)

    def rows(self, group: Group) -> list[int]:
        """Indices of a group's tracks."""
        return [index for index, part in enumerate(self.parts) if part.role.group == group]

    def stereo(self) -> F32:
        """All tracks ``[tracks, 2, time]``, mono ones on both sides."""
        return np.stack([np.broadcast_to(part.audio, (2, self.frames)) for part in self.parts]).astype(np.float32)


def names() -> list[str]:
    """All songs of the benchmark, whether or not what they need is there."""
    return [*REAL, "demo", *(song.name for song in MADE)]


def load(wanted: Sequence[str]) -> tuple[list[Multitrack], list[str]]:
    """The songs of these names that can be had here, and a sentence about each that cannot."""
    found, missing = [], []
    for name in wanted:
        try:
            found.append(_load(name))
        except (FileNotFoundError, ModuleNotFoundError) as error:
            missing.append(f"{name} was left out: {error}")
    return found, missing


def _load(name: str) -> Multitrack:
    if name in REAL:
        return excerpt(name, REAL[name], _read(SONGS / name))
    if name == "demo":
        return excerpt(name, False, _read(DEMO_SONG))
    song = next(song for song in MADE if song.name == name)
    tracks = [Part(f"{track.role}-{row}", track.role, track.audio) for row, track in enumerate(made_tracks(song))]
    return excerpt(name, song.test, tracks)


def _read(folder: Path) -> list[Part]:
    files = sorted(path for path in folder.glob("*") if path.suffix in audio.SUFFIXES)
    if not files:
        raise FileNotFoundError(f"its recordings ({folder.name}) are not beside this checkout")
    return [Part(file.stem, _role(file.stem), audio.read(file, RATE)[0]) for file in files]


def _role(stem: str) -> Role:
    guess = role_from_name(stem)
    return _TOLD.get(stem, guess.role if guess else Role.OTHER)


def excerpt(name: str, test: bool, parts: Sequence[Part]) -> Multitrack:
    """The twelve seconds that tell most about all tracks; those that are silent there are left out."""
    frames = min(round(EXCERPT_S * RATE), max(part.audio.shape[1] for part in parts))
    start = _telling_start(parts, frames)
    cut = [Part(part.name, part.role, _window(part.audio, start, frames)) for part in parts]
    heard = [part for part in cut if integrated_loudness(part.audio, RATE) > SILENCE_LUFS]
    return Multitrack(name, test, tuple(heard))


def _window(x: F32, start: int, frames: int) -> F32:
    piece = x[:, start : start + frames]
    return np.ascontiguousarray(np.pad(piece, ((0, 0), (0, frames - piece.shape[1]))), np.float32)


def _telling_start(parts: Sequence[Part], frames: int) -> int:
    """The start, in whole seconds, from which the tracks' shares of their own energy have the largest sum of roots."""
    length = max(part.audio.shape[1] for part in parts)
    best, best_told = 0, -1.0
    for start in range(0, length - frames + 1, RATE):
        energies = [
            (np.square(part.audio[:, start : start + frames]).sum(), np.square(part.audio).sum()) for part in parts
        ]
        told = sum(float(np.sqrt(here / max(whole, 1e-12))) for here, whole in energies)
        if told > best_told + 1e-9:
            best, best_told = start, told
    return best
