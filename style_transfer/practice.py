"""Good practice by role: where a mix starts before any reference is heard. The figures are data, in practice.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from mixer.roles import Role

_DATA = "data/practice.toml"


class RolePractice(BaseModel):
    """What engineers start from for one role; the fields are explained in practice.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level_lu: float
    level_sigma_lu: Annotated[float, Field(gt=0)]
    spread: Annotated[float, Field(ge=0, le=1)]
    highpass_hz: float | None = None
    range_db: float | None = None
    ratio: float = 1.0
    attack_ms: float = 10.0
    release_ms: float = 120.0
    send_db: float | None = None


class MasterPractice(BaseModel):
    """Widths of the prior that belong to no role, and the master's own starting values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    eq_sigma_db: float
    eq_sigma_octaves: float
    strip_eq_sigma_db: float
    pan_sigma: float
    width_sigma: float
    glue_ratio: float
    glue_attack_ms: float
    glue_release_ms: float
    glue_most_db: float
    ceiling_db: float


class Practice(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True)

    roles: dict[Role, RolePractice]
    master: MasterPractice


@cache
def practice() -> Practice:
    """The table that ships with the package."""
    raw = tomllib.loads(files("style_transfer").joinpath(_DATA).read_text(encoding="utf-8"))
    master = raw.pop("master")
    return Practice.model_validate({"roles": raw, "master": master})
