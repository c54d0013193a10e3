"""Audio files in and out: what they are, their samples as float32 ``[channels, time]``, and at another sample rate.

Reads WAV, RF64, W64, FLAC, OGG (Vorbis, Opus), MP3, AIFF and CAF; writes WAV, FLAC and OGG (``Writer``, ``write``).
A file is read the same way whether in one piece or in blocks, from its start or from the middle: one decoder, one
resampler. Full scale is 1.0; float and lossy files may go beyond it and are not clipped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path

import numpy as np

from mixer._reader import HIGHEST_SAMPLE_RATE, LOWEST_SAMPLE_RATE, AudioInfo, Stream, cannot_read, decoded, opened
from mixer._resampler import entry_for, resample, resampled, resampled_frames
from mixer._writer import Depth, Writer, write
from mixer.arrays import F32
from mixer.errors import AudioError

__all__ = [
    "F32",
    "HIGHEST_SAMPLE_RATE",
    "LOWEST_SAMPLE_RATE",
    "SUFFIXES",
    "AudioInfo",
    "Depth",
    "Writer",
    "blocks",
    "is_dual_mono",
    "probe",
    "read",
    "resample",
    "resampled_frames",
    "sha256",
    "write",
]

SUFFIXES = frozenset(
    {".wav", ".rf64", ".w64", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".aifc", ".caf"}
)
"""Endings, in lower case, of the files that can be read."""


def probe(path: str | PathLike[str]) -> AudioInfo:
    """What a file is, from its header alone (a FLAC that does not say its length is decoded once to count it).

    Raises:
        AudioError: the file is missing, a folder, unreadable, empty, not audio, cut short (WAV, AIFF), without samples,
            of more than two channels, or of a sample rate outside 8 to 384 kHz.
    """
    with opened(Path(path)) as (_, info):
        return info


def read(
    path: str | PathLike[str], sample_rate: int | None = None, *, start: int = 0, frames: int | None = None
) -> tuple[F32, int]:
    """The samples of a file and their sample rate, resampled if ``sample_rate`` (Hz) is given and another.

    ``start`` and ``frames`` count frames at the returned rate, and may reach past the end: what is there is returned,
    if nothing then ``[channels, 0]``. A segment is the same samples as in the whole file, apart from the rounding of
    float32 (below -140 dBFS) where it is resampled.

    Shape:
        returned audio: float32 ``[channels, time]``, 1 or 2 channels

    Raises:
        AudioError: as in ``probe``; or the samples are damaged, fewer than the header says, NaN or infinite.
    """
    _check_counts(start=start, frames=frames or 0)
    path = Path(path)
    with opened(path) as (file, info):
        rate = sample_rate or info.sample_rate
        wanted = max(0, resampled_frames(info.frames, info.sample_rate, rate) - start)
        if frames is not None:
            wanted = min(wanted, frames)
        try:
            audio = np.empty((info.channels, wanted), np.float32)
        except MemoryError:
            hours = wanted / rate / 3600
            raise AudioError(f"{path}: {hours:.1f} hours do not fit into memory; cut it into shorter files") from None
        filled = 0
        for piece in _pieces(file, info, rate, start):
            taken = piece[:, : wanted - filled]
            audio[:, filled : filled + taken.shape[1]] = taken
            filled += taken.shape[1]
            if filled == wanted:
                break
    return np.ascontiguousarray(audio[:, :filled]), rate


def blocks(
    path: str | PathLike[str], sample_rate: int | None = None, *, block: int = 65_536, start: int = 0
) -> Iterator[F32]:
    """The samples that ``read`` returns, ``block`` frames at a time, in memory that does not grow with the file.

    ``sample_rate`` is in Hz, ``start`` counts frames at that rate. A file is opened when the first block is asked for.

    Shape:
        each block: float32 ``[channels, block]``, the last one shorter

    Raises:
        AudioError: as ``read``.
    """
    _check_counts(start=start)
    if block < 1:
        raise ValueError(f"block is {block}; it counts frames, from 1 on")
    return _rechunked(_file_pieces(Path(path), sample_rate, start), block)


def sha256(path: str | PathLike[str]) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal: how a session knows its audio again.

    Raises:
        AudioError: the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot_read(Path(path), error) from None


def is_dual_mono(path: str | PathLike[str]) -> bool:
    """Whether a stereo file holds one mono signal twice, sample for sample (as the float32 that a mix is made of).

    Raises:
        AudioError: as ``read``.
    """
    return all(piece.shape[0] == 2 and np.array_equal(piece[0], piece[1]) for piece in blocks(path))


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 0:
            raise ValueError(f"{name} is {count}; it counts frames, from 0 on")


def _file_pieces(path: Path, sample_rate: int | None, start: int) -> Iterator[F32]:
    with opened(path) as (file, info):
        yield from _pieces(file, info, sample_rate or info.sample_rate, start)


def _pieces(file: Stream, info: AudioInfo, rate: int, start: int) -> Iterator[F32]:
    """The file from frame ``start`` at ``rate`` on, in pieces of whatever length comes."""
    if rate == info.sample_rate:
        return decoded(file, info, start)
    entry = entry_for(start, info.sample_rate, rate)
    return resampled(decoded(file, info, entry[0]), info.channels, info.sample_rate, rate, entry, start)


def _rechunked(pieces: Iterable[F32], block: int) -> Iterator[F32]:
    held: list[F32] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += piece.shape[1]
        if length < block:
            continue
        joined = np.concatenate(held, axis=1)
        whole = length - length % block
        for at in range(0, whole, block):
            yield np.ascontiguousarray(joined[:, at : at + block])
        held, length = [joined[:, whole:]], length - whole
    if length:
        yield np.concatenate(held, axis=1)
