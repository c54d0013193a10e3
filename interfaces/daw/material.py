"""A track's audio as every other program takes it: a WAV at the session's rate, inside the project."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from mixer import audio
from mixer.render import track_source
from mixer.session import Track

_BLOCK = 1 << 18
_TAKEN_AS_IS = frozenset({"PCM_16", "PCM_24", "PCM_32", "FLOAT"})


@dataclass(frozen=True, slots=True)
class Material:
    """One file that a project plays: what it is at the session's rate."""

    path: Path
    channels: int
    frames: int
    resampled: bool


def place_audio(track: Track, session_folder: Path, target: Path, sample_rate: int) -> Material:
    """Put a track's audio at ``target`` (.wav): a plain copy where it fits, else decoded and resampled to float.

    A copy never shares storage with the user's own file, so that no edit elsewhere can reach it.

    Raises:
        AudioError: the track cannot be read or the target cannot be written.
    """
    source_path = session_folder / track.path
    info = audio.probe(source_path)
    source = track_source(track, sample_rate, session_folder)
    same_shape = (info.sample_rate, info.channels) == (sample_rate, track.channels)
    if same_shape and info.format == "WAV" and info.subtype in _TAKEN_AS_IS:
        shutil.copyfile(source_path, target)
    else:
        with audio.Writer(target, sample_rate, track.channels, "float") as writer:
            for block in source.open(_BLOCK):
                writer.write(block)
    return Material(target, source.channels, source.frames, info.sample_rate != sample_rate)


def file_name(index: int, track: Track) -> str:
    """A name for the copy that any file system takes and that sorts like the tracks: ``03-bass_di.wav``."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "" for c in track.id)
    return f"{index:02d}-{plain[:40] or 'track'}.wav"
