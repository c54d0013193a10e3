"""What a session sounds like as it stands: each track by itself, and the mix that they make."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from mixer import audio
from mixer._parallel import cores, parallel_map
from mixer.arrays import F32
from mixer.console import BLOCK, Source, mix_blocks
from mixer.errors import SessionError
from mixer.progress import Progress, silent, span
from mixer.render import settings, sources, track_source
from mixer.session import Session, Track
from style_transfer.features import CENTRES_HZ, Features, Measurement, band_weights

Tap = Callable[[F32], None]
"""Hears each block ``[channels, n]`` along with the measurement."""


@dataclass(frozen=True, slots=True)
class TrackAnalysis:
    """One track: as it was recorded, before its strip."""

    track: Track
    audible: bool
    """Whether it sounds in the mix: neither muted nor silenced by another's solo."""
    features: Features


@dataclass(frozen=True, slots=True)
class Analysis:
    """All tracks, and the mix as the session stands; None where nothing sounds."""

    tracks: tuple[TrackAnalysis, ...]
    mix: Features | None


def analyze(session: Session, folder: str | PathLike[str], progress: Progress = silent) -> Analysis:
    """Measure every track and the mix.

    Args:
        folder: where the session's audio paths start.

    Raises:
        AudioError: a track cannot be read.
    """
    folder = Path(folder)
    audible = {track.id for track in session.audible_tracks()}
    measured: list[Features] = []
    step = cores()
    for start in range(0, len(session.tracks), step):
        some = session.tracks[start : start + step]
        measured += parallel_map(
            lambda index, some=some: _measure_track(some[index], session, folder),  # type: ignore[misc]
            len(some),
        )
        progress(0.5 * len(measured) / len(session.tracks), "measuring the tracks")
    mix = measure_mix(session, folder, span(progress, 0.5, 1)).features() if audible else None
    tracks = zip(session.tracks, measured, strict=True)
    return Analysis(tuple(TrackAnalysis(track, track.id in audible, features) for track, features in tracks), mix)


def _measure_track(track: Track, session: Session, folder: Path) -> Features:
    measurement = Measurement(session.sample_rate)
    for block in track_source(track, session.sample_rate, folder).open(BLOCK):
        measurement.push(block)
    return measurement.features()


def measure_mix(
    session: Session, folder: str | PathLike[str], progress: Progress = silent, taps: Sequence[Tap] = ()
) -> Measurement:
    """Listen to the mix as the session stands, without writing it anywhere.

    Raises:
        SessionError: every track is muted.
        AudioError: a track cannot be read.
    """
    return measure_sources(session, sources(session, Path(folder)), progress, taps)


def measure_sources(
    session: Session, tracks: Sequence[Source], progress: Progress = silent, taps: Sequence[Tap] = ()
) -> Measurement:
    """Listen to the mix of these audible tracks; see ``measure_mix``."""
    if not tracks:
        raise SessionError(f"{session.name}: all tracks are muted, there is no mix to measure: unmute one")
    total, rate = max(source.frames for source in tracks), session.sample_rate
    blocks = mix_blocks(tracks, settings(session), rate)
    return _measured(blocks, rate, total, "measuring the mix", progress, taps)


def measure_file(
    path: str | PathLike[str],
    progress: Progress = silent,
    taps: Sequence[Tap] = (),
    *,
    segment: tuple[float, float] | None = None,
) -> Measurement:
    """Listen to an audio file, or to a segment of it in seconds, at its own sample rate.

    Raises:
        AudioError: it cannot be read.
    """
    info = audio.probe(path)
    start, stop = (0.0, info.seconds) if segment is None else segment
    first, frames = round(start * info.sample_rate), round((min(stop, info.seconds) - start) * info.sample_rate)
    blocks = first_frames(audio.blocks(path, start=first), frames)
    return _measured(blocks, info.sample_rate, max(1, frames), f"measuring {info.path.name}", progress, taps)


def first_frames(blocks: Iterable[F32], frames: int) -> Iterator[F32]:
    """A stream that ends after so many frames."""
    for block in blocks:
        yield block[:, :frames]
        frames -= block.shape[1]
        if frames <= 0:
            return


def _measured(
    blocks: Iterable[F32], sample_rate: int, frames: int, stage: str, progress: Progress, taps: Sequence[Tap]
) -> Measurement:
    measurement, done = Measurement(sample_rate), 0
    for block in blocks:
        for listener in (measurement.push, *taps):
            listener(block)
        done += block.shape[1]
        progress(min(1.0, done / frames), stage)
    return measurement


def tonal_centre_hz(features: Features, sample_rate: int) -> float:
    """Where the weight of the sound lies: the mean of the bands' pitch (log frequency), by K-weighted power.

    NaN for silence. A bass lies at about 100 Hz, a voice at 1 kHz, cymbals at 8 kHz.
    """
    if not math.isfinite(features.loudness_lufs):
        return math.nan
    power = 10 ** (np.array(features.mid_db) / 10) + 10 ** (np.array(features.side_db) / 10)
    power = power * band_weights(sample_rate).numpy()
    return float(np.exp((power * np.log(CENTRES_HZ)).sum() / power.sum()))
