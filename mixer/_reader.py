"""One file, opened, checked and decoded forwards: what stands between libsndfile and ``mixer.audio``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from mixer._container import missing_sample_bytes
from mixer.arrays import F32
from mixer.errors import AudioError

LOWEST_SAMPLE_RATE = 8_000
HIGHEST_SAMPLE_RATE = 384_000

_BLOCK = 65_536
_LENGTH_NOT_KNOWN = 2**62  # libsndfile's SF_COUNT_MAX, for a FLAC that was written into a pipe, is above this
_LOSSY = frozenset({"VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"})


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of an audio file says.

    ``sample_rate`` is in Hz; ``format`` and ``subtype`` are libsndfile's names ("WAV", "PCM_24"). ``frames`` is exact,
    except for an MP3 of variable bit rate without a length tag, where it is libsndfile's estimate: such a file may
    turn out shorter, and what lies beyond the estimate is not read.
    """

    path: Path
    sample_rate: int
    channels: int
    frames: int
    format: str
    subtype: str

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate


class Stream(sf.SoundFile):  # type: ignore[misc]  # soundfile carries no types of its own
    """A file that is read strictly forwards.

    soundfile seeks to where it already is after each read; in Opus that spoils the samples that follow.
    """

    def seekable(self) -> bool:
        return False


def cannot_read(path: Path, error: OSError) -> AudioError:
    if isinstance(error, FileNotFoundError):
        return AudioError(f"{path}: there is no such file; check its name and folder")
    if isinstance(error, IsADirectoryError):
        return AudioError(f"{path}: is a folder, not an audio file; name a file in it")
    if isinstance(error, PermissionError):
        return AudioError(f"{path}: may not be read; change its permissions")
    return AudioError(f"{path}: cannot be read ({error.strerror or error}); check the disk and the name")


@contextmanager
def opened(path: Path) -> Iterator[tuple[Stream, AudioInfo]]:
    """The file, at its start, and what is in it, or the one line that says why not."""
    try:
        if path.exists() and not path.is_dir() and not path.is_file():
            raise AudioError(f"{path}: is a device or a pipe; name an audio file")
        with path.open("rb") as raw:  # for the system's own reason, which libsndfile does not pass on
            missing = missing_sample_bytes(raw)
            empty = raw.seek(0, 2) == 0
    except OSError as error:
        raise cannot_read(path, error) from None
    if empty:
        raise AudioError(f"{path}: is empty (0 bytes); export or copy it again")
    try:
        file = Stream(str(path))
    except (sf.SoundFileError, TypeError):  # TypeError: soundfile wants to be told all about a ".raw" file
        raise AudioError(f"{path}: is not audio that can be read; give WAV, FLAC, OGG, MP3 or AIFF") from None
    with file:
        if missing:
            raise AudioError(f"{path}: is cut short, {missing} bytes of sound are missing; export or copy it again")
        yield file, _checked_info(path, file)


def _checked_info(path: Path, file: Stream) -> AudioInfo:
    info = AudioInfo(path, file.samplerate, file.channels, file.frames, file.format, file.subtype)
    if info.channels > 2:
        raise AudioError(
            f"{path}: has {info.channels} channels; Faderwise mixes mono and stereo tracks: "
            "split it into mono or stereo files"
        )
    if not LOWEST_SAMPLE_RATE <= info.sample_rate <= HIGHEST_SAMPLE_RATE:
        raise AudioError(
            f"{path}: has a sample rate of {info.sample_rate} Hz; "
            f"convert it to one between {LOWEST_SAMPLE_RATE} and {HIGHEST_SAMPLE_RATE} Hz"
        )
    if info.frames < 1:
        raise AudioError(f"{path}: holds no samples; export it again or leave it out")
    if info.frames < _LENGTH_NOT_KNOWN:
        return info
    with Stream(str(path)) as counted:
        frames = sum(piece.shape[1] for piece in decoded(counted, info, 0))
    return AudioInfo(path, info.sample_rate, info.channels, frames, info.format, info.subtype)


def decoded(file: Stream, info: AudioInfo, start: int) -> Iterator[F32]:
    """The file's own frames from ``start`` on. Lossy codecs do not seek to the sample: they are read from the top."""
    position = 0
    try:
        if info.subtype not in _LOSSY:
            position = file.seek(min(start, info.frames)) if start else 0
        while len(frames := file.read(_BLOCK, dtype="float32", always_2d=True)):  # [time, channels]
            _check_finite(frames, info, position)
            late = max(0, start - position)
            position += len(frames)
            if late < len(frames):
                yield np.ascontiguousarray(frames[late:].T)
    except sf.SoundFileError:
        at = position / info.sample_rate
        raise AudioError(f"{info.path}: is damaged or cut short after {at:.2f} s; export or copy it again") from None
    if position < info.frames < _LENGTH_NOT_KNOWN and info.subtype not in _LOSSY:
        raise AudioError(
            f"{info.path}: is cut short, {position} frames of {info.frames} are there; export or copy it again"
        )


def _check_finite(frames: F32, info: AudioInfo, position: int) -> None:
    finite = np.isfinite(frames)
    if finite.all():
        return
    frame, channel = np.argwhere(~finite)[0]
    kind = "NaN" if np.isnan(frames[frame, channel]) else "infinite"
    at = (position + int(frame)) / info.sample_rate
    raise AudioError(f"{info.path}: the sample at {at:.4f} s is {kind}; repair or export the file again")
