"""The field at one setting of the knobs: what the search reads off it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from style_transfer.audibility import audibility_db
from style_transfer.balance import Groups, groups_of, master_curve_db, members
from style_transfer.desk import Desk
from style_transfer.features import Power, Shape, band_weights
from style_transfer.field import Field, curves_db
from style_transfer.start import Values


class Setting:
    """Levels and shapes, differentiable in the knobs.

    Args:
        desk: of the session; its values do not matter.
        gain_db: of the faders ``[tracks]``; ``pan`` and ``width`` of the panners likewise.
        added_db: what the strips' equalisers add to those that the field was heard through, ``[tracks, bands]``.
        master_db: what the master's equaliser does to each band, ``[bands]``.
    """

    def __init__(
        self,
        desk: Desk,
        field: Field,
        *,
        gain_db: Tensor,
        pan: Tensor,
        width: Tensor,
        added_db: Tensor,
        master_db: Tensor,
    ) -> None:
        self._desk, self._field, self._master_db = desk, field, master_db
        self._level_db = added_db + gain_db[:, None]
        self._weights = field.weights(self._level_db, pan, width)

    @classmethod
    def of(cls, desk: Desk, field: Field, values: Values) -> Setting:
        """At other values than those that the field was heard through."""
        there = Desk(desk.session, desk.heard, values, desk.sample_rate)
        with torch.no_grad():
            table = there.tensors({})
            added = curves_db(there, table) - field.curve_db
            master = master_curve_db(there)
            return cls(desk, field, **table["panner"], **table["fader"], added_db=added, master_db=master)

    def mix(self) -> Power:
        """Of everything, behind the master's equaliser: each ``[bands]``."""
        return self._sum(torch.ones(len(self._level_db), dtype=torch.float64))

    def shape(self, groups: Groups) -> Shape:
        """Of the sum of some groups, behind the master's equaliser."""
        row = members(self._desk.heard, [groups & groups_of(self._desk.heard)])[0]
        return Shape.of(self._sum(row), self._desk.sample_rate)

    def _sum(self, row: Tensor) -> Power:
        power = self._field.powers(self._weights, row[None]) * 10 ** (self._master_db / 10)
        return Power(power.mid[0], power.side[0], power.cross[0])

    def levels(self, sums: Sequence[Groups]) -> dict[Groups, Tensor]:
        """K-weighted level of sums of groups, behind the master's equaliser, in dB."""
        levels = self._weighted(self._field.powers(self._weights, members(self._desk.heard, sums)))
        return dict(zip(sums, levels.unbind(), strict=True))

    def track_levels(self) -> Tensor:
        """K-weighted level of each track, ``[tracks]`` in dB."""
        each = torch.eye(len(self._level_db), dtype=torch.float64)
        return self._weighted(self._field.powers(self._weights, each))

    def _weighted(self, power: Power) -> Tensor:
        weight = band_weights(self._desk.sample_rate) * 10 ** (self._master_db / 10)
        return 10 * torch.log10(2 * ((power.mid + power.side) * weight).sum(-1) + 1e-12)

    def audibility_db(self) -> Tensor:
        """How far each track comes through in its best band: ``[tracks]`` float32."""
        return audibility_db(self._field.moments, self._level_db.float())


def beyond(apart: Tensor, tolerance: float) -> Tensor:
    """Distance that is soft inside the tolerance and counts in full beyond it."""
    soft = max(tolerance, 0.05)
    return torch.sqrt(apart.square() + soft**2) - soft
