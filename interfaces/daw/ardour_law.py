"""Ardour's own fader, panners, equaliser and compressor, and how our knobs come out on them exactly.

The formulas were read off renders of Ardour 7.3; each has its inverse, so that a session can be read back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mixer.processors.fader import GAIN
from mixer.processors.panner import channel_gains

FADER_LIMIT_DB = 6.0
"""Ardour's faders end here (gain 2)."""
_FADER_LIMIT = 2.0
_CURVE = -0.831783138


def _mono_law(position: float) -> float:
    """Gain of one side of Ardour's mono panner; position 0 is all on the other side."""
    return position * (_CURVE * position + 1 - _CURVE)


MONO_GAIN = 1 / _mono_law(0.5)
"""What our level script adds to a mono track: the loss of Ardour's panner at the centre."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A fader and a panner as Ardour has them."""

    fader: float
    """Linear, 0 to 2."""
    azimuth: float
    """0 is left, 0.5 the centre, 1 right."""
    trim_db: float
    """What the fader's end leaves over, for our level script."""


def placed(gain_db: float, pan: float, channels: int, *, scripted: bool = True) -> Placed:
    """Ardour's fader and panner for ours; ``scripted`` says whether the track passes our level script."""
    gain = 0.0 if GAIN.is_off(gain_db) else 10 ** (gain_db / 20)
    if channels == 1:
        (left,), (right,) = channel_gains(pan, 1.0, 1)
        azimuth = _azimuth(left, right)
        gain *= left / _mono_law(1 - azimuth) if pan < 0 else right / _mono_law(azimuth)
        gain /= MONO_GAIN if scripted else 1.0
    else:
        azimuth = (pan + 1) / 2
    fader = min(gain, _FADER_LIMIT)
    return Placed(fader, azimuth, 20 * math.log10(gain / fader) if gain > fader else 0.0)


def read_back(
    fader: float, azimuth: float, trim_db: float, channels: int, *, scripted: bool = True
) -> tuple[float, float]:
    """``(gain_db, pan)`` of our console for an Ardour fader and panner; the inverse of ``placed``."""
    gain = fader * 10 ** (trim_db / 20)
    if channels == 1:
        script = MONO_GAIN if scripted else 1.0
        left, right = (script * _mono_law(side) for side in (1 - azimuth, azimuth))
        pan = 4 / math.pi * math.atan2(right, left) - 1
        gain *= math.hypot(left, right) / math.sqrt(2)
    else:
        pan = 2 * azimuth - 1
    return GAIN.clamp(20 * math.log10(gain)) if gain > 0 else GAIN.low, min(max(pan, -1.0), 1.0)


def _azimuth(left: float, right: float) -> float:
    return _root(lambda a: _mono_law(1 - a) * right - _mono_law(a) * left, 0.0, 1.0)


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is zero, by halving until the last bit."""
    for _ in range(60):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def bandwidth_octaves(q: float) -> float:
    """Bandwidth of a-eq's peaks, in octaves, for a Q."""
    return 2 * math.log2((1 + math.sqrt(1 + 4 * q * q)) / (2 * q))


def shelf_hz(midpoint_hz: float, gain_db: float, sample_rate: int, *, high: bool) -> float:
    """Frequency knob of a-eq's shelf whose midpoint is ours: tan(pi f'/rate) = tan(pi f/rate) A^(+-1/2)."""
    power = 0.5 if high else -0.5
    amplitude = 10 ** (gain_db / 40)
    warped = math.tan(math.pi * midpoint_hz / sample_rate) * amplitude**power
    return math.atan(warped) * sample_rate / math.pi
