"""References: another song, or a segment of one, as a target for the mix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mixer import audio
from mixer.arrays import F32
from mixer.errors import AudioError, UsageError
from mixer.progress import Progress, silent, span
from mixer.session import FileContext, ReferenceContext
from style_transfer.features import Features, Measurement, Power, band_power
from style_transfer.reference_file import ReferenceFile
from style_transfer.stems import GroupSaid, hear_stems, stems_note

SHORTEST_S = 3.0
"""A shorter reference says too little about a mix."""
SILENCE_LUFS = -60.0
PART_S = 45.0
"""Of a longer reference, and without a segment from the user, this much is listened to."""
_QUIET_DB = -40.0
"""A band this far under its own loudest second counts as empty."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as it was heard."""

    context: ReferenceContext
    features: Features
    power: Power
    part: tuple[float, float]
    """The seconds that were listened to."""
    groups: tuple[GroupSaid, ...] = ()
    """What its stems say, where it came with any."""
    note: str | None = None
    """What the user should know about where the stems come from."""


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
    stage = f"listening to {file.path.name}"
    if file.segment is None:
        start, stop = telling_part(file.path, span(progress, 0, 0.4))
    measurement, total = Measurement(sample_rate), (stop - start) * sample_rate
    heard = 0
    for block in _part(file.path, sample_rate, round(start * sample_rate), round(total)):
        measurement.push(block)
        heard += block.shape[1]
        progress(0.4 + 0.3 * min(1.0, heard / total), stage)
    features = measurement.features()
    if features.loudness_lufs < SILENCE_LUFS:
        raise AudioError(f"{file.path.name}: it is silent from {start:g} to {stop:g} s, use another part")
    said = hear_stems(file.stems, (start, stop), sample_rate, span(progress, 0.7, 1)) if file.stems else []
    progress(1.0, stage)
    note = stems_note(file.stems) if file.stems else None
    return Reference(_context(file, folder), features, measurement.power(), (start, stop), tuple(said), note)


def telling_part(path: Path, progress: Progress = silent, longest_s: float = PART_S) -> tuple[float, float]:
    """The seconds of a song, at most ``longest_s``, in which most of it plays at once; short songs whole.

    What counts is how full all bands are, each against its own loudest second: a chorus with everybody in it rather
    than the loudest hit.

    Raises:
        AudioError: the file cannot be read.
    """
    info = audio.probe(path)
    if info.seconds <= longest_s:
        return 0.0, info.seconds
    seconds: list[Tensor] = []
    for block in audio.blocks(path, block=info.sample_rate):
        if block.shape[1] == info.sample_rate:
            seconds.append(band_power(torch.from_numpy(block.mean(axis=0, keepdims=True)), info.sample_rate)[0])
            progress(min(1.0, len(seconds) / info.seconds), f"choosing the part of {path.name} to listen to")
    powers = torch.stack(seconds)  # [seconds, bands]
    full = 10 * torch.log10(powers / powers.amax(0).clamp_min(1e-12) + 1e-12)
    busy = torch.cumsum(torch.cat([torch.zeros(1), full.clamp_min(_QUIET_DB).mean(1)]), 0)
    span_s = min(int(longest_s), len(seconds))
    start = int(torch.argmax(busy[span_s:] - busy[:-span_s]))
    return float(start), float(start + span_s)


def _part(path: Path, sample_rate: int, start: int, frames: int) -> Iterator[F32]:
    for block in audio.blocks(path, sample_rate, start=start):
        yield block[:, :frames]
        frames -= block.shape[1]
        if frames <= 0:
            return


def file_context(path: Path, folder: Path) -> FileContext:
    """How a session remembers a file that the user pointed at."""
    whole, inside = path.resolve(), None
    if whole.is_relative_to(folder.resolve()):
        inside = whole.relative_to(folder.resolve()).as_posix()
    return FileContext(name=path.name, sha256=audio.sha256(whole), path=inside)


def _context(file: ReferenceFile, folder: Path) -> ReferenceContext:
    said = file_context(file.path, folder)
    return ReferenceContext(**dict(said), segment=file.segment, weight=file.weight, roles=list(file.roles))
