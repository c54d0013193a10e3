"""Cascades of second-order filters: one design and one recursion for both paths of the console.

The recursion is transposed direct form II with float64 state. Its backward pass is the exact adjoint of the same
state equations, run backwards in time over chunks that are recomputed from stored states, so that memory stays at
about twice the signal however long the cascade is.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
import torch
from dasp_pytorch.signal import biquad as rbj_biquad
from numba import njit
from torch import Tensor

from mixer._parallel import parallel_map
from mixer.arrays import F32, F64

Shape = Literal["high_pass", "low_shelf", "peaking", "high_shelf"]

BUTTERWORTH_Q = 0.5**0.5
CHUNK = 1024
"""Samples between two stored states; a chunk of a whole cascade stays in the second-level cache."""
PADDING = 8
"""Keeps rows of a chunk apart by other than a power of two, which would make them share one line of the cache."""


def design(shape: Shape, gain_db: Tensor, cutoff_hz: Tensor, q: Tensor, sample_rate: int) -> Tensor:
    """Coefficients of the Audio EQ Cookbook (R. Bristow-Johnson), float64.

    Args:
        gain_db, cutoff_hz, q: ``[tracks]``; the cutoff is held below 0.49 of the sample rate.

    Returns:
        ``[tracks, 5]``: b0, b1, b2, a1, a2 with a0 = 1.
    """
    columns = [value.to(torch.float64)[:, None] for value in (gain_db, cutoff_hz.clamp(max=0.49 * sample_rate), q)]
    b, a = rbj_biquad(*columns, sample_rate, shape)
    return torch.cat([b, a[:, 1:]], dim=1)


def response(sections: Tensor, hz: Tensor, sample_rate: int) -> Tensor:
    """Magnitude of a cascade in dB: sections ``[..., sections, 5]``, hz ``[bands]`` -> ``[..., bands]``."""
    z = torch.exp(-2j * torch.pi * hz.to(torch.float64) / sample_rate)
    powers = torch.stack([torch.ones_like(z), z, z * z])  # [3, bands]
    numerator = sections[..., :3].to(powers.dtype) @ powers
    denominator = powers[0] + sections[..., 3:].to(powers.dtype) @ powers[1:]
    return (20 * torch.log10((numerator / denominator).abs().clamp_min(1e-12))).sum(-2)


@njit(cache=True, nogil=True)
def _into_states(sections: F64) -> tuple[F64, F64]:
    """How much of its input a section adds to its two states, the way through its output included.

    Both are exactly zero for a flat band, which so passes its input bit for bit.
    """
    through = sections[:, 0]
    return sections[:, 1] - sections[:, 3] * through, sections[:, 2] - sections[:, 4] * through


@njit(cache=True, nogil=True, fastmath={"contract"})
def run_cascade(x: F32, sections: F64, state: F64, y: F32) -> None:
    """Filter ``x`` ``[channels, n]`` (one or two) into ``y``; ``sections`` ``[s, 5]``, ``state`` ``[s, 2, 2]``.

    Two channels share the loop, since reading the coefficients is what limits the speed.
    """
    count = sections.shape[0]
    into1, into2 = _into_states(sections)
    stereo = x.shape[0] == 2
    for n in range(x.shape[1]):
        left = np.float64(x[0, n])
        right = np.float64(x[1, n]) if stereo else 0.0
        for s in range(count):
            b0, c1, c2, a1, a2 = sections[s, 0], into1[s], into2[s], sections[s, 3], sections[s, 4]
            z1, z2 = state[s, 0, 0], state[s, 1, 0]
            state[s, 0, 0] = c1 * left - a1 * z1 + z2
            state[s, 1, 0] = c2 * left - a2 * z1
            left = b0 * left + z1
            if stereo:
                z1, z2 = state[s, 0, 1], state[s, 1, 1]
                state[s, 0, 1] = c1 * right - a1 * z1 + z2
                state[s, 1, 1] = c2 * right - a2 * z1
                right = b0 * right + z1
        y[0, n] = left
        if stereo:
            y[1, n] = right
    for s in range(count):  # a decayed state must not reach denormal numbers, which are slow
        for k in range(2):
            for c in range(2):
                if abs(state[s, k, c]) < 1e-30:
                    state[s, k, c] = 0.0


@njit(cache=True, nogil=True)
def _forward(x: F32, sections: F64, y: F32, states: F64) -> None:
    """Whole signal; ``states`` ``[chunks, s, 2, 2]`` receives the state at the start of each chunk."""
    state = np.zeros((sections.shape[0], 2, 2))
    for chunk in range(states.shape[0]):
        states[chunk] = state
        here = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
        run_cascade(x[:, here], sections, state, y[:, here])


@njit(cache=True, nogil=True, fastmath={"contract"})
def _signals(x: F32, sections: F64, state: F64, signals: F64) -> None:
    """What enters each section and what leaves the last, last sample first: ``[channels, n] -> [s + 1, n, 2]``."""
    into1, into2 = _into_states(sections)
    count, stereo, last = sections.shape[0], x.shape[0] == 2, x.shape[1] - 1
    for n in range(x.shape[1]):
        left = np.float64(x[0, n])
        right = np.float64(x[1, n]) if stereo else 0.0
        for s in range(count):
            signals[s, last - n, 0], signals[s, last - n, 1] = left, right
            b0, c1, c2, a1, a2 = sections[s, 0], into1[s], into2[s], sections[s, 3], sections[s, 4]
            l1, l2, r1, r2 = state[s, 0, 0], state[s, 1, 0], state[s, 0, 1], state[s, 1, 1]
            state[s, 0, 0], state[s, 0, 1] = c1 * left - a1 * l1 + l2, c1 * right - a1 * r1 + r2
            state[s, 1, 0], state[s, 1, 1] = c2 * left - a2 * l1, c2 * right - a2 * r1
            left, right = b0 * left + l1, b0 * right + r1
        signals[count, last - n, 0], signals[count, last - n, 1] = left, right


@njit(cache=True, nogil=True, fastmath={"contract"})
def _adjoints(grad_y: F32, sections: F64, adjoints: F64, grad_x: F32) -> None:
    """Adjoints of the sums that feed the poles, last sample first: ``[channels, n] -> [s, 2 + n, 2]``.

    With p the adjoint of a section's pole sum and g that of its output, p[n] = g[n] - a1 p[n + 1] - a2 p[n + 2], and
    that of its input is b0 p[n] + b1 p[n + 1] + b2 p[n + 2]. The first two rows come from the chunk that follows.
    """
    into1, into2 = _into_states(sections)
    count, stereo, last = sections.shape[0], grad_y.shape[0] == 2, grad_y.shape[1] - 1
    for i in range(grad_y.shape[1]):
        left = np.float64(grad_y[0, last - i])
        right = np.float64(grad_y[1, last - i]) if stereo else 0.0
        for s in range(count - 1, -1, -1):
            b0, c1, c2, a1, a2 = sections[s, 0], into1[s], into2[s], sections[s, 3], sections[s, 4]
            l1, l2, r1, r2 = adjoints[s, i + 1, 0], adjoints[s, i, 0], adjoints[s, i + 1, 1], adjoints[s, i, 1]
            adjoints[s, i + 2, 0] = left - (a1 * l1 + a2 * l2)
            adjoints[s, i + 2, 1] = right - (a1 * r1 + a2 * r2)
            left, right = b0 * left + (c1 * l1 + c2 * l2), b0 * right + (c1 * r1 + c2 * r2)
        grad_x[0, last - i] = left
        if stereo:
            grad_x[1, last - i] = right


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
def _dot(a: F64, b: F64) -> float:
    """Sum of products; in any order, so that it compiles to vector instructions."""
    total = 0.0
    for n in range(a.shape[0]):
        total += a[n] * b[n]
    return total


@njit(cache=True, nogil=True)
def _backward(x: F32, sections: F64, states: F64, grad_y: F32, grad_x: F32, grad_sections: F64) -> None:
    """Adjoint of ``_forward``: ``grad_x`` and ``grad_sections`` ``[s, 5]`` are written."""
    length, count = x.shape[1], sections.shape[0]
    signals = np.empty((count + 1, CHUNK + PADDING, 2))
    adjoints = np.zeros((count, CHUNK + PADDING, 2))
    grad_sections[:] = 0.0
    size = 0
    for chunk in range(states.shape[0] - 1, -1, -1):
        for s in range(count):
            for k in range(2):  # a decayed adjoint must not reach denormal numbers, which are slow
                for c in range(2):
                    p = adjoints[s, size + k, c]
                    adjoints[s, k, c] = p if abs(p) > 1e-30 else 0.0
        here = slice(chunk * CHUNK, min((chunk + 1) * CHUNK, length))
        size = here.stop - here.start
        _signals(x[:, here], sections, states[chunk].copy(), signals)
        _adjoints(grad_y[:, here], sections, adjoints, grad_x[:, here])
        for s in range(count):
            entering, leaving = signals[s].ravel()[: 2 * size], signals[s + 1].ravel()[: 2 * size]
            for k in range(3):
                later = adjoints[s].ravel()[4 - 2 * k : 4 - 2 * k + 2 * size]
                grad_sections[s, k] += _dot(later, entering)
                if k:
                    grad_sections[s, 2 + k] -= _dot(later, leaving)


class _Cascade(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, sections: Tensor) -> Tensor:
        x = x.contiguous()
        tracks, _, length = x.shape
        y = torch.empty_like(x)
        states = np.empty((tracks, -(-length // CHUNK), sections.shape[1], 2, 2))
        source, coefficients, target = x.numpy(), sections.contiguous().numpy(), y.numpy()
        parallel_map(lambda i: _forward(source[i], coefficients[i], target[i], states[i]), tracks)
        ctx.save_for_backward(x, sections)
        ctx.states = states
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        x, sections = ctx.saved_tensors
        grad_x, grad_sections = torch.empty_like(x), torch.empty_like(sections)
        source, coefficients, given = x.numpy(), sections.contiguous().numpy(), grads[0].contiguous().numpy()
        into_x, into_sections, states = grad_x.numpy(), grad_sections.numpy(), ctx.states
        parallel_map(
            lambda i: _backward(source[i], coefficients[i], states[i], given[i], into_x[i], into_sections[i]),
            x.shape[0],
        )
        return grad_x, grad_sections


def cascade(x: Tensor, sections: Tensor) -> Tensor:
    """Differentiable cascade: x ``[tracks, channels, time]`` float32, sections ``[tracks, s, 5]`` float64.

    Exact for any pole; gradients flow to the audio and to every coefficient.
    """
    return cast(Tensor, _Cascade.apply(x, sections))  # type: ignore[no-untyped-call]  # torch has no type for it
