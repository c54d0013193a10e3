"""How an accompaniment's bins are shared between drums, bass and the rest: soft gains learned from the cues.

A network of two small layers looks at the cues of one bin and gives three shares that add up to one. It was trained on
arrangements whose stems are known, to make each stem's error energy small (``datasets/make_stem_gains.py``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from mixer.errors import ModelError
from separation.checkpoint import read_safetensors
from separation.spleeter.about import GAINS_SHA256
from separation.spleeter.cues import (
    COUNT,
    MEDIANS_SCALE,
    OCTAVES,
    OCTAVES_SCALE,
    REACH_FRAMES,
    STEADY_AGAINST_TALL,
    cues,
)

STEMS = ("drums", "bass", "other")
PATH = Path(__file__).parents[1] / "weights" / "stem-gains.safetensors"
HIDDEN = 48
LEARNED = 0.5
BASS_CUTOFF_HZ = 250.0
_A_HZ = 440.0
_COLUMNS_AT_ONCE = 8192
_FRAMES_AT_ONCE = 768
"""Twenty cues of every bin of a long segment would fill gigabytes."""


class StemGains(nn.Module):
    """Cues to shares, bin by bin.

    Shape:
        input: ``[..., 20]``; output: ``[..., 3]``, adding up to 1
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(COUNT, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, len(STEMS))
        )

    def forward(self, cues: Tensor) -> Tensor:
        return torch.softmax(self.layers(cues), -1)

    def columns(self, cues: Tensor) -> Tensor:
        """The same for cues that stand in columns, some at a time: few enough for caches, enough for threads.

        Shape:
            cues: ``[20, n]``; returned: ``[3, n]``
        """
        found = torch.empty(len(STEMS), cues.shape[1])
        for at in range(0, cues.shape[1], _COLUMNS_AT_ONCE):
            x = cues[:, at : at + _COLUMNS_AT_ONCE]
            for layer in self.layers:
                if isinstance(layer, nn.Linear):
                    x = torch.addmm(layer.bias[:, None], layer.weight, x)
                else:
                    x = functional.silu(x, inplace=True)
            found[:, at : at + _COLUMNS_AT_ONCE] = torch.softmax(x, 0)
        return found


@cache
def stem_gains() -> StemGains:
    """The trained network, loaded once; ModelError where the file in the package is missing or damaged."""
    network = StemGains()
    remedy = "install Faderwise again"
    try:
        network.load_state_dict(read_safetensors(PATH, GAINS_SHA256, remedy))
    except RuntimeError:
        raise ModelError(f"{PATH}: holds another network; {remedy}") from None
    return network.eval().requires_grad_(False)


def plain_shares(cues: Tensor) -> Tensor:
    """What the textbook gives: percussive against harmonic by their medians, the bass below 250 Hz, the rest.

    Shape:
        as ``shares``
    """
    octaves = cues[OCTAVES, :, :1] * OCTAVES_SCALE  # [bins, 1], above 440 Hz
    percussive = torch.sigmoid(-2 * MEDIANS_SCALE * cues[STEADY_AGAINST_TALL])  # p^2 / (h^2 + p^2)
    low = 1 / (1 + (_A_HZ * 2**octaves / BASS_CUTOFF_HZ) ** 6)
    harmonic = 1 - percussive
    return torch.stack((percussive, harmonic * low, harmonic * (1 - low)))


def accompaniment_shares(network: StemGains, accompaniment: Tensor, voice: Tensor) -> Tensor:
    """``shares`` of a whole segment, some frames at a time with what their cues look at on both sides.

    Shape:
        accompaniment, voice: as ``cues`` takes them, ``[2, bins, frames]``; returned: ``[3, bins, frames]``
    """
    frames = accompaniment.shape[-1]
    found = torch.empty(len(STEMS), *accompaniment.shape[1:])
    for at in range(0, frames, _FRAMES_AT_ONCE):
        first, stop = max(0, at - REACH_FRAMES), min(frames, at + _FRAMES_AT_ONCE + REACH_FRAMES)
        part = shares(network, cues(accompaniment[..., first:stop], voice[..., first:stop]))
        found[..., at : at + _FRAMES_AT_ONCE] = part[..., at - first : at - first + _FRAMES_AT_ONCE]
    return found


def shares(network: StemGains, cues: Tensor) -> Tensor:
    """The shares of drums, bass and the rest: the mean of what was learned and of what the textbook gives.

    Alone the learned gains are better on the kind of music that they know and worse on real recordings that they do
    not; the mean is better than either on the average of both (measured on the development songs).

    Shape:
        cues: ``[20, bins, frames]``; returned: ``[3, bins, frames]``
    """
    learned = network.columns(cues.flatten(1)).view(-1, *cues.shape[1:])
    return torch.lerp(plain_shares(cues), learned, LEARNED)
