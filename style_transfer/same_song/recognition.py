"""Is this file a mix of these very tracks? Alignment finds where it would lie, least squares how much they explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixer.progress import Progress, silent, span
from mixer.session import Session
from style_transfer.listen import Heard
from style_transfer.same_song.align import Lag, coarse_lag
from style_transfer.same_song.bands import Products, products, total
from style_transfer.same_song.excerpts import Excerpt, choose, cut_excerpts

LEAST_CLARITY = 8.0
"""A peak of noise among a million reaches 5.5; mixes of the same tracks stand at 50 and more."""
LEAST_EXPLAINED = 0.5
"""Of the coherence with excerpts that the gains were not made from: other songs stay under a tenth."""
UNSTEADY_DB = 2.5
"""Excerpts whose level is further from the usual one lie in a fade, and are left out."""
SHORTEST_S = 2.0
"""Less than this of the song in the file tells nothing."""


@dataclass(frozen=True, slots=True)
class SameSong:
    """A file that turned out to be a mix of the session's tracks, and what the rest of the work needs of it."""

    file: Path
    lag: Lag
    """Where the song's first frame lies in the file, at the session's rate."""
    covered: tuple[int, int]
    """The frames of the song that are in the file."""
    explained: float
    """How much of the mix the tracks explain, 0 to 1, as coherence over bands that count by their share."""
    heard: tuple[Heard, ...]
    """The tracks in the order of the excerpts' lanes: mono before stereo."""
    excerpts: tuple[Excerpt, ...]
    parts: tuple[Products, ...]
    """One an excerpt."""


def recognise(
    session: Session,
    folder: Path,
    heard: Sequence[Heard],
    file: Path,
    segment: tuple[float, float] | None = None,
    progress: Progress = silent,
) -> SameSong | None:
    """The mix that these tracks became, or None: another song, a cover, other takes, or too little of it.

    Tracks may be missing from the mix, the file may be an excerpt, start earlier, fade, be mastered, coded or at
    another sample rate. A file that runs at another speed, or drifts against the tracks, is not recognised.

    Args:
        heard: the tracks that are not left alone, in any order.
        segment: the part of the file to look at, in seconds.

    Raises:
        AudioError: the file or a track cannot be read.
    """
    rate = session.sample_rate
    lag, looked = coarse_lag(heard, folder, file, rate, segment, span(progress, 0, 0.6))
    begin = max(round((segment or (0.0, 0.0))[0] * rate), 0)
    frames = max(round(entry.track.frames * rate / entry.track.sample_rate) for entry in heard)
    first = max(0, round(begin - lag.frames))
    covered = (first, min(frames, round(begin + looked - lag.frames)))
    if lag.clarity < LEAST_CLARITY or covered[1] - covered[0] < SHORTEST_S * rate:
        return None
    excerpts, fine = cut_excerpts(heard, folder, file, rate, choose(heard, rate, covered), lag)
    progress(0.8, "comparing the reference with the tracks")
    parts = tuple(products(excerpt, rate) for excerpt in excerpts)
    explained = held_out(parts)
    progress(1.0, "comparing the reference with the tracks")
    if explained < LEAST_EXPLAINED:
        return None
    steady = _steady(parts)
    ordered = tuple(sorted(heard, key=lambda entry: entry.track.channels))
    return SameSong(
        file, fine, covered, explained, ordered, tuple(excerpts[i] for i in steady), tuple(parts[i] for i in steady)
    )


def held_out(parts: Sequence[Products]) -> float:
    """Coherence of the mix with what gains from the *other* excerpts predict, 0 to 1; blind to a fade.

    With gains from the same excerpt many tracks would explain a part of anything.
    """
    whole = total(parts)
    reached, possible = 0.0, 0.0
    for part in parts:
        product, energy = part.explained((whole - part if len(parts) > 1 else part).solve())
        coherence = np.square(product.real.clip(0)) / (energy * part.energy + 1e-30)
        weights = np.sqrt(part.energy)
        reached += float((weights * coherence.clip(0, 1)).sum())
        possible += float(weights.sum())
    return reached / max(possible, 1e-30)


def _steady(parts: Sequence[Products]) -> list[int]:
    """The excerpts that are about as loud as all together predict."""
    gains = total(parts).solve()
    levels = []
    for part in parts:
        product, energy = part.explained(gains)
        levels.append(20 * np.log10(max(float(product.real.sum() / (energy.sum() + 1e-30)), 1e-6)))
    usual = float(np.median(levels))
    return [index for index, level in enumerate(levels) if abs(level - usual) <= UNSTEADY_DB] or list(range(len(parts)))
