"""Fader and send: a gain in decibels whose lowest position is silence."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mixer.arrays import F32
from mixer.param import Param
from mixer.processor import Values, processor

GAIN = Param("gain_db", "dB", -60.0, 24.0, 0.0, "db", "Level after the compressor.", off_at_low=True)
LEVEL = Param("level_db", "dB", -60.0, 12.0, -60.0, "db", "Post-fader level into the reverb.", off_at_low=True)


def _amplify(x: Tensor, decibels: Tensor, param: Param) -> Tensor:
    gain = torch.where(decibels > param.low, 10 ** (decibels / 20), torch.zeros_like(decibels))
    return x * gain.to(x.dtype)[:, None, None]


@processor(GAIN, aspect="level", strip=30, master=30)
def fader(x: Tensor, sample_rate: int, *, gain_db: Tensor) -> Tensor:
    """Level of a track in the mix, or of the mix itself; the lowest position is silence."""
    del sample_rate
    return _amplify(x, gain_db, GAIN)


@processor(LEVEL, aspect="space", send=10)
def send(x: Tensor, sample_rate: int, *, level_db: Tensor) -> Tensor:
    """Post-fader, post-pan send to the reverb bus; the lowest position is off."""
    del sample_rate
    return _amplify(x, level_db, LEVEL)


class GainRenderer:
    """A constant gain."""

    latency = 0
    tail = 0

    def __init__(self, param: Param, decibels: float) -> None:
        self._gain = np.float32(0.0 if param.is_off(decibels) else 10 ** (decibels / 20))

    def __call__(self, block: F32) -> F32:
        if self._gain != 1.0:
            block *= self._gain
        return block


@fader.renderer
def render_fader(sample_rate: int, channels: int, values: Values) -> GainRenderer:
    """The fader as a constant gain."""
    del sample_rate, channels
    return GainRenderer(GAIN, values["gain_db"])


@send.renderer
def render_send(sample_rate: int, channels: int, values: Values) -> GainRenderer:
    """The send as a constant gain."""
    del sample_rate, channels
    return GainRenderer(LEVEL, values["level_db"])
