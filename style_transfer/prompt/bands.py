"""Which peak band of an equaliser serves a frequency."""

from __future__ import annotations

import math
from typing import NamedTuple

from mixer.session import Session

_PEAKS = ("peak1", "peak2", "peak3", "peak4")
_SAME_OCTAVES = 1 / 12
"""Two frequencies closer than this are the same band to whoever names them."""


class Band(NamedTuple):
    """A peak band, whether it is free, and its gain now in dB."""

    name: str
    free: bool
    gain_db: float


def band_for(session: Session, place: str, hz: float) -> Band | None:
    """The band that already stands at this frequency, else the flat one nearest to it; None if none is flat.

    Args:
        place: a track's id or ``master``.
    """
    flat: list[tuple[float, str]] = []
    for name in _PEAKS:
        gain_db = session.knob(f"{place}.equalizer.{name}_gain_db").value
        octaves = abs(math.log2(session.knob(f"{place}.equalizer.{name}_hz").value / hz))
        if gain_db == 0.0:
            flat.append((octaves, name))
        elif octaves <= _SAME_OCTAVES:
            return Band(name, False, gain_db)
    return Band(min(flat)[1], True, 0.0) if flat else None
