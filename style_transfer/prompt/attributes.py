"""What each word for sound means in decibels: the table of attributes."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from style_transfer.features import CENTRES_HZ

Aspect = Literal["tone", "level", "place", "space", "dynamics", "colour", "mood", "knob", "beyond"]
Curve = Annotated[tuple[tuple[float, float], ...], Field(description="Frequency in Hz and dB, rising.")]


class Attribute(BaseModel):
    """One axis along which words move a sound; the fields are explained in attributes.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    plus: str
    minus: str
    aspect: Aspect
    doc: str
    tone: Curve = ()
    less_tone: Curve = ()
    level_lu: float = 0.0
    width_db: float = 0.0
    pan: float = 0.0
    wet_db: float = 0.0
    reduction_db: float = 0.0
    crest_db: float = 0.0
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.9
    removable: bool = False
    nearest: str = ""

    def bands_db(self, sign: int, frequencies_hz: tuple[float, ...] = CENTRES_HZ) -> tuple[float, ...]:
        """The tone of "more" (1) or "less" (-1) at plain intensity: dB at each frequency, by default the 25 bands."""
        points, factor = (self.less_tone, 1.0) if sign < 0 and self.less_tone else (self.tone, float(sign))
        if not points:
            return (0.0,) * len(frequencies_hz)
        hz, db = zip(*points, strict=True)
        curve = factor * np.interp(np.log(frequencies_hz), np.log(hz), db)
        return tuple(float(value) for value in curve)

    def called(self, sign: int) -> str:
        """How this end of the axis is called: 'warmer', 'colder'."""
        return self.minus if sign < 0 else self.plus


@cache
def attributes() -> dict[str, Attribute]:
    """The table that ships with the package, by name.

    >>> attributes()["mud"].minus
    'cleaner low mids'
    """
    raw = tomllib.loads(files("style_transfer.prompt").joinpath("data/attributes.toml").read_text("utf-8"))
    return {name: Attribute(name=name, **entry) for name, entry in raw.items()}
