"""How loud a stem group is against those that it is compared with: as wanted, and as measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from style_transfer.balance import Balance, Groups
from style_transfer.target import GroupTarget


@dataclass(frozen=True, slots=True)
class GroupLevel:
    """A level in LU of some of the session's stem groups against the summed powers of several sums of them."""

    groups: Groups
    among: tuple[Groups, ...]
    level_lu: float

    @classmethod
    def of(cls, target: GroupTarget, own: Groups) -> Self:
        """What a reference asks for, of the groups that the session has."""
        return cls(target.groups & own, tuple(groups & own for groups in target.among), target.level_lu)

    def measured_lu(self, balance: Balance) -> float:
        """The same as it is in a mix; the balance must have measured ``sums_of`` it."""
        together = sum(10 ** (balance.sums[groups] / 10) for groups in self.among)
        return balance.sums[self.groups] - 10 * math.log10(together + 1e-20)


def sums_of(levels: Sequence[GroupLevel]) -> list[Groups]:
    """The sums of groups that have to be measured for these."""
    return sorted({groups for level in levels for groups in (level.groups, *level.among)}, key=sorted)
