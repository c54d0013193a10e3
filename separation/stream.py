"""From a song to its stems, piece by piece: level, sample rate and channels around the separator, and exact sums.

The stem that is called the rest is always what the other stems leave of the mixture, so that the stems add up to the
mixture whatever the model and the resampler do: exactly, apart from the rounding of float32.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from mixer import audio
from mixer._resampler import resampled
from mixer.errors import AudioError, UsageError
from mixer.progress import Progress, silent, span
from separation.chunks import overlap_add, shifted
from separation.separator import F32, Levels, Separator

LONGEST_SHIFT_S = 0.5
_MEASURING = 0.03  # share of the work that measuring the level takes
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Source:
    """A song that can be read several times.

    Attributes:
        name: what errors call it.
        sample_rate: its own, in Hz.
        channels: 1 or 2.
        blocks: its samples at a rate (Hz), in pieces ``[channels, any length]``.
    """

    name: str
    sample_rate: int
    channels: int
    blocks: Callable[[int], Iterator[F32]]


def file_source(path: str | PathLike[str], segment: tuple[float, float] | None = None) -> Source:
    """A file, or a segment of one (start and end in seconds), as a source.

    Raises:
        AudioError: where ``mixer.audio.probe`` raises it.
        UsageError: the segment is empty, or starts outside the file.
    """
    path = Path(path)
    info = audio.probe(path)
    if segment is None:
        return Source(str(path), info.sample_rate, info.channels, lambda rate: audio.blocks(path, rate, block=_BLOCK))
    start, stop = segment
    if not 0 <= start < min(stop, info.seconds):
        raise UsageError(f"{path}: the segment {start:g}-{stop:g} s is not in the file, which has {info.seconds:.1f} s")
    return Source(str(path), info.sample_rate, info.channels, lambda rate: _part(path, rate, start, stop))


def _part(path: Path, rate: int, start: float, stop: float) -> Iterator[F32]:
    first = round(start * rate)
    left = round(stop * rate) - first
    for block in audio.blocks(path, rate, block=_BLOCK, start=first):
        yield block[:, :left]
        left -= block.shape[1]
        if left <= 0:
            return


def array_source(samples: F32, sample_rate: int) -> Source:
    """Samples ``[1 or 2, time]`` as a source.

    Raises:
        AudioError: another shape, no samples, NaN or infinite ones, or a rate outside 8 to 384 kHz.
    """
    if samples.ndim != 2 or samples.shape[0] not in (1, 2) or not samples.shape[1]:
        raise AudioError(f"audio is [1 or 2, time] with at least one sample, not {list(samples.shape)}")
    if not audio.LOWEST_SAMPLE_RATE <= sample_rate <= audio.HIGHEST_SAMPLE_RATE:
        lowest, highest = audio.LOWEST_SAMPLE_RATE, audio.HIGHEST_SAMPLE_RATE
        raise AudioError(f"the sample rate is {sample_rate} Hz; it has to be {lowest} to {highest} Hz")
    if not np.isfinite(samples).all():
        raise AudioError("the audio holds NaN or infinite samples: repair it first")
    samples = np.ascontiguousarray(samples, np.float32)

    def blocks(rate: int) -> Iterator[F32]:
        converted = audio.resample(samples, sample_rate, rate)
        yield from (converted[:, at : at + _BLOCK] for at in range(0, converted.shape[1], _BLOCK))

    return Source("audio", sample_rate, samples.shape[0], blocks)


def separated_blocks(
    source: Source, separator: Separator, *, shifts: int = 1, progress: Progress = silent
) -> Iterator[F32]:
    """The stems of a song at its own rate and with its own channels, in bounded memory.

    Cancel by raising from ``progress``, which is told the time left.

    Shape:
        each yielded: ``[stems, channels, any length]``, in the order of ``separator.about.stems``

    Raises:
        AudioError: the song cannot be read.
    """
    about = separator.about
    levels = _measure(source, about.sample_rate, span(progress, 0, _MEASURING))
    offset, gain = separator.offset_and_gain(levels) if levels.rms > 0 else (0.0, 1.0)
    tell = _Remaining(span(progress, _MEASURING, 1), levels.frames)
    process = shifted(separator.stems, shifts, round(LONGEST_SHIFT_S * about.sample_rate))

    def one_segment(segment: F32) -> F32:
        if not segment.any():
            return np.zeros((len(about.stems), *segment.shape), np.float32)
        return process((segment - np.float32(offset)) * np.float32(gain)) / np.float32(gain)

    def model_side() -> Iterator[F32]:
        for made in overlap_add(_stereo(source.blocks(about.sample_rate)), one_segment, separator.plan):
            tell.done(made.shape[-1])
            yield _as_channels(made, source.channels)

    pieces: Iterable[F32] = model_side()
    if source.sample_rate != about.sample_rate:
        count = len(about.stems) * source.channels
        pieces = resampled(pieces, count, about.sample_rate, source.sample_rate)
    yield from _with_rest(source, pieces, len(about.stems), about.stems.index(about.rest))
    progress(1.0, "separated")


def _measure(source: Source, rate: int, progress: Progress) -> Levels:
    """One pass over the song, which also finds damaged samples before any work is done."""
    progress(0.0, "measuring the song")
    frames, total, squares, all_squares = 0, 0.0, 0.0, 0.0
    for block in source.blocks(rate):
        mono = block.mean(0, dtype=np.float64)
        frames += mono.size
        total += float(mono.sum())
        squares += float(np.dot(mono, mono))
        all_squares += float(np.square(block, dtype=np.float64).sum()) / block.shape[0]
        progress(0.0, "measuring the song")
    mean = total / max(1, frames)
    deviation = math.sqrt(max(0.0, squares / max(1, frames) - mean**2))
    return Levels(frames, mean, deviation, math.sqrt(all_squares / max(1, frames)))


def _stereo(blocks: Iterable[F32]) -> Iterator[F32]:
    return (block if block.shape[0] == 2 else np.repeat(block, 2, axis=0) for block in blocks)


def _as_channels(stems: F32, channels: int) -> F32:
    """``[stems, 2, time]`` as ``[stems * channels, time]``."""
    if channels == 1:
        mono: F32 = stems.mean(1, dtype=np.float32)
        return mono
    return np.ascontiguousarray(stems.reshape(-1, stems.shape[-1]))


def _with_rest(source: Source, pieces: Iterable[F32], stems: int, rest: int) -> Iterator[F32]:
    """The stems beside the mixture that they come from, the rest replaced by what the others leave of it."""
    held = np.zeros((stems * source.channels, 0), np.float32)
    stream = iter(pieces)
    for block in source.blocks(source.sample_rate):
        wanted = block.shape[1]
        parts = [held]
        length = held.shape[1]
        while length < wanted:
            piece = next(stream, None)
            if piece is None:  # a converted stream may be a sample shorter than the song
                piece = np.zeros((held.shape[0], wanted - length), np.float32)
            parts.append(piece)
            length += piece.shape[1]
        joined = np.concatenate(parts, axis=1)
        held = joined[:, wanted:]
        made = joined[:, :wanted].reshape(stems, source.channels, wanted)
        made[rest] = 0
        made[rest] = block - made.sum(0, dtype=np.float64)
        yield made


class _Remaining:
    """Turns finished samples into a fraction and the time left."""

    def __init__(self, progress: Progress, frames: int) -> None:
        self._progress = progress
        self._frames = max(1, frames)
        self._done = 0
        self._start = time.monotonic()

    def done(self, frames: int) -> None:
        self._done += frames
        fraction = min(1.0, self._done / self._frames)
        left = round((time.monotonic() - self._start) * (1 - fraction) / max(fraction, 1e-9))
        self._progress(fraction, f"separating, {left // 60}:{left % 60:02d} left")
