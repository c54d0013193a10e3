"""Samples to the bytes of a WAV, FLAC or OGG file.

WAV is packed here: libsndfile stamps the time of day into float files, and must be told beforehand that a file will
outgrow 4 GB. FLAC and OGG are libsndfile's, whose writing goes through ``_Sink`` so that a full disk is noticed.
"""

from __future__ import annotations

import contextlib
import errno
import struct
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import soundfile as sf

from mixer._ogg import set_stream_serial

Frames = npt.NDArray[np.number[Any]]

_OGG_SERIAL = 0x46575731
_CALL = 4_096  # frames: libvorbis takes its stack by the length of a call, and its choices depend on it


class Encoder(Protocol):
    """Takes frames ``[time, channels]``: int32 of full scale 2**31 where ``takes_integers``, else float32."""

    @property
    def takes_integers(self) -> bool: ...

    def write(self, frames: Frames) -> None: ...

    def finish(self) -> None:
        """Completes the file, which stays open."""

    def abandon(self) -> None:
        """Lets go of the file, whatever state it is in."""


def open_encoder(file: BinaryIO, suffix: str, sample_rate: int, channels: int, depth: str) -> Encoder:
    """The encoder for ``suffix`` (".wav", ".flac", ".ogg") and depth ("16", "24", "float"), onto an empty file."""
    if suffix == ".wav":
        return _WavEncoder(file, sample_rate, channels, depth)
    return _LibraryEncoder(file, suffix, sample_rate, channels, depth)


def wav_header(sample_rate: int, channels: int, depth: str, frames: int) -> bytes:
    """The bytes before the samples of a WAV file; from 4 GB on of an RF64 file (EBU Tech 3306), of the same length.

    The room for RF64's long sizes is a JUNK chunk in a short file, so that the choice can be made at the end.
    """
    size = {"16": 2, "24": 3, "float": 4}[depth]
    tag = 3 if depth == "float" else 1  # WAVE_FORMAT_IEEE_FLOAT, WAVE_FORMAT_PCM
    of_frame = size * channels
    of_data = frames * of_frame
    layout = struct.pack("<HHIIHH", tag, channels, sample_rate, sample_rate * of_frame, of_frame, size * 8)
    if depth == "float":
        layout += struct.pack("<H4sII", 0, b"fact", 4, min(frames, 0xFFFFFFFF))
        chunks = struct.pack("<4sI", b"fmt ", 18) + layout
    else:
        chunks = struct.pack("<4sI", b"fmt ", 16) + layout
    of_riff = 4 + 36 + len(chunks) + 8 + of_data + of_data % 2
    if of_riff <= 0xFFFFFFFF:
        head = struct.pack("<4sI4s4sI28x", b"RIFF", of_riff, b"WAVE", b"JUNK", 28)
        return head + chunks + struct.pack("<4sI", b"data", of_data)
    head = struct.pack("<4sI4s4sIQQQI", b"RF64", 0xFFFFFFFF, b"WAVE", b"ds64", 28, of_riff, of_data, frames, 0)
    return head + chunks + struct.pack("<4sI", b"data", 0xFFFFFFFF)


class _WavEncoder:
    def __init__(self, file: BinaryIO, sample_rate: int, channels: int, depth: str) -> None:
        self._file = file
        self._layout = (sample_rate, channels, depth)
        self._frames = 0
        self.takes_integers = depth != "float"
        file.write(wav_header(*self._layout, 0))

    def write(self, frames: Frames) -> None:
        _, _, depth = self._layout
        if depth == "16":
            packed = (frames.astype(np.int32) >> 16).astype("<i2").tobytes()
        elif depth == "24":
            quads = frames.astype("<i4").view(np.uint8).reshape(-1, 4)  # [samples, bytes], the lowest first
            packed = quads[:, 1:].tobytes()
        else:
            packed = frames.astype("<f4").tobytes()
        self._file.write(packed)
        self._frames += len(frames)

    def finish(self) -> None:
        header = wav_header(*self._layout, self._frames)
        if (self._file.tell() - len(header)) % 2:
            self._file.write(b"\0")
        self._file.seek(0)
        self._file.write(header)

    def abandon(self) -> None:
        pass


class _LibraryEncoder:
    def __init__(self, file: BinaryIO, suffix: str, sample_rate: int, channels: int, depth: str) -> None:
        self._sink = _Sink(file)
        self._is_ogg = suffix == ".ogg"
        self.takes_integers = not self._is_ogg
        name, subtype = ("OGG", "VORBIS") if self._is_ogg else ("FLAC", f"PCM_{depth}")
        try:
            self._library = _Stream(self._sink, "w", sample_rate, channels, subtype, format=name)
        except sf.SoundFileError:
            self._sink.check()
            raise OSError(errno.EINVAL, f"{name} does not hold {channels} channels at {sample_rate} Hz") from None
        self._held: Frames = np.empty((0, channels), np.int32 if self.takes_integers else np.float32)

    def write(self, frames: Frames) -> None:
        pending = np.concatenate((self._held, frames))
        whole = len(pending) - len(pending) % _CALL
        for at in range(0, whole, _CALL):
            self._call(self._library.write, pending[at : at + _CALL])
        self._held = pending[whole:].copy()

    def finish(self) -> None:
        self._call(self._library.write, self._held)
        self._call(self._library.close)
        if self._is_ogg:
            set_stream_serial(self._sink.file, _OGG_SERIAL)

    def abandon(self) -> None:
        self._sink.closed = True
        with contextlib.suppress(sf.SoundFileError):
            self._library.close()

    def _call(self, action: Callable[..., None], *arguments: Frames) -> None:
        try:
            action(*arguments)
        except (sf.SoundFileError, AssertionError):  # the latter is how soundfile reports a short write
            self._sink.check()
            raise OSError(errno.EIO, "libsndfile failed") from None
        self._sink.check()


class _Stream(sf.SoundFile):  # type: ignore[misc]  # soundfile carries no types of its own
    """A file that is written strictly forwards: else soundfile seeks around each write."""

    def seekable(self) -> bool:
        return False


class _Sink:
    """The file that libsndfile writes to, which keeps an error for later.

    An exception cannot pass through the C library, and libsndfile forgets some errors when it closes a file. So after
    the first error the sink only pretends to write, and ``check`` raises it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.closed = False
        self._error: BaseException | None = None

    def check(self) -> None:
        if self._error is not None:
            raise self._error

    def write(self, data: bytes) -> int:
        self._attempt(self.file.write, data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._attempt(self.file.seek, offset, whence)

    def tell(self) -> int:
        return self._attempt(self.file.tell)

    def _attempt(self, action: Any, *arguments: Any) -> int:
        if self._error is not None or self.closed:
            return 0
        try:
            return int(action(*arguments))
        except BaseException as error:
            self._error = error
            return 0
