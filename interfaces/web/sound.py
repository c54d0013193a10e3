"""Audio as browsers take it: files as they are where that can be, else FLAC at the session's rate."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mixer import audio
from mixer.arrays import F32
from mixer.render import track_source
from mixer.session import Track

SMALL = frozenset({".flac", ".ogg"})
"""Endings of files that every browser decodes, and that are small already."""
NEAR = SMALL | {".wav"}
"""The same where nothing has to travel."""
_SUBTYPES = frozenset({"PCM_16", "PCM_24", "FLOAT", "VORBIS"})
_ENCODINGS: tuple[tuple[str, audio.Depth], ...] = ((".flac", "24"), (".wav", "float"))
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class BrowserFile:
    """A file that a browser decodes to exactly the frames that the console would be given."""

    path: Path
    made: bool
    """Whether it was written for this, or is the user's own."""


def track_file(
    track: Track, sample_rate: int, session_folder: Path, target: Path, *, endings: frozenset[str] = SMALL
) -> BrowserFile:
    """A track for a browser: its own file where that fits, else written beside ``target`` with an ending of its own.

    Raises:
        AudioError: it cannot be read or written.
    """
    path = session_folder / track.path
    if fits(path, sample_rate, track.channels, endings):
        return BrowserFile(path, made=False)
    source = track_source(track, sample_rate, session_folder)
    return BrowserFile(encoded(lambda: source.open(_BLOCK), sample_rate, target), made=True)


def fits(path: Path, sample_rate: int, channels: int, endings: frozenset[str] = SMALL) -> bool:
    """Whether a browser can have the file as it is, without resampling anything."""
    info = audio.probe(path)
    ready = path.suffix.lower() in endings and info.subtype in _SUBTYPES
    return ready and (info.sample_rate, info.channels) == (sample_rate, channels)


def encoded(blocks: Callable[[], Iterator[F32]], sample_rate: int, target: Path) -> Path:
    """Audio as 24 bit FLAC in a file called like ``target``; as float WAV if anything is beyond full scale."""
    for suffix, depth in _ENCODINGS:
        path, pieces = target.with_name(f"{target.name}{suffix}"), blocks()
        first = next(pieces)
        with audio.Writer(path, sample_rate, first.shape[0], depth) as writer:
            for block in itertools.chain([first], pieces):
                writer.write(block)
        if not writer.clipped:
            break
        if suffix != _ENCODINGS[-1][0]:
            path.unlink()
    return path
