"""What the mix should measure like: as a whole, and stem group by stem group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from mixer.roles import Group, Role
from style_transfer.balance import Groups
from style_transfer.features import Dynamics, Power, Shape
from style_transfer.reference import Reference
from style_transfer.stems import GroupSaid, Presence

UNSURE_WEIGHT = 0.5
"""What a reference says about a group that may not be there counts this much."""


@dataclass(frozen=True, slots=True)
class GroupTarget:
    """What one reference says about one stem group (or about two that it cannot tell apart)."""

    said: GroupSaid
    among: tuple[Groups, ...]
    """What reference and session share: levels are relative to the sum of their powers."""
    level_lu: float
    """Loudness against those."""
    weight: float
    name: str
    """Of the reference."""

    @property
    def groups(self) -> Groups:
        """What it speaks of."""
        return self.said.groups


@dataclass(frozen=True, slots=True)
class StyleTarget:
    """The references together, at the same loudness."""

    shape: Shape | None
    """Weighted mean of those that speak for the whole mix; None where all speak for groups alone."""
    dynamics: Dynamics | None
    groups: tuple[GroupTarget, ...]
    kept: Groups
    """Groups of the session that no reference has: their ratio to the rest stays the session's own."""


def target_of(references: Sequence[Reference], sample_rate: int, own: Groups) -> StyleTarget:
    """What the references ask for, together.

    Args:
        own: the session's stem groups.
    """
    whole = [reference for reference in references if not reference.context.roles]
    shape, dynamics = (None, None) if not whole else _whole_mix(whole, sample_rate)
    total = sum(reference.context.weight for reference in references)
    groups = [
        target for reference in references for target in _groups(reference, own, reference.context.weight / total)
    ]
    told = [reference for reference in references if reference.groups]
    missing = own if told else frozenset()
    for reference in told:
        missing -= {group for said in reference.groups if said.presence != Presence.ABSENT for group in said.groups}
    return StyleTarget(shape, dynamics, tuple(groups), missing)


def _whole_mix(references: Sequence[Reference], sample_rate: int) -> tuple[Shape, Dynamics]:
    """The weighted mean of powers, each at the same K-weighted level, and of dynamics."""
    weights = torch.tensor([reference.context.weight for reference in references], dtype=torch.float64)
    weights = weights / weights.sum()
    total = Power.nothing()
    for reference, weight in zip(references, weights, strict=True):
        level = 10 ** (reference.features.loudness_lufs / 10)
        total = total + reference.power * float(weight / level)
    dynamics = [Dynamics.of(reference.features) for reference in references]
    return Shape.of(total, sample_rate), Dynamics.mean(dynamics, weights.tolist())


def _groups(reference: Reference, own: Groups, weight: float) -> list[GroupTarget]:
    """What a reference says about the groups that the session shares with it and that it was asked about."""
    shared = [
        said
        for said in reference.groups
        if said.presence != Presence.ABSENT and said.level_lu is not None and said.groups & own
    ]
    among = tuple(said.groups for said in shared)
    together = torch.tensor([said.level_lu for said in shared], dtype=torch.float64)
    common_lu = float(10 * torch.log10((10 ** (together / 10)).sum())) if shared else 0.0
    asked = {role.group if isinstance(role, Role) else Group(role) for role in reference.context.roles} or set(Group)
    return [
        GroupTarget(
            said,
            among,
            said.level_lu - common_lu,
            weight * (UNSURE_WEIGHT if said.presence == Presence.UNSURE else 1.0),
            reference.context.name,
        )
        for said in shared
        if said.groups & asked and said.level_lu is not None
    ]
