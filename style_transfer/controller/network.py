"""The network: a set transformer over the tracks of a song, which reads the reference's groups by cross-attention.

After J. Lee et al., "Set Transformer", ICML 2019: attention knows no order, so that tracks may come in any. The task is
that of S. S. Vanka, C. Steinmetz et al., "Diff-MST: Differentiable Mixing Style Transfer", ISMIR 2024; what is read
here are features, not audio, which takes a hundredth of its size.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from style_transfer.controller.inputs import GROUP_NUMBERS, MIX_NUMBERS, TRACK_NUMBERS, Tokens
from style_transfer.controller.takes import GROUPS, ROLES

SHAPE = {"size": 128, "layers": 3, "attentions": 4}
"""Of the network that is trained."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Offsets from practice in units of the heads' widths, and how sure they are (standard deviations, same units)."""

    strips: Tensor
    """``[batch, tracks, strip heads]``."""
    strips_sigma: Tensor
    mix: Tensor
    """``[batch, mix heads]``."""
    mix_sigma: Tensor


class Layer(nn.Module):
    """Tracks and the mix hear each other, then the reference, then think; each with a residual around it."""

    def __init__(self, size: int, attentions: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(3))
        self.among = nn.MultiheadAttention(size, attentions, batch_first=True)
        self.across = nn.MultiheadAttention(size, attentions, batch_first=True)
        self.think = nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))

    def forward(self, x: Tensor, reference: Tensor, absent: Tensor) -> Tensor:
        """x ``[batch, 1 + tracks, size]``, reference ``[batch, 1 + groups, size]``, absent ``[batch, 1 + tracks]``."""
        own = self.norms[0](x)
        x = x + self.among(own, own, own, key_padding_mask=absent, need_weights=False)[0]
        x = x + self.across(self.norms[1](x), reference, reference, need_weights=False)[0]
        return torch.as_tensor(x + self.think(self.norms[2](x)))


class Network(nn.Module):
    """Tokens in, offsets and their uncertainty out.

    Args:
        strips: number of heads of a track; mix: of the mix; fader: which of a track's is its fader.
        size: of a token; layers, attentions: as said.
    """

    _fader: Tensor

    def __init__(self, strips: int, mix: int, fader: int, size: int, layers: int, attentions: int) -> None:
        super().__init__()
        self.register_buffer("_fader", nn.functional.one_hot(torch.tensor(fader), strips).float(), persistent=False)
        self.role = nn.Embedding(len(ROLES), 24)
        self.group = nn.Parameter(0.1 * torch.randn(len(GROUPS), size))
        self.read_track = _reader(TRACK_NUMBERS + 24, size)
        self.read_group, self.read_mix = _reader(GROUP_NUMBERS, size), _reader(MIX_NUMBERS, size)
        self.layers = nn.ModuleList(Layer(size, attentions) for _ in range(layers))
        self.norm = nn.LayerNorm(size)
        self.strip_heads, self.mix_heads = nn.Linear(size, 2 * strips), nn.Linear(size, 2 * mix)
        for heads in (self.strip_heads, self.mix_heads):  # begins as practice itself
            nn.init.zeros_(heads.weight)
            nn.init.zeros_(heads.bias)

    def forward(self, tokens: Tokens) -> Answer:
        """One pass."""
        mix = self.read_mix(tokens.mix)  # [batch, 1, size]
        groups = self.read_group(tokens.groups) + self.group
        tracks = self.read_track(torch.cat([tokens.tracks, self.role(tokens.role)], dim=-1))
        x, reference = torch.cat([mix, tracks], dim=1), torch.cat([mix, groups], dim=1)
        absent = torch.cat([torch.zeros_like(tokens.there[:, :1]), ~tokens.there], dim=1)
        for layer in self.layers:
            x = layer(x, reference, absent)
        x = self.norm(x)
        strips, strips_log = self.strip_heads(x[:, 1:]).chunk(2, dim=-1)
        strips = strips + tokens.lead[..., None] * self._fader
        whole, whole_log = self.mix_heads(x[:, 0]).chunk(2, dim=-1)
        return Answer(strips, _sigma(strips_log), whole, _sigma(whole_log))


def _reader(numbers: int, size: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(numbers, 2 * size), nn.GELU(), nn.Linear(2 * size, size))


def _sigma(log: Tensor) -> Tensor:
    """Between a fiftieth of a unit and twenty units."""
    return torch.exp(log.clamp(-4.0, 3.0))
