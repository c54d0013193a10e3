"""The sound in a report: both mixes, or the part of them that tells most, as Ogg Vorbis and equally loud."""

from __future__ import annotations

import base64
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.loudness import integrated_loudness
from style_transfer.reference import telling_part

LONGEST_S = 120.0
"""Of longer mixes this much is in the page: about 2.5 MB for each."""
_SAME_LENGTH_S = 0.5
"""Mixes that are as long as each other to within this are taken to run side by side."""
_HIGHEST_RATE_HZ = 48000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One side as the page holds it."""

    start_s: float
    """Where in the mix it begins."""
    seconds: float
    loudness_lufs: float | None
    """None for silence."""
    base64: str
    """The file."""


def excerpts(a: Path, b: Path) -> tuple[Excerpt, Excerpt]:
    """Both sides; two mixes of one length from the same place, others each from its own.

    Raises:
        AudioError: a file cannot be read.
    """
    part = telling_part(a, longest_s=LONGEST_S)
    together = abs(audio.probe(a).seconds - audio.probe(b).seconds) < _SAME_LENGTH_S
    return _excerpt(a, part), _excerpt(b, part if together else telling_part(b, longest_s=LONGEST_S))


def gains_db(a: Excerpt, b: Excerpt) -> tuple[float, float]:
    """What turns the louder one down to the softer; nothing where one of them is silent."""
    if a.loudness_lufs is None or b.loudness_lufs is None:
        return 0.0, 0.0
    softer = min(a.loudness_lufs, b.loudness_lufs)
    return softer - a.loudness_lufs, softer - b.loudness_lufs


def _excerpt(path: Path, part: tuple[float, float]) -> Excerpt:
    rate = min(audio.probe(path).sample_rate, _HIGHEST_RATE_HZ)
    start, stop = (round(second * rate) for second in part)
    sound, _ = audio.read(path, rate, start=start, frames=stop - start)
    sides = np.ascontiguousarray(np.broadcast_to(sound, (2, sound.shape[1])))
    loudness = integrated_loudness(sides, rate)
    with tempfile.TemporaryDirectory(prefix="faderwise-") as scratch:
        file = Path(scratch) / "excerpt.ogg"
        audio.write(file, sides, rate)
        text = base64.b64encode(file.read_bytes()).decode()
    return Excerpt(part[0], sound.shape[1] / rate, loudness if math.isfinite(loudness) else None, text)
