"""What is known of a reference: the whole, and its groups from true stems, from separated ones, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from style_transfer.controller.effects import Sounding, whole
from style_transfer.controller.takes import GROUPS, Takes, Told, Whole
from style_transfer.features import BANDS, MID_FLOOR
from style_transfer.stems.calibration import SeparatorCalibration, measured_separators
from style_transfer.stems.hear import (
    ABSENT_LU,
    FAINT_DB,
    OWNED,
    TRUE_IMBALANCE_TOLERANCE,
    TRUE_LEVEL_TOLERANCE_LU,
    TRUE_WIDTH_TOLERANCE_DB,
)

TRUE, SEPARATED = 0.25, 0.5
"""Shares of the references whose stems are known, and are those of a separator; the others are mixes alone."""
WORSE = 0.3
"""How often a separator tells less than those that were measured, by up to twice the tolerance."""
MISSED_LU, UNSURE_LU = (-14.0, 3.0), (-9.0, 2.5)
"""Level at which every second group is missed or left unsure by a separator, and over how much that changes: read off
mixes of the benchmark's development songs."""
IMAGINED, IMAGINED_LU = 0.15, (-10.0, 4.0)
"""How often a separator thinks that it may hear a group that is not there, and how loud."""
TRUE_TONE_DB, SEPARATED_TONE_DB = 0.2, 1.0


@dataclass(frozen=True, slots=True)
class Separator:
    """How far a separator's stems can be trusted; rows are the stem groups.

    Attributes:
        levels, tolerances: in LU ``[groups, knots]``, the first rising.
        unsure, width, imbalance: tolerances ``[groups]``; 0 where it does not tell.
    """

    levels: tuple[tuple[float, ...], ...]
    tolerances: tuple[tuple[float, ...], ...]
    unsure: Tensor
    width: Tensor
    imbalance: Tensor

    @classmethod
    def of(cls, known: SeparatorCalibration) -> Separator:
        """As it was measured."""
        rows = [known.groups[group] for group in GROUPS]
        return cls(
            tuple(tuple(knot.level_lu for knot in row.level) for row in rows),
            tuple(tuple(knot.tolerance_lu for knot in row.level) for row in rows),
            torch.tensor([row.unsure_tolerance_lu for row in rows]),
            torch.tensor([row.width_tolerance_db or 0.0 for row in rows]),
            torch.tensor([row.imbalance_tolerance or 0.0 for row in rows]),
        )

    def tolerance_lu(self, levels: Tensor) -> Tensor:
        """Of groups of these true levels ``[batch, groups]``."""
        rows = zip(levels.T.numpy(), self.levels, self.tolerances, strict=True)
        return torch.from_numpy(np.stack([np.interp(row, at, wide) for row, at, wide in rows])).T.float()


@cache
def separator() -> Separator:
    """The one that was measured, and has a stem for each group."""
    return Separator.of(next(one for one in measured_separators() if set(one.groups) == set(GROUPS)))


@dataclass(frozen=True, slots=True)
class _Dice:
    generator: torch.Generator

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator)

    def chance(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator)


def known_of(made: Sounding, takes: Takes, generator: torch.Generator) -> tuple[Whole, Told]:
    """What is known of a batch of references."""
    dice, every = _Dice(generator), takes.there.double()[..., None]
    sums, total = made.sums(takes.groups), made.sums(every)[:, 0]
    levels = (made.gated_lufs(takes, takes.groups) - made.gated_lufs(takes, every)).float()
    has = takes.groups.sum(1) > 0
    kind = dice.chance(len(levels), 1)
    true, separated = kind < TRUE, (kind >= TRUE) & (kind < TRUE + SEPARATED)
    absent, unsure = _presence(levels, has, dice)
    absent, unsure = torch.where(true, ~has | (levels < ABSENT_LU), absent), unsure & separated
    said, tolerance = _levels(levels, has, unsure, dice)
    said = torch.where(true, levels + TRUE_LEVEL_TOLERANCE_LU * dice.normal(*levels.shape), said)
    tolerance = torch.where(true, TRUE_LEVEL_TOLERANCE_LU, tolerance)
    presence = torch.stack([~unsure & ~absent, unsure & ~absent, absent], dim=-1) & (true | separated)[..., None]
    there = ((true | separated) & ~absent).float()
    known = separator()
    heard = whole(sums, made.weights)
    wide = torch.where(true, TRUE_WIDTH_TOLERANCE_DB, known.width)
    aside = torch.where(true, TRUE_IMBALANCE_TOLERANCE, known.imbalance)
    tone_db = torch.where(true, TRUE_TONE_DB, SEPARATED_TONE_DB)[..., None] * dice.normal(*levels.shape, BANDS)
    share = (sums[..., 0, :] + sums[..., 1, :]) / (total[:, 0] + total[:, 1] + MID_FLOOR)[:, None]
    owned = (heard.mid_db > heard.mid_db.amax(-1, keepdim=True) + FAINT_DB) & (true[..., None] | (share > OWNED))
    return whole(total, made.weights), Told(
        presence.float(),
        _told(said, tolerance, there),
        _told(heard.width_db.float() + wide * dice.normal(*levels.shape), wide, there * has * (wide > 0)),
        _told(heard.imbalance.float() + aside * dice.normal(*levels.shape), aside, there * has * (aside > 0)),
        tone_db=(heard.mid_db.float() + tone_db) * (there * has)[..., None],
        owned=owned.float() * (there * has)[..., None],
    )


def _presence(levels: Tensor, has: Tensor, dice: _Dice) -> tuple[Tensor, Tensor]:
    """Which groups a separator takes for absent, and of which it is unsure."""

    def below(limit: tuple[float, float]) -> Tensor:
        return dice.chance(*levels.shape) < torch.sigmoid((limit[0] - levels) / limit[1])

    imagined = ~has & (dice.chance(*levels.shape) < IMAGINED)
    return torch.where(has, below(MISSED_LU), ~imagined), imagined | has & below(UNSURE_LU)


def _levels(levels: Tensor, has: Tensor, unsure: Tensor, dice: _Dice) -> tuple[Tensor, Tensor]:
    """How loud a separator says that groups are, and within what."""
    known = separator()
    tolerance = known.tolerance_lu(levels)
    tolerance = torch.where(unsure, torch.maximum(tolerance, known.unsure), tolerance)
    worse = torch.where(dice.chance(len(levels), 1) < WORSE, 1 + dice.chance(len(levels), 1), 1.0)
    said = levels + tolerance * worse * dice.normal(*levels.shape)
    imagined = IMAGINED_LU[0] + IMAGINED_LU[1] * dice.normal(*levels.shape)
    return torch.where(has, said, imagined), tolerance * worse


def _told(value: Tensor, tolerance: Tensor, known: Tensor) -> Tensor:
    return torch.stack([value, tolerance.expand_as(value), torch.ones_like(value)], dim=-1) * known[..., None]
