"""What a reference's stems are, and what can be trusted of what is heard in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mixer.roles import Group


@dataclass(frozen=True, slots=True)
class ReferenceStems:
    """The stems of a reference, handed in by whoever has them.

    Attributes:
        files: one for each stem group that there is; all of them begin together.
        separator: the one that made them, by its name and its weights' version ("spleeter-4 3-8c13b607-1a1f4780");
            None for the true stems, of which everything can be trusted.
        start_s: where in the reference the files begin, in seconds.
    """

    files: Mapping[Group, Path]
    separator: str | None = None
    start_s: float = 0.0


class Presence(StrEnum):
    """Whether a group sounds in a song. What is unsure counts half, and is worth a question."""

    PRESENT = "present"
    UNSURE = "unsure"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class GroupSaid:
    """What is trusted of one stem group, or of several that cannot be told apart.

    Never how wet a group is, nor its dynamics: separated stems do not tell (measured: no correlation with the truth).

    Attributes:
        groups: usually one; what else is said here is of their sum.
        level_lu: loudness relative to the reference's mix, freed from what the separator is known to add or to take
            away; None where it cannot be told.
        level_tolerance_lu: how far off it typically is, as a standard deviation; so with the others.
        width_db: side over mid, as ``style_transfer.features.Shape``.
        imbalance: -1 left to 1 right.
        tone_db: mid band powers relative to the group's own K-weighted level, ``[bands]``.
        owned: the bands that the group fills, and in which most of what is heard is its own: there its tone can be
            trusted.
    """

    groups: frozenset[Group]
    presence: Presence
    level_lu: float | None
    level_tolerance_lu: float
    width_db: float | None
    width_tolerance_db: float
    imbalance: float | None
    imbalance_tolerance: float
    tone_db: tuple[float, ...] | None
    owned: tuple[bool, ...]
