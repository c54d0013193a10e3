"""Multitracks in styles of the world: arranged by MMA, played by fluidsynth one track at a time, and cached.

The arranging and playing is that of ``datasets/make_separation_corpus.py``; here every track of the arrangement is a
track of the song, and the drum set is taken apart into kick, snare, hats and so on.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F32
from mixer.roles import Role
from tests.bench.mixbench.places import CACHE, RATE, ROOT

RECORDED_DB = -22.0
UNEVEN_DB = 7.0
"""Tracks are recorded up to this far above or below ``RECORDED_DB`` (RMS): raw tracks are not balanced."""
MONO = frozenset({Role.KICK, Role.SNARE, Role.HATS, Role.BASS, Role.GUITAR})
"""Recorded with one microphone or plugged in."""


@dataclass(frozen=True, slots=True)
class MadeSong:
    """A recipe: an MMA groove, a chord a bar, and a sound font; the seed is that of the recording levels."""

    name: str
    test: bool
    groove: str
    tempo: int
    chords: str
    font: str
    seed: int


@dataclass(frozen=True, slots=True)
class MadeTrack:
    """A track as it was played, ``[1 or 2, time]``."""

    role: Role
    audio: F32


MADE = (
    MadeSong("samba", False, "Samba", 104, "Em7 A7 DM7 GM7 C#m7 F#7 Bm6 B7", "FluidR3_GM", 1),
    MadeSong("bluegrass", False, "Bluegrass", 116, "G G C G D G C D", "FluidR3_GM", 2),
    MadeSong("trance", False, "Trance", 134, "Fm Db Ab Eb Fm Db Bbm C", "FluidR3_GM", 3),
    MadeSong("tango", True, "Tango", 112, "Dm A7 Dm Gm Dm E7 A7 Dm", "TimGM6mb", 4),
    MadeSong("big-band", True, "BigBand", 138, "Bb G7 Cm7 F7 Dm7 G7 Cm7 F7", "TimGM6mb", 5),
    MadeSong("desert", True, "Desert", 100, "Am Am E7 Am Dm Am E7 Am", "TimGM6mb", 6),
)


def made_tracks(song: MadeSong) -> list[MadeTrack]:
    """The tracks of a song, from the cache where it was made before.

    Raises:
        FileNotFoundError: mma, fluidsynth or the sound font is not installed.
        ModuleNotFoundError: mido is not installed.
    """
    folder = CACHE / "made" / f"{song.name}-{song.seed}"
    if not folder.is_dir():
        for command in ("mma", "fluidsynth"):
            if shutil.which(command) is None:
                raise FileNotFoundError(f"{command} is not installed")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            made = Path(scratch) / "tracks"
            made.mkdir()
            _make(song, made, Path(scratch))
            made.rename(folder)
    return [MadeTrack(Role(file.stem.split("-")[1]), audio.read(file, RATE)[0]) for file in sorted(folder.iterdir())]


def _make(song: MadeSong, target: Path, scratch: Path) -> None:
    if str(ROOT / "datasets") not in sys.path:
        sys.path.append(str(ROOT / "datasets"))
    import make_separation_corpus as corpus
    import midi_tracks

    font = corpus.FLUID.with_name(f"{song.font}.sf2")
    if not font.is_file():
        raise FileNotFoundError(f"the sound font {font.name} is not installed")
    midi = corpus.arranged(corpus.Song("", song.name, song.groove, song.tempo, song.chords, font), scratch)
    silent = [track for track in midi.tracks if midi_tracks.stem_of(track) is None]
    rng = np.random.default_rng(song.seed)
    parts = [(role, part) for track in midi.tracks for role, part in midi_tracks.pieces(track)]
    for row, (role, part) in enumerate(parts):
        alone = type(midi)(type=1, ticks_per_beat=midi.ticks_per_beat, tracks=[*silent, part])
        stem = midi_tracks.stem_of(part)
        if stem is None:
            raise ValueError(f"{song.name}: a track without notes was taken for one with notes")
        level_db = RECORDED_DB + rng.uniform(-UNEVEN_DB, UNEVEN_DB)
        corpus.play(alone, stem, font, level_db, scratch / "track.wav", scratch)
        played, _ = audio.read(scratch / "track.wav", RATE)
        if role in MONO:
            played = played.mean(axis=0, keepdims=True)
        safe = np.float32(min(1.0, 0.97 / np.abs(played).max()))
        audio.write(target / f"{row:02}-{role}.flac", played * safe, RATE)
