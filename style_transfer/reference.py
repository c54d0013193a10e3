"""References: another song, or a segment of one, as a target for the mix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mixer import audio
from mixer.arrays import F32
from mixer.errors import AudioError, UsageError
from mixer.progress import Progress, silent
from mixer.session import ReferenceContext
from style_transfer.features import Features, Measurement, Power

SHORTEST_S = 3.0
"""A shorter reference says too little about a mix."""
SILENCE_LUFS = -60.0


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A reference as the user names it: the file, the part of it in seconds (None: all), and its weight."""

    path: Path
    segment: tuple[float, float] | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as it was heard."""

    context: ReferenceContext
    features: Features
    power: Power


def listen(file: ReferenceFile, sample_rate: int, folder: Path, progress: Progress = silent) -> Reference:
    """Measure a reference at the session's rate; its level does not matter.

    Args:
        folder: of the session; the reference's path is remembered only if it lies inside.

    Raises:
        AudioError: it cannot be read, is silent, or under three seconds long.
        UsageError: the segment lies outside the file, or the weight is not positive.
    """
    if not file.weight > 0:
        raise UsageError(f"{file.path.name}: a weight of {file.weight:g} makes no sense, use a positive number")
    info = audio.probe(file.path)
    start, stop = file.segment or (0.0, info.seconds)
    if not 0 <= start < stop or start >= info.seconds:
        raise UsageError(
            f"{file.path.name}: the segment {start:g}-{stop:g} s is not in the file, which is {info.seconds:.1f} s long"
        )
    stop = min(stop, info.seconds)
    if stop - start < SHORTEST_S:
        raise AudioError(f"{file.path.name}: {stop - start:.1f} s is too short for a reference, use 3 s or more")
    measurement, total = Measurement(sample_rate), (stop - start) * sample_rate
    heard = 0
    for block in _part(file.path, sample_rate, round(start * sample_rate), round(total)):
        measurement.push(block)
        heard += block.shape[1]
        progress(min(1.0, heard / total), f"listening to {file.path.name}")
    features = measurement.features()
    if features.loudness_lufs < SILENCE_LUFS:
        raise AudioError(f"{file.path.name}: it is silent from {start:g} to {stop:g} s, use another part")
    return Reference(_context(file, folder), features, measurement.power())


def _part(path: Path, sample_rate: int, start: int, frames: int) -> Iterator[F32]:
    for block in audio.blocks(path, sample_rate, start=start):
        yield block[:, :frames]
        frames -= block.shape[1]
        if frames <= 0:
            return


def _context(file: ReferenceFile, folder: Path) -> ReferenceContext:
    path, inside = file.path.resolve(), None
    if path.is_relative_to(folder.resolve()):
        inside = path.relative_to(folder.resolve()).as_posix()
    return ReferenceContext(
        name=file.path.name, sha256=audio.sha256(path), path=inside, segment=file.segment, weight=file.weight
    )
