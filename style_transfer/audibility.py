"""Whether a track is heard beside the others: partial masking in bands, in the moments in which it plays.

What the others play masks a track in the band itself and, less, in its neighbours: 10 dB less for each Bark above and
25 dB less for each Bark below the masker (the slopes of M. R. Schroeder, B. S. Atal, J. L. Hall, JASA 66, 1979,
at their steepest and flattest). A track counts by its best band: an instrument that comes through anywhere is heard.
"""

from __future__ import annotations

import torch
from torch import Tensor

from style_transfer.features import BANDS

AUDIBLE_DB = -9.0
"""A track that reaches this over the others' masking in its best band counts as heard."""
_UP_DB, _DOWN_DB = 10.0, 25.0
"""How fast masking falls off, per Bark, towards higher and towards lower bands."""
_SOUNDING = 0.05
"""Moments count in which a track has this share of its loudest moment's power."""


def spread() -> Tensor:
    """What each band (column) masks in each band (row), as a factor on power: ``[bands, bands]``."""
    apart = torch.arange(BANDS)[:, None] - torch.arange(BANDS)[None]  # masked minus masker
    return 10 ** (-torch.where(apart >= 0, apart * _UP_DB, -apart * _DOWN_DB) / 10)


def sounding(moments: Tensor) -> Tensor:
    """1 where a track plays: ``[tracks, bands, windows] -> [tracks, windows]``."""
    power = moments.sum(1)
    return (power > _SOUNDING * power.amax(1, keepdim=True).clamp_min(1e-12)).to(moments.dtype)


def masking_map(moments: Tensor, gain_db: Tensor) -> Tensor:
    """Mean level of each track over what masks it, in dB, while it plays: ``[tracks, bands]``.

    Args:
        moments: powers ``[tracks, bands, windows]`` of the tracks at unity.
        gain_db: ``[tracks, bands]``, faders and equalisers.
    """
    powers = moments * (10 ** (gain_db / 10)).to(moments.dtype)[:, :, None]
    rest = powers.sum(0)[None] - powers  # [tracks, bands, windows]
    masked = torch.einsum("cb,tbw->tcw", spread().to(moments.dtype), rest) + 1e-12
    over = 10 * torch.log10((powers / masked).clamp(1e-4, 1e4))
    plays = sounding(moments)[:, None]
    return (over * plays).sum(2) / plays.sum(2).clamp_min(1)


def audibility_db(moments: Tensor, gain_db: Tensor) -> Tensor:
    """How far each track comes through in its best band, in dB: ``[tracks]``; smooth in the gains."""
    return 2 * torch.logsumexp(masking_map(moments, gain_db) / 2, dim=1)
