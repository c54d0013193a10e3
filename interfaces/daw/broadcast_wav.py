"""Broadcast WAV files (EBU Tech 3285): samples with the place in time where they belong, so that stems line up.

Written in one go, since the length is known before: RF64 (EBU Tech 3306) from 4 GB on.
"""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

import numpy as np

from mixer.arrays import F32
from mixer.errors import AudioError

Depth = Literal["24", "float"]
_BYTES = {"24": 3, "float": 4}
_LARGEST = 0xFFFFFFFF
_EXTENSIBLE, _FLOAT, _PCM = 0xFFFE, 3, 1
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")  # of KSDATAFORMAT_SUBTYPE_PCM and _IEEE_FLOAT


def bext_chunk(description: str, sample_rate: int, depth: Depth, channels: int, *, time_reference: int = 0) -> bytes:
    """The chunk ``bext``, version 1. ``time_reference`` counts samples since midnight: 0 is the song's start.

    Date and time of origin are left empty, so that the same session gives the same file.
    """
    text = description.encode("ascii", "replace")[:256]
    history = f"A={'PCM' if depth == '24' else 'FLOAT'},F={sample_rate},W={8 * _BYTES[depth]},"
    history += f"M={'mono' if channels == 1 else 'stereo'},T=Faderwise\r\n"
    coding = history.encode("ascii") + b"\0" * (len(history) % 2)
    fixed = struct.pack("<256s32s32s10s8sQH64s190x", text, b"Faderwise", b"", b"", b"", time_reference, 1, b"")
    return struct.pack("<4sI", b"bext", len(fixed) + len(coding)) + fixed + coding


def wav_head(sample_rate: int, channels: int, depth: Depth, frames: int, bext: bytes = b"") -> bytes:
    """All that stands before the samples."""
    size = _BYTES[depth]
    tag = _FLOAT if depth == "float" else _PCM
    shape = (channels, sample_rate, sample_rate * size * channels, size * channels, 8 * size)
    if channels > 2:
        layout = struct.pack("<HHIIHHHHIH", _EXTENSIBLE, *shape, 22, 8 * size, 0, tag) + _GUID_TAIL
    else:
        layout = struct.pack("<HHIIHHH", tag, *shape, 0)
    chunks = bext + struct.pack("<4sI", b"fmt ", len(layout)) + layout
    if depth == "float":
        chunks += struct.pack("<4sII", b"fact", 4, min(frames, _LARGEST))
    of_data = frames * size * channels
    of_riff = 4 + len(chunks) + 8 + of_data + of_data % 2
    if of_riff <= _LARGEST:
        return struct.pack("<4sI4s", b"RIFF", of_riff, b"WAVE") + chunks + struct.pack("<4sI", b"data", of_data)
    long = struct.pack("<4sIQQQI", b"ds64", 28, of_riff + 36, of_data, frames, 0)
    head = struct.pack("<4sI4s", b"RF64", _LARGEST, b"WAVE") + long + chunks
    return head + struct.pack("<4sI", b"data", _LARGEST)


class WavFile:
    """A WAV of a length that is known; used with ``with``, and thrown away by whoever catches its errors.

    Attributes:
        clipped: samples beyond full scale that 24 bit cut off.
    """

    def __init__(
        self, path: Path, sample_rate: int, channels: int, frames: int, depth: Depth, bext: bytes = b""
    ) -> None:
        self.path, self.depth, self.frames, self.clipped = path, depth, frames, 0
        self._head = wav_head(sample_rate, channels, depth, frames, bext)
        self._written = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self._file = self.path.open("xb")
            self._file.write(self._head)
        except OSError as error:
            raise AudioError(f"{self.path}: cannot be written ({error.strerror or error}); choose another") from None
        return self

    def write(self, block: F32) -> None:
        """The next samples ``[channels, n]``; AudioError where one is no number or the disk is full."""
        if not np.isfinite(block).all():
            raise AudioError(f"{self.path}: a sample is NaN or infinite; look at the settings there")
        assert self._file is not None
        try:
            self._file.write(self._packed(np.ascontiguousarray(block.T)))
        except OSError as error:
            raise AudioError(f"{self.path}: cannot be written ({error.strerror or error}); free some space") from None
        self._written += block.shape[1]

    def _packed(self, frames: F32) -> bytes:
        if self.depth == "float":
            return frames.astype("<f4").tobytes()
        self.clipped += int(np.count_nonzero(np.abs(frames) > 1.0))
        whole = np.clip(np.rint(frames.astype(np.float64) * 2**23), -(2**23), 2**23 - 1).astype("<i4")
        return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()  # [samples, bytes], the lowest first

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._file is not None
        with self._file as file:
            if kind is None:
                if self._written != self.frames:
                    raise ValueError(f"{self.path}: {self._written} frames were written of {self.frames}")
                if (file.tell() - len(self._head)) % 2:
                    file.write(b"\0")
