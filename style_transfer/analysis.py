"""What a session sounds like as it stands: each track by itself, and the mix that they make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from mixer import audio
from mixer._parallel import cores, parallel_map
from mixer.console import BLOCK, mix_blocks
from mixer.errors import SessionError
from mixer.progress import Progress, silent, span
from mixer.render import settings, sources, track_source
from mixer.session import Session, Track
from style_transfer.features import CENTRES_HZ, Features, Measurement, band_weights


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


def measure_mix(session: Session, folder: str | PathLike[str], progress: Progress = silent) -> Measurement:
    """Listen to the mix as the session stands, without writing it anywhere.

    Raises:
        SessionError: every track is muted.
        AudioError: a track cannot be read.
    """
    tracks = sources(session, Path(folder))
    if not tracks:
        raise SessionError(f"{session.name}: all tracks are muted, there is no mix to measure: unmute one")
    total, done = max(source.frames for source in tracks), 0
    measurement = Measurement(session.sample_rate)
    for block in mix_blocks(tracks, settings(session), session.sample_rate):
        measurement.push(block)
        done += block.shape[1]
        progress(min(1.0, done / total), "measuring the mix")
    return measurement


def measure_file(path: str | PathLike[str], progress: Progress = silent) -> Measurement:
    """Listen to an audio file, at its own sample rate.

    Raises:
        AudioError: it cannot be read.
    """
    info = audio.probe(path)
    measurement, done = Measurement(info.sample_rate), 0
    for block in audio.blocks(path):
        measurement.push(block)
        done += block.shape[1]
        progress(min(1.0, done / info.frames), f"measuring {info.path.name}")
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
