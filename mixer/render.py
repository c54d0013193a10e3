"""From a session to sound: the tracks as sources, the mix as a file, and the master gain for an asked loudness."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F32
from mixer.console import ChainValues, Settings, Source, master_blocks, mix_blocks, sum_blocks
from mixer.errors import UsageError
from mixer.loudness import LoudnessMeter
from mixer.processor import Place, chain
from mixer.processors.fader import GAIN
from mixer.progress import Progress, silent, span
from mixer.session import Session, Track

TOLERANCE_LU = 0.02
"""How close the fitted gain brings the mix to the asked loudness."""
PASSES = 12


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was measured on a rendered mix."""

    frames: int
    loudness_lufs: float
    loudness_range_lu: float
    true_peak_db: float
    sample_peak_db: float
    clipped: int = 0
    """Samples beyond full scale that an integer file format cut off."""
    gain_db: float = 0.0
    """What was added to the master fader to reach an asked loudness."""


def sources(session: Session, folder: Path) -> list[Source]:
    """The audible tracks as the console takes them, at the session's rate."""
    return [track_source(track, session.sample_rate, folder) for track in session.audible_tracks()]


def track_source(track: Track, sample_rate: int, folder: Path) -> Source:
    """One track, read from its file and resampled as it goes; a dual-mono file gives one channel."""

    def open_blocks(block: int) -> Iterator[F32]:
        for piece in audio.blocks(folder / track.path, sample_rate, block=block):
            yield np.ascontiguousarray(piece[: track.channels])

    frames = audio.resampled_frames(track.frames, track.sample_rate, sample_rate)
    return Source(track.id, track.channels, frames, open_blocks)


def settings(session: Session) -> Settings:
    """The values of all knobs; bypassed processors are left out."""
    tracks = {track.id: session.values(track.id) for track in session.tracks}
    return Settings(tracks, session.values("reverb"), session.values("master"))


