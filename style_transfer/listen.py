"""What is heard on a session's tracks before anything is moved, and which seconds tell the most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mixer import audio
from mixer._parallel import parallel_map
from mixer.arrays import F64
from mixer.progress import Progress, silent
from mixer.render import track_source
from mixer.session import Session, Track
from style_transfer.features import Measurement, Power, range_db

SHORTEST_S = 0.5
"""Tracks under this length tell nothing about level or tone and are left alone."""
SILENCE_LUFS = -65.0
"""Tracks below are counted as silent."""
SEGMENT_S = 3.0
SEGMENTS = 5
PREROLL_S = 0.5
"""Heard before each segment so that filters and detectors have settled."""
PEAK_FRAME_S = 0.05


@dataclass(frozen=True, slots=True)
class Heard:
    """One track as recorded."""

    track: Track
    loudness_lufs: float
    range_db: float
    """How far the loud moments stand over the usual ones."""
    loud_peak_db: float
    """Peak level that one in ten of the sounding 50 ms frames exceeds: what a compressor would meet."""
    power: Power
    """Mean powers over the whole track."""
    activity: F64
    """Mean square in each 100 ms, of the whole track."""
    loudness: F64
    """K-weighted mean square of each 400 ms, one every 100 ms."""
    problem: str | None
    """Why the track is left alone, if it is."""


def hear(session: Session, folder: Path, progress: Progress = silent) -> list[Heard]:
    """Measure every audible track once, from end to end, in bounded memory.

    Raises:
        AudioError: a track cannot be read.
    """
    tracks = session.audible_tracks()
    done = 0

    def listen(index: int) -> Heard:
        nonlocal done
        heard = _hear_track(tracks[index], session.sample_rate, folder)
        done += 1
        progress(done / len(tracks), "listening to the tracks")
        return heard

    return parallel_map(listen, len(tracks))


def _hear_track(track: Track, sample_rate: int, folder: Path) -> Heard:
    source = track_source(track, sample_rate, folder)
    measurement = Measurement(sample_rate, true_peak=False)
    frame, hop = round(PEAK_FRAME_S * sample_rate), sample_rate // 10
    peaks: list[F64] = []
    energies: list[F64] = []
    for block in source.open(hop * 20):
        measurement.push(block)
        loudest = np.abs(block).max(axis=0)
        peaks.append(np.maximum.reduceat(loudest, np.arange(0, len(loudest), frame)).astype(np.float64))
        square = np.square(block, dtype=np.float64).mean(axis=0)
        energies.append(np.add.reduceat(square, np.arange(0, len(square), hop)) / hop)
    loudness = measurement.meter.integrated
    activity = np.concatenate(energies) if energies else np.zeros(1)
    problem = None
    if source.frames < SHORTEST_S * sample_rate:
        problem = f"it is only {source.frames / sample_rate:.2g} s long"
    elif loudness < SILENCE_LUFS:
        problem = "it is silent"
    frames = np.concatenate(peaks) if peaks else np.zeros(1)
    sounding = frames[frames > 1e-3 * frames.max()] if frames.max() > 0 else np.ones(1)
    return Heard(
        track,
        loudness,
        range_db(activity),
        20 * math.log10(float(np.quantile(sounding, 0.9))),
        measurement.power(),
        activity,
        measurement.meter.momentary_energy,
        problem,
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """One excerpt of all tracks, cut at the same place: mono ``[m, 1, time]`` and stereo ``[s, 2, time]``."""

    start: int
    """First frame that counts, at the session's rate; the pre-roll lies before it."""
    frames: int
    preroll: int
    mono: Tensor
    stereo: Tensor


def telling_seconds(heard: Sequence[Heard], sample_rate: int) -> list[tuple[int, int]]:
    """``telling_parts`` of tracks that were heard."""
    return telling_parts([entry.activity for entry in heard], sample_rate)


def telling_parts(activities: Sequence[F64], sample_rate: int) -> list[tuple[int, int]]:
    """The frames ``(start, stop)`` of up to five segments of three seconds in which, together, all tracks are heard.

    Greedy: each next segment is the one that adds most to what has been heard of each track, where a track counts in
    proportion to how much louder than its own median the seconds are, so that none is missed for being sparse.

    Args:
        activities: mean square of each track in each 100 ms.
    """
    length = max(len(activity) for activity in activities)
    span = round(SEGMENT_S * 10)
    if length <= span:
        return [(0, length * (sample_rate // 10))]
    timeline = np.zeros((len(activities), length))
    for row, activity in enumerate(activities):
        timeline[row, : len(activity)] = activity
    sums = np.cumsum(np.pad(timeline, ((0, 0), (1, 0))), axis=1)
    starts = np.arange(0, length - span + 1, 5)
    energy = sums[:, starts + span] - sums[:, starts]  # [tracks, candidates]
    share = energy / np.maximum(energy.max(axis=1, keepdims=True), 1e-12)
    chosen: list[int] = []
    covered = np.zeros(len(activities))
    free = np.ones(len(starts), dtype=bool)
    for _ in range(min(SEGMENTS, length // span)):
        gain = (np.sqrt(covered[:, None] + share) - np.sqrt(covered)[:, None]).sum(axis=0)
        best = int(np.argmax(np.where(free, gain, -1.0)))
        if not free[best]:
            break
        chosen.append(int(starts[best]))
        covered += share[:, best]
        free &= np.abs(starts - starts[best]) >= span
    hop = sample_rate // 10
    return sorted((start * hop, (start + span) * hop) for start in chosen)


def cut(
    heard: Sequence[Heard], seconds: Sequence[tuple[int, int]], sample_rate: int, folder: Path
) -> tuple[list[Segment], list[int]]:
    """Read the segments of these tracks; and the order in which the tracks lie in them: mono first, then stereo."""
    order = sorted(range(len(heard)), key=lambda index: heard[index].track.channels)
    monos = sum(entry.track.channels == 1 for entry in heard)
    segments = []
    for start, stop in seconds:
        preroll = min(start, round(PREROLL_S * sample_rate))
        rows: list[Tensor] = []
        for index in order:
            track = heard[index].track
            row = torch.zeros(track.channels, stop - start + preroll)
            here, _ = audio.read(folder / track.path, sample_rate, start=start - preroll, frames=stop - start + preroll)
            row[:, : here.shape[1]] = torch.from_numpy(here[: track.channels])
            rows.append(row)
        empty = torch.zeros(0, 1, stop - start + preroll)
        mono = torch.stack(rows[:monos]) if monos else empty
        stereo = torch.stack(rows[monos:]) if len(rows) > monos else empty.expand(0, 2, -1)
        segments.append(Segment(start, stop - start, preroll, mono, stereo))
    return segments, order
