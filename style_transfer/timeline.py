"""How a mix goes through time, second by second: the range of its tone, and how far its sides agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from mixer.arrays import F32, F64
from style_transfer.features import Power, Shape, band_weights

QUIET_DB = -20.0
"""Seconds this far under the loudest do not count for the range of tone: intros, endings, fades."""
OFTEN = (0.1, 0.9)
"""The range leaves out one second of ten at each end."""


@dataclass(frozen=True, slots=True)
class ToneRange:
    """Between which levels each band lies in eight of ten seconds, relative to the second's own K-weighted power.

    Lowest and highest, each ``[bands]`` in dB, of mid and of side as ``style_transfer.features.Shape`` has them.
    """

    mid_db: tuple[F64, F64]
    side_db: tuple[F64, F64]


class Timeline:
    """Measures a stream of blocks ``[1 or 2, n]`` second by second, however it is cut; mono counts as both sides.

    What remains under a second at the end is left out, but for audio that is no longer than that.

    >>> line = Timeline(44100)
    >>> line.push(np.ones((2, 44100), np.float32) * np.sin(np.arange(44100, dtype=np.float32)))
    >>> [round(float(value), 3) for value in line.correlation()]
    [1.0]
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._held = np.zeros((2, 0), np.float32)
        self._seconds: list[Power] = []

    def push(self, block: F32) -> None:
        """The next block."""
        held = np.concatenate([self._held, np.broadcast_to(block, (2, block.shape[1]))], axis=1)
        rate = self._sample_rate
        for start in range(0, held.shape[1] - rate + 1, rate):
            self._seconds.append(Power.of(torch.from_numpy(held[:, start : start + rate].copy()), rate))
        self._held = held[:, held.shape[1] // rate * rate :].copy()

    def _powers(self) -> list[Power]:
        if self._seconds or not self._held.shape[1]:
            return self._seconds
        return [Power.of(torch.from_numpy(self._held), self._sample_rate)]

    def correlation(self) -> F64:
        """Of left and right in each second: 1 for mono, 0 for unrelated sides, -1 for opposite ones; NaN for silence.

        The zero-lag cross-correlation over the root of both powers, as correlation meters show it.
        """
        values = []
        for power in self._powers():
            mid, side, cross = (float(part.sum()) for part in (power.mid, power.side, power.cross))
            sides = max(mid + side + 2 * cross, 0.0) * max(mid + side - 2 * cross, 0.0)
            values.append((mid - side) / np.sqrt(sides) if sides > 1e-24 else np.nan)
        return np.clip(np.array(values, dtype=np.float64), -1.0, 1.0)

    def tone_range(self) -> ToneRange | None:
        """The range of tone over the seconds that sound; None for silence."""
        powers = self._powers()
        weights = band_weights(self._sample_rate)
        loud = np.array([float(((power.mid + power.side) * weights).sum()) for power in powers])
        if not loud.max(initial=0.0) > 0:
            return None
        sounding = loud > 10 ** (QUIET_DB / 10) * loud.max()
        shapes = [Shape.of(power, self._sample_rate) for power, sounds in zip(powers, sounding, strict=True) if sounds]
        mid = np.quantile([shape.mid_db.numpy() for shape in shapes], OFTEN, axis=0)
        side = np.quantile([shape.side_db.numpy() for shape in shapes], OFTEN, axis=0)
        return ToneRange((mid[0], mid[1]), (side[0], side[1]))
