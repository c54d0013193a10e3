"""Panner: constant power for mono tracks, balance and width for stereo tracks."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from mixer.arrays import F32
from mixer.param import Param
from mixer.processor import Values, processor


@processor(
    Param("pan", "", -1.0, 1.0, 0.0, "linear", "-1 is left, 0 the centre, 1 right."),
    Param("width", "", 0.0, 2.0, 1.0, "linear", "Stereo tracks: 0 is mono, 1 as recorded, 2 doubles the side signal."),
    aspect="pan",
    strip=40,
)
def panner(x: Tensor, sample_rate: int, *, pan: Tensor, width: Tensor) -> Tensor:
    """Place in the stereo picture; ``[tracks, 1 or 2, time] -> [tracks, 2, time]``.

    A mono track is panned with constant power, compensated to unity at the centre: L = sqrt(2) cos t,
    R = sqrt(2) sin t, t = (pan + 1) pi / 4. A stereo track is first widened (the side signal times ``width``) and
    then balanced: the side that it moves away from is turned down, the other stays at unity.
    """
    del sample_rate
    if x.shape[1] == 1:
        angle = (pan + 1) * (math.pi / 4)
        gains = math.sqrt(2) * torch.stack([angle.cos(), angle.sin()], dim=1)  # [tracks, 2]
        return x * gains.to(x.dtype)[:, :, None]
    balance = torch.stack([1 - pan.clamp(min=0), 1 + pan.clamp(max=0)], dim=1)  # [tracks, 2]
    same, other = (1 + width)[:, None] / 2 * balance, (1 - width)[:, None] / 2 * balance
    return x * same.to(x.dtype)[:, :, None] + x.flip(1) * other.to(x.dtype)[:, :, None]


def channel_gains(pan: float, width: float, channels: int) -> list[list[float]]:
    """The panner as a matrix: output channel i = sum over input channels j of ``gains[i][j]``."""
    if channels == 1:
        angle = (pan + 1) * (math.pi / 4)
        return [[math.sqrt(2) * math.cos(angle)], [math.sqrt(2) * math.sin(angle)]]
    same, other = (1 + width) / 2, (1 - width) / 2
    left, right = min(1.0, 1 - pan), min(1.0, 1 + pan)
    return [[same * left, other * left], [other * right, same * right]]


@panner.renderer
class PannerRenderer:
    """A constant matrix."""

    latency = 0
    tail = 0

    def __init__(self, sample_rate: int, channels: int, values: Values) -> None:
        del sample_rate
        self._gains = np.array(channel_gains(values["pan"], values["width"], channels), dtype=np.float32)

    def __call__(self, block: F32) -> F32:
        if block.shape[0] == 2 and np.array_equal(self._gains, np.eye(2)):
            return block
        return self._gains @ block
