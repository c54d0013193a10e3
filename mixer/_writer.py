"""Audio files out: quantised here, encoded by ``mixer._encoders``, and put in place only when whole."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from mixer._encoders import Encoder, open_encoder
from mixer.arrays import F32
from mixer.errors import AudioError

Depth = Literal["24", "16", "float"]

_BLOCK = 65_536
_DITHER_SEED = 1  # any number would do; it is fixed so that the same mix gives the same file
_WRITABLE = (".wav", ".flac", ".ogg")


class Writer:
    """Writes an audio file block by block, so that a mix of any length needs little memory, and never half a file.

    The samples go to a temporary file in the same folder, which takes the target's place when the ``with`` block ends
    well and is removed when it does not. The suffix chooses the format: ``.wav`` (RF64 from 4 GB on), ``.flac`` or
    ``.ogg`` (Vorbis; lossy, so ``depth`` is without meaning there).

    16 bit gets triangular dither of 2 LSB width (Lipshitz, Wannamaker, Vanderkooy, JAES 40(5), 1992) from a fixed
    seed: noise of -96 dBFS that no longer depends on the signal. A sample that is exactly 0 stays 0, so digital silence
    stays silent. 24 bit is rounded (-146 dBFS). The same samples give the same bytes, however they are cut into blocks.

    Args:
        path: the file to write or replace; its folder must exist.
        sample_rate: in Hz.
        channels: 1 or 2.
        depth: "24" or "16" bits, or "float" (32 bit, WAV only).

    Attributes:
        clipped: how many samples were beyond full scale and were cut off there (16 and 24 bit only).

    Raises:
        AudioError: the folder is missing or may not be written to, the disk is full, the suffix or depth cannot be
            written, a sample is NaN or infinite, or no sample was written.
    """

    def __init__(self, path: str | PathLike[str], sample_rate: int, channels: int, depth: Depth = "24") -> None:
        self.path = Path(path)
        self.sample_rate = sample_rate
        self.channels = channels
        self.depth: Depth = depth
        self.clipped = 0
        self._frames = 0
        self._dither = np.random.default_rng(_DITHER_SEED)
        self._temporary = self.path.with_name(f".faderwise-{secrets.token_hex(8)}.part")
        self._file: BinaryIO | None = None
        self._encoder: Encoder | None = None
        suffix = self.path.suffix.lower()
        if channels not in (1, 2) or sample_rate < 1 or depth not in get_args(Depth):
            raise ValueError(f"cannot write {channels} channels at {sample_rate} Hz with depth {depth!r}")
        if suffix not in _WRITABLE:
            raise AudioError(f"{path}: cannot write {suffix or 'a name without suffix'}; end it in .wav, .flac or .ogg")
        if suffix == ".flac" and depth == "float":
            raise AudioError(f"{path}: FLAC holds 16 or 24 bit, not float; choose one of those, or .wav")

    def __enter__(self) -> Self:
        if self.path.is_dir():
            raise AudioError(f"{self.path}: is a folder; give the name of a file in it")
        try:
            self._file = self._temporary.open("x+b")
            self._encoder = open_encoder(
                self._file, self.path.suffix.lower(), self.sample_rate, self.channels, self.depth
            )
        except BaseException as error:
            self._discard()
            raise self._explained(error) from None
        return self

    def write(self, block: F32) -> None:
        """Appends samples; full scale is 1.0.

        Shape:
            block: ``[channels, time]``, any length
        """
        if self._encoder is None:
            raise ValueError("a Writer writes inside its `with` block")
        if block.ndim != 2 or block.shape[0] != self.channels:
            raise ValueError(f"a block is [{self.channels}, time], not {list(block.shape)}")
        try:
            for at in range(0, block.shape[1], _BLOCK):
                frames = np.ascontiguousarray(block[:, at : at + _BLOCK].T, np.float32)  # [time, channels]
                self._check_finite(frames)
                self._encoder.write(self._quantised(frames) if self._encoder.takes_integers else frames)
                self._frames += len(frames)
        except (OSError, AudioError) as error:
            raise self._explained(error) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            if not self._frames:
                raise AudioError(f"{self.path}: there are no samples to write")
            self._finish()
        except BaseException as failure:
            self._discard()
            raise self._explained(failure) from None

    def _finish(self) -> None:
        assert self._encoder is not None
        assert self._file is not None
        self._encoder.finish()
        self._encoder = None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self.path)

    def _discard(self) -> None:
        if self._encoder is not None:
            self._encoder.abandon()
            self._encoder = None
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # what is still buffered does not fit either
            self._file.close()
        self._temporary.unlink(missing_ok=True)

    def _check_finite(self, frames: F32) -> None:
        finite = np.isfinite(frames)
        if not finite.all():
            at = (self._frames + int(np.argwhere(~finite)[0][0])) / self.sample_rate
            raise AudioError(
                f"{self.path}: not written, the sample at {at:.4f} s is NaN or infinite; look at the settings there"
            )

    def _quantised(self, frames: F32) -> npt.NDArray[np.int32]:
        """``[time, channels]`` as integers of the chosen depth in the upper bits of 32."""
        bits = int(self.depth)
        full_scale = 1 << (bits - 1)
        self.clipped += int(np.count_nonzero(np.abs(frames) > 1.0))
        scaled = frames.astype(np.float64) * full_scale
        if bits == 16:
            noise = self._dither.random((*frames.shape, 2))  # drawn frame by frame: blocks do not matter
            scaled += np.where(frames == 0.0, 0.0, noise[..., 0] - noise[..., 1])
        whole = np.clip(np.rint(scaled), -full_scale, full_scale - 1).astype(np.int32)
        return whole << (32 - bits)

    def _explained(self, error: BaseException) -> BaseException:
        """The one line for the user where the system refused; any other error as it is."""
        if not isinstance(error, OSError):
            return error
        folder = self.path.parent
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return AudioError(f"{self.path}: there is no folder {folder}; create it or choose another")
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            return AudioError(f"{self.path}: the folder {folder} may not be written to; choose another")
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return AudioError(f"{self.path}: the disk is full; free some space or choose another folder")
        return AudioError(f"{self.path}: cannot be written ({error.strerror or error}); choose another place or format")


def write(path: str | PathLike[str], audio: F32, sample_rate: int, *, depth: Depth = "24") -> None:
    """Writes a whole signal, as ``Writer`` does.

    Shape:
        audio: ``[channels, time]``

    Raises:
        AudioError: as ``Writer``.
    """
    with Writer(path, sample_rate, audio.shape[0], depth) as writer:
        writer.write(audio)
