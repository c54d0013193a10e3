"""What the mix should measure like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from style_transfer.features import Power, Shape
from style_transfer.reference import Reference


@dataclass(frozen=True, slots=True)
class StyleTarget:
    """What the mix should measure like: the references' weighted mean, at the same loudness."""

    shape: Shape
    crest_db: float


def target_of(references: Sequence[Reference], sample_rate: int) -> StyleTarget:
    """The weighted mean of the references' powers, each at the same K-weighted level, and of their crests."""
    weights = torch.tensor([reference.context.weight for reference in references], dtype=torch.float64)
    weights = weights / weights.sum()
    total = Power.nothing()
    for reference, weight in zip(references, weights, strict=True):
        level = 10 ** (reference.features.loudness_lufs / 10)
        total = total + reference.power * float(weight / level)
    crests = torch.tensor([reference.features.crest_db for reference in references], dtype=torch.float64)
    return StyleTarget(Shape.of(total, sample_rate), float((weights * crests).sum()))
