"""A reference as it is named, before anything is heard: light enough for programs that only hand it on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mixer.roles import Group, Role

if TYPE_CHECKING:  # hearing stems needs torch, naming them does not
    from style_transfer.stems import ReferenceStems


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A reference as the user names it: the file, the part of it in seconds (None: the most telling), its weight.

    With roles it speaks for those alone; with stems it says how loud, how wide and where its stem groups are.
    """

    path: Path
    segment: tuple[float, float] | None = None
    weight: float = 1.0
    roles: tuple[Group | Role, ...] = ()
    stems: ReferenceStems | None = None