def render(
    session: Session,
    folder: Path,
    target: Path,
    *,
    depth: audio.Depth = "24",
    loudness_lufs: float | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> Rendered:
    """Write the mix to ``target`` (.wav, .flac or .ogg); all or nothing.

    Args:
        folder: where the session's audio paths start.
        loudness_lufs: move the master fader of this render (not of the session) until the mix is that loud.
        threads: processor threads; all cores by default.

    Raises:
        UsageError: the asked loudness cannot be reached, for instance because everything is silent.
        AudioError: a track cannot be read or the target cannot be written.
    """
    console = settings(session)
    gain_db = 0.0
    if loudness_lufs is not None:
        gain_db = loudness_gain(session, folder, loudness_lufs, threads=threads, progress=span(progress, 0, 0.6))
        console = with_master_gain(console, gain_db)
        progress = span(progress, 0.6, 1)
    tracks = sources(session, folder)
    meter, frames = LoudnessMeter(session.sample_rate, 2), 0
    total = max((source.frames for source in tracks), default=1)
    with audio.Writer(target, session.sample_rate, 2, depth) as writer:
        for block in mix_blocks(tracks, console, session.sample_rate, threads=threads):
            meter.push(block)
            writer.write(block)
            frames += block.shape[1]
            progress(min(1.0, frames / total), "rendering")
    return Rendered(
        frames,
        meter.integrated,
        meter.loudness_range,
        meter.true_peak_db,
        meter.sample_peak_db,
        clipped=writer.clipped,
        gain_db=gain_db,
    )


def with_master_gain(console: Settings, gain_db: float) -> Settings:
    """The same settings with ``gain_db`` added to the master fader, held inside its range."""
    given = console.master.get("fader", {}).get(GAIN.name, GAIN.default)
    fader = {GAIN.name: GAIN.clamp(given + gain_db)}
    return Settings(console.tracks, console.reverb, {**console.master, "fader": fader})


def loudness_gain(
    session: Session,
    folder: Path,
    loudness_lufs: float,
    *,
    threads: int | None = None,
    progress: Progress = silent,
) -> float:
    """Decibels to add to the master fader so that the whole mix measures ``loudness_lufs`` through the limiter.

    Strips, reverb and what precedes the master fader are rendered once to a temporary file; what follows is repeated
    on it, since a limiter makes loudness a curve and not a line.

    Raises:
        UsageError: the mix is silent, or the loudness cannot be reached within the fader's range.
    """
    console = settings(session)
    before, after = _split_master(console.master)
    tracks = sources(session, folder)
    total = max((source.frames for source in tracks), default=1)
    with tempfile.TemporaryDirectory(prefix="faderwise-") as scratch:
        path = Path(scratch) / "premaster.wav"
        frames = 0
        with audio.Writer(path, session.sample_rate, 2, "float") as writer:
            summed = sum_blocks(tracks, console, session.sample_rate, threads=threads)
            for block in master_blocks(summed, before, session.sample_rate):
                writer.write(block)
                frames += block.shape[1]
                progress(0.5 * min(1.0, frames / total), "measuring the mix")

        def loudness_at(gain_db: float) -> float:
            values = with_master_gain(Settings({}, {}, after), gain_db).master
            meter = LoudnessMeter(session.sample_rate, 2, true_peak=False)
            for block in master_blocks(audio.blocks(path), values, session.sample_rate):
                meter.push(block)
            return meter.integrated

        given = after.get("fader", {}).get(GAIN.name, GAIN.default)
        return _solve_gain(loudness_at, loudness_lufs, given, span(progress, 0.5, 1))


def _split_master(values: ChainValues) -> tuple[ChainValues, ChainValues]:
    """The master's settings before its fader, and from the fader on."""
    names = [processor.name for processor in chain(Place.MASTER)]
    late = set(names[names.index("fader") :])
    before = {name: knobs for name, knobs in values.items() if name not in late}
    return before, {name: knobs for name, knobs in values.items() if name in late}


def _solve_gain(loudness_at: Callable[[float], float], asked: float, given_db: float, progress: Progress) -> float:
    """The gain at which a curve meets ``asked``; it rises with slope 1 until a limiter bends it ever flatter."""
    points: list[tuple[float, float]] = []  # (loudness, gain) as measured, in rising order
    gain = 0.0
    for step in range(PASSES):
        progress(step / PASSES, "setting the loudness")
        measured = loudness_at(gain)
        if not math.isfinite(measured):
            raise UsageError("the mix is silent, so it has no loudness to set: unmute a track or raise its fader")
        if abs(asked - measured) <= TOLERANCE_LU:
            return gain
        points = sorted([*points, (measured, gain)])
        moved = GAIN.clamp(given_db + _next_gain(points, asked)) - given_db
        if moved == gain:
            break
        gain = moved
    raise UsageError(
        f"the mix cannot be brought to {asked:g} LUFS: with the master fader at {GAIN.show(given_db + gain)} it "
        f"measures {measured:.1f} LUFS; ask for another loudness, or move the limiter's ceiling"
    )


def _next_gain(points: list[tuple[float, float]], asked: float) -> float:
    """Between the nearest points on both sides if there are any; else beyond the outermost, by its slope there."""
    below = [point for point in points if point[0] < asked]
    above = [point for point in points if point[0] > asked]
    if below and above:
        (low, low_gain), (high, high_gain) = below[-1], above[0]
        return low_gain + (asked - low) / (high - low) * (high_gain - low_gain)
    if not below:  # downwards the curve is steeper than it was up there: slope 1 does not overshoot
        return above[0][1] + asked - above[0][0]
    last, gain = below[-1]
    slope = 1.0 if len(below) < 2 else (last - below[-2][0]) / max(gain - below[-2][1], 1e-9)
    return gain + (asked - last) / min(max(slope, 0.1), 1.0)
