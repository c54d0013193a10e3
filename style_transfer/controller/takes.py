"""Tracks and references as tensors: what the controller hears, for one session or for a batch of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mixer.roles import Group, Role
from style_transfer.features import BANDS, Shape
from style_transfer.listen import Heard
from style_transfer.stems import GroupSaid, Presence

ROLES, GROUPS, PRESENCES = tuple(Role), tuple(Group), tuple(Presence)
GROUP_OF = torch.tensor([GROUPS.index(role.group) for role in ROLES])
"""The stem group of each role, ``[roles]``."""


@dataclass(frozen=True, slots=True)
class Takes:
    """Tracks as recorded; ``[batch, tracks, ...]``, padded with absent ones.

    Attributes:
        power: mean powers in bands ``[batch, tracks, 3, bands]`` float64: mid, side, cross.
        loudness: K-weighted mean square of each 400 ms, one every 100 ms ``[batch, tracks, windows]`` float64.
        numbers: loudness in LUFS, range and loud peak in dB ``[batch, tracks, 3]`` float32 (``listen.Heard``).
        stereo: 1 for two channels; role: index into ``ROLES``; sure: of the role, 0 to 1; there: false for padding.
        usual: where practice puts the knobs ``[batch, tracks, strip heads]``, in the unit interval.
    """

    power: Tensor
    loudness: Tensor
    numbers: Tensor
    stereo: Tensor
    role: Tensor
    sure: Tensor
    there: Tensor
    usual: Tensor

    @property
    def groups(self) -> Tensor:
        """1 where a track belongs to a stem group: ``[batch, tracks, groups]`` float64."""
        member = torch.nn.functional.one_hot(GROUP_OF.to(self.role.device)[self.role], len(GROUPS)).double()
        return member * self.there[..., None]

    def ordered(self) -> tuple[Takes, Tensor]:
        """The same tracks by what is measured on them, however they came, and each one's place: batches of one.

        Sums over tracks round differently in another order; in an order of its own the answer is the same, bit by bit.
        """
        rows = torch.cat([self.numbers[0].double(), self.power[0].flatten(1)], dim=1).numpy()
        order = torch.from_numpy(np.lexsort(rows.T[::-1]).copy())
        fields = {field.name: getattr(self, field.name)[:, order] for field in dataclasses.fields(self)}
        return Takes(**fields), order


def takes_of(heard: Sequence[Heard], usual: Tensor) -> Takes:
    """One session's tracks; ``usual`` ``[tracks, strip heads]``."""
    windows = max(len(entry.loudness) for entry in heard)
    loudness = np.stack([np.pad(entry.loudness, (0, windows - len(entry.loudness))) for entry in heard])
    power = torch.stack([torch.stack([entry.power.mid, entry.power.side, entry.power.cross]) for entry in heard])
    numbers = [[entry.loudness_lufs, entry.range_db, entry.loud_peak_db] for entry in heard]
    return Takes(
        power.double()[None],
        torch.from_numpy(loudness)[None],
        torch.tensor(numbers, dtype=torch.float32)[None],
        torch.tensor([[float(entry.track.channels == 2) for entry in heard]]),
        torch.tensor([[ROLES.index(entry.track.role) for entry in heard]]),
        torch.tensor([[float(entry.track.role_confidence) for entry in heard]]),
        torch.ones(1, len(heard), dtype=torch.bool),
        usual[None],
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """A mix as a ``features.Shape``: ``mid_db``, ``side_db`` ``[batch, bands]``, the rest ``[batch]``; float64."""

    mid_db: Tensor
    side_db: Tensor
    width_db: Tensor
    imbalance: Tensor

    @classmethod
    def of(cls, shape: Shape) -> Whole:
        """One mix."""
        return cls(shape.mid_db[None], shape.side_db[None], shape.width_db.reshape(1), shape.imbalance.reshape(1))


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a reference's stem groups; ``[batch, groups]`` and bands, float32.

    Attributes:
        presence: one of three: present, unsure, absent ``[batch, groups, 3]``; all 0 where there are no stems.
        level, width, imbalance: with their tolerances, and 1 where they are known: ``[batch, groups, 3]``.
        tone_db, owned: ``[batch, groups, bands]``.
    """

    presence: Tensor
    level: Tensor
    width: Tensor
    imbalance: Tensor
    tone_db: Tensor
    owned: Tensor


def told_of(groups: Sequence[GroupSaid]) -> Told:
    """One reference's groups."""
    count = len(GROUPS)
    presence = torch.zeros(1, count, len(PRESENCES))
    known = {name: torch.zeros(1, count, 3) for name in ("level", "width", "imbalance")}
    tone, owned = torch.zeros(1, count, BANDS), torch.zeros(1, count, BANDS)
    for said in groups:
        for group in said.groups if len(said.groups) == 1 else ():
            row = GROUPS.index(group)
            presence[0, row, PRESENCES.index(said.presence)] = 1.0
            for name, value, tolerance in (
                ("level", said.level_lu, said.level_tolerance_lu),
                ("width", said.width_db, said.width_tolerance_db),
                ("imbalance", said.imbalance, said.imbalance_tolerance),
            ):
                if value is not None:
                    known[name][0, row] = torch.tensor([value, tolerance, 1.0])
            if said.tone_db is not None:
                tone[0, row], owned[0, row] = torch.tensor(said.tone_db), torch.tensor(said.owned).float()
    return Told(presence, **known, tone_db=tone, owned=owned)
