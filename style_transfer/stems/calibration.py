"""What each separator adds and takes away, as measured on mixes whose stems are known: data/separators.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from mixer.roles import Group
from style_transfer.stems.said import Presence

_DATA = "data/separators.toml"


class Knot(BaseModel):
    """One point of a level curve: what is heard, what it truly is, and how far off that typically is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heard_lu: float
    level_lu: float
    tolerance_lu: Annotated[float, Field(gt=0)]


class Limits(BaseModel):
    """Shares up to which, or from which on, something holds; see ``style_transfer.stems.heard.StemHeard``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: float
    clearness: float


class GroupCalibration(BaseModel):
    """What is known about one stem of a separator; the fields are explained in separators.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: tuple[Knot, ...] = ()
    error_lu: float | None = None
    floor_lu: float
    unsure_tolerance_lu: Annotated[float, Field(gt=0)]
    absent: Limits
    present: Limits
    width_tolerance_db: float | None = None
    imbalance_tolerance: float | None = None

    def presence(self, share: float, clearness: float) -> Presence:
        """Whether a group is there whose largest shares are these (``StemHeard``)."""
        if share < self.absent.share or clearness < self.absent.clearness:
            return Presence.ABSENT
        sure = share >= self.present.share and clearness >= self.present.clearness
        return Presence.PRESENT if sure else Presence.UNSURE

    def level_lu(self, heard_lu: float) -> tuple[float, float] | None:
        """The true loudness where so much is heard, and its tolerance; None where it cannot be told.

        Beyond the last knots it goes up and down with what is heard.
        """
        if not self.level:
            return None
        heard = np.array([knot.heard_lu for knot in self.level])
        inside = float(np.clip(heard_lu, heard[0], heard[-1]))
        level = float(np.interp(inside, heard, [knot.level_lu for knot in self.level]))
        tolerance = float(np.interp(inside, heard, [knot.tolerance_lu for knot in self.level]))
        return level + heard_lu - inside, tolerance


class SeparatorCalibration(BaseModel):
    """What is known about a separator's stems."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    mixes: int = 0
    songs: tuple[str, ...] = ()
    groups: dict[Group, GroupCalibration]

    @property
    def measured(self) -> bool:
        """Whether it was, on its own mixes."""
        return self.mixes > 0


@cache
def _table() -> dict[str, SeparatorCalibration]:
    raw = tomllib.loads(files("style_transfer").joinpath(_DATA).read_text(encoding="utf-8"))
    entries = [SeparatorCalibration.model_validate(entry) for entry in raw["separator"]]
    return {f"{entry.name} {entry.version}".strip(): entry for entry in entries}


def calibration(separator: str) -> SeparatorCalibration:
    """What is known about a separator ("NAME VERSION"); where nothing is, what holds of separators in general."""
    return _table().get(separator) or _table()["any"]


def measured_separators() -> list[SeparatorCalibration]:
    """Those that were measured on their own mixes."""
    return [entry for entry in _table().values() if entry.measured]
