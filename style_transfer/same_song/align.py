"""Where in a file a song lies: generalised cross-correlation with phase transform, coarse over the whole, then fine.

C. H. Knapp, G. C. Carter, "The generalized correlation method for estimation of time delay", IEEE Trans. ASSP 24(4),
1976. Whitening makes the peak as sharp as the sound allows whatever equaliser, compressor or coder the mix went
through. What correlates is the sum of the tracks at equal loudness, so that no loud track hides the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft

from mixer import audio
from mixer._parallel import parallel_map
from mixer.arrays import F32
from mixer.progress import Progress, silent
from mixer.render import track_source
from style_transfer.listen import Heard

COARSE_HZ = 5500
"""About the rate at which whole songs are correlated."""
COARSE_BAND_HZ = (60.0, 2000.0)
FINE_BAND_HZ = (100.0, 9000.0)
LONGEST_S = 1200.0
"""Of tracks and file, what lies further in is not looked at: it bounds memory."""
EVEN_LUFS = -23.0
FINER = 8
REACH = 48
"""How far, in frames, the fine search goes to both sides of what the coarse one found."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Where the first frame of the song lies in the file, how its sign is there, and how clear that is."""

    frames: float
    polarity: float
    clarity: float
    """Height of the correlation's peak over its root mean square."""


def even_gain(heard: Heard) -> float:
    """Factor that brings a track to the loudness that all have in the sum."""
    return float(10 ** ((EVEN_LUFS - heard.loudness_lufs) / 20))


def coarse_lag(
    heard: Sequence[Heard],
    folder: Path,
    file: Path,
    sample_rate: int,
    segment: tuple[float, float] | None,
    progress: Progress = silent,
) -> tuple[Lag, int]:
    """The lag to about ten frames, and how many frames of the file were looked at (from the start of its segment)."""
    factor = max(1, sample_rate // COARSE_HZ)
    done = 0

    def track(index: int) -> F32:
        nonlocal done
        source = track_source(heard[index].track, sample_rate, folder)
        thin = _thinned(source.open(factor * 8192), factor, sample_rate) * np.float32(even_gain(heard[index]))
        done += 1
        progress(done / (len(heard) + 1), "looking for the song in the reference")
        return thin

    start, stop = segment or (0.0, math.inf)
    blocks = audio.blocks(file, sample_rate, block=factor * 8192, start=round(start * sample_rate))
    there = _thinned(blocks, factor, sample_rate, min(stop - start, LONGEST_S))
    tracks = parallel_map(track, len(heard))
    here = np.zeros(max(map(len, tracks)), np.float32)
    for row in tracks:
        here[: len(row)] += row
    lag = _correlate(here, there, sample_rate / factor, COARSE_BAND_HZ, None, 1)
    return Lag(lag.frames * factor + start * sample_rate, lag.polarity, lag.clarity), len(there) * factor


def fine_lag(pairs: Iterable[tuple[F32, F32]], sample_rate: int) -> Lag:
    """The lag left between excerpts that were cut where the coarse lag puts them; both ``[time]``, equally long."""
    sums = [np.concatenate(rows) for rows in zip(*(_spaced(pair) for pair in pairs), strict=True)]
    return _correlate(sums[0], sums[1], sample_rate, FINE_BAND_HZ, REACH, FINER)


def _spaced(pair: tuple[F32, F32]) -> tuple[F32, F32]:
    """With silence behind, so that what belongs to the next excerpt does not reach in."""
    here, there = pair
    return np.pad(here, (0, 2 * REACH)), np.pad(there, (0, 2 * REACH))


def _thinned(blocks: Iterable[F32], factor: int, sample_rate: int, seconds: float = LONGEST_S) -> F32:
    """Means over ``factor`` frames of the mono sum, ``[time / factor]``."""
    left = round(seconds * sample_rate) // factor
    pieces: list[F32] = []
    for block in blocks:
        mono = block.mean(axis=0)
        mono = np.pad(mono, (0, -len(mono) % factor))
        pieces.append(mono.reshape(-1, factor).mean(axis=1)[:left])
        left -= len(pieces[-1])
        if left <= 0:
            break
    return np.concatenate([np.zeros(0, np.float32), *pieces])


def _correlate(here: F32, there: F32, rate: float, band_hz: tuple[float, float], reach: int | None, finer: int) -> Lag:
    """The lag of ``there`` against ``here`` in samples, to ``1 / finer``; within ``reach`` of zero, if given."""
    size = next_fast_len(len(here) + len(there), real=True)
    cross: npt.NDArray[np.complex64] = rfft(there, size) * rfft(here, size).conj()
    cross /= np.abs(cross) + 1e-6 * np.abs(cross).max() + 1e-30
    hz = np.arange(len(cross)) * (rate / size)
    cross[(hz < band_hz[0]) | (hz > band_hz[1])] = 0
    correlation = irfft(cross, size * finer)
    height = np.abs(correlation)
    spread = float(np.sqrt(np.mean(np.square(correlation, dtype=np.float64)))) + 1e-30
    if reach is not None:
        height[reach * finer + 1 : len(height) - reach * finer] = 0
    best = int(np.argmax(height))
    lag = best if best < len(there) * finer else best - len(correlation)
    return Lag(lag / finer, 1.0 if correlation[best] >= 0 else -1.0, float(height[best]) / spread)
