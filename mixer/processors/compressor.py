"""Compressor: feed-forward, log domain, soft knee, separate attack and release; the math is in ``mixer.dynamics``."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from mixer._parallel import parallel_map
from mixer.arrays import F32
from mixer.dynamics import compress, compress_adjoint
from mixer.param import Param
from mixer.processor import Values, processor


class _Compress(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, coefficients: Tensor) -> Tensor:
        x = x.contiguous()
        y, smoothed = torch.empty_like(x), torch.empty_like(x[:, 0])
        source, rows, target, kept = x.numpy(), coefficients.contiguous().numpy(), y.numpy(), smoothed.numpy()
        parallel_map(lambda i: compress(source[i], rows[i], 0.0, target[i], kept[i]), x.shape[0])
        ctx.save_for_backward(x, coefficients, smoothed)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        x, coefficients, smoothed = ctx.saved_tensors
        grad_x, into = torch.empty_like(x), torch.zeros_like(coefficients)
        source, rows, kept = x.numpy(), coefficients.contiguous().numpy(), smoothed.numpy()
        given, into_x, into_rows = grads[0].contiguous().numpy(), grad_x.numpy(), into.numpy()
        knobs_move = ctx.needs_input_grad[1]
        parallel_map(
            lambda i: compress_adjoint(source[i], rows[i], kept[i], given[i], into_x[i], into_rows[i], knobs_move),
            x.shape[0],
        )
        return grad_x, into


@processor(
    Param("threshold_db", "dB", -60.0, 0.0, -18.0, "linear", "Level above which the gain is reduced (peak)."),
    Param("ratio", ":1", 1.0, 20.0, 1.0, "log", "dB in over the threshold for one dB out; 1:1 does nothing."),
    Param("attack_ms", "ms", 0.1, 250.0, 10.0, "log", "Time constant of growing gain reduction."),
    Param("release_ms", "ms", 5.0, 2500.0, 120.0, "log", "Time constant of receding gain reduction."),
    Param("knee_db", "dB", 0.0, 24.0, 6.0, "linear", "Width of the soft knee around the threshold."),
    Param("makeup_db", "dB", 0.0, 24.0, 0.0, "linear", "Gain after the compressor."),
    aspect="dynamics",
    strip=20,
    master=20,
)
def compressor(
    x: Tensor,
    sample_rate: int,
    *,
    threshold_db: Tensor,
    ratio: Tensor,
    attack_ms: Tensor,
    release_ms: Tensor,
    knee_db: Tensor,
    makeup_db: Tensor,
) -> Tensor:
    """Feed-forward compressor with a soft knee; the detector hears the louder channel; no look-ahead, no latency."""
    attack, release = one_pole(attack_ms, sample_rate), one_pole(release_ms, sample_rate)
    rows = torch.stack([threshold_db, ratio, attack, release, knee_db, makeup_db], dim=1)  # [tracks, 6]
    return cast(Tensor, _Compress.apply(x, rows))  # type: ignore[no-untyped-call]  # torch has no type for it


def one_pole(time_ms: Tensor, sample_rate: int) -> Tensor:
    """Coefficient of a one-pole smoother with this time constant: exp(-1000 / (ms * rate))."""
    return torch.exp(-1000 / (time_ms * sample_rate))


@compressor.renderer
class CompressorRenderer:
    """Streams blocks through the kernel; the smoothed gain carries on."""

    latency = 0
    tail = 0

    def __init__(self, sample_rate: int, channels: int, values: Values) -> None:
        del channels  # read off each block
        times = torch.tensor([values["attack_ms"], values["release_ms"]], dtype=torch.float64)
        attack, release = one_pole(times, sample_rate).tolist()
        row = [values["threshold_db"], values["ratio"], attack, release, values["knee_db"], values["makeup_db"]]
        self._coefficients = np.array(row)
        self._idle = values["ratio"] == 1.0 and values["makeup_db"] == 0.0
        self._state = 0.0

    def __call__(self, block: F32) -> F32:
        if not self._idle:
            self._state = compress(block, self._coefficients, self._state, block, np.empty(0, np.float32))
        return block
