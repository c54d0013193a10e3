"""Songs to export: whole sessions with audio, settings drawn at random, everything on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F32
from mixer.edits import apply
from mixer.processor import Place, chain
from mixer.roles import Role
from mixer.session import Edit, Session, Track
from tests.sessions import make_track
from tests.signals import drawn_chain, music


def write_tracks(folder: Path, sounds: dict[str, F32], file_rate: int, suffix: str = ".wav") -> list[Track]:
    """Tracks by name, their audio written beside the session."""
    tracks = []
    for index, (name, sound) in enumerate(sounds.items(), 1):
        path = folder / f"{index}{suffix}"
        audio.write(path, sound, file_rate, depth="24" if suffix == ".flac" else "float")
        tracks.append(
            make_track(
                f"t{index}",
                name,
                path=path.name,
                sha256=audio.sha256(path),
                sample_rate=file_rate,
                channels=sound.shape[0],
                frames=sound.shape[1],
                role=list(Role)[index % len(Role)],
            )
        )
    return tracks


def band(seconds: float, rate: int = 44100) -> dict[str, F32]:
    """Two mono and two stereo tracks of different lengths, none of them loud."""
    shapes = {"Kick": 1, "Lead Vox": 1, "Keys": 2, "Gtr": 2}
    return {
        name: 0.3 * music(seconds * (1 - 0.1 * seed), channels, seed, rate)
        for seed, (name, channels) in enumerate(shapes.items())
    }


def everything_on(session: Session, seed: int, *, limiter: bool = True) -> Session:
    """Every strip, every send, the reverb and the master at drawn settings."""
    rng = np.random.default_rng(seed)
    edits = []
    targets = {track.id: (Place.STRIP, Place.SEND) for track in session.tracks}
    for target, places in {**targets, "reverb": (Place.BUS,), "master": (Place.MASTER,)}.items():
        for place in places:
            values = {name: dict(knobs) for name, knobs in drawn_chain(place, rng).items()}
            if target == "master":
                values["limiter"] |= {"active": float(limiter), "ceiling_db": -6.0}
            for entry in chain(place):
                for knob, value in values[entry.name].items():
                    edits.append(Edit(address=f"{target}.{entry.name}.{knob}", before=None, after=value))
    return apply(session, edits, "set", "everything on")


def song(folder: Path, seconds: float = 3.0, rate: int = 44100) -> Session:
    """The band as a session at its defaults."""
    folder.mkdir(parents=True, exist_ok=True)
    return Session(name="Song", sample_rate=rate, tracks=write_tracks(folder, band(seconds, rate), rate))
