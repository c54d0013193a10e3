"""REAPER's fader and stereo balance with the pan law that our projects set, and how ours come out on them exactly.

At 0 dB with the linear taper the side that is panned away from falls in a straight line, the other stays at unity:
left = volume min(1, 1 - pan), right = volume min(1, 1 + pan). Our constant-power law of mono tracks lands on that by
moving fader and pan together.
"""

from __future__ import annotations

import math

from mixer.processors.fader import GAIN
from mixer.processors.panner import channel_gains

PAN_LAW = 1.0
"""``PANLAW``: gain at the centre."""
LINEAR_TAPER = 2
"""``PANLAWFLAGS``."""
BALANCE = 3
"""``PANMODE``: stereo balance."""


def volume_and_pan(gain_db: float, pan: float, channels: int) -> tuple[float, float]:
    """REAPER's linear volume and its pan (-1 to 1) for ours."""
    gain = 0.0 if GAIN.is_off(gain_db) else 10 ** (gain_db / 20)
    if channels == 2 or pan == 0:
        return gain, pan
    (left,), (right,) = channel_gains(pan, 1.0, 1)
    loud = max(left, right)
    return gain * loud, right / loud - 1 if left >= right else 1 - left / loud


def gain_and_pan(volume: float, pan: float, channels: int) -> tuple[float, float]:
    """Our fader in dB and our pan for REAPER's: the inverse of ``volume_and_pan``, held inside our ranges."""
    pan = min(max(pan, -1.0), 1.0)
    if channels == 1:
        left, right = min(1.0, 1 - pan), min(1.0, 1 + pan)
        pan = 4 / math.pi * math.atan2(right, left) - 1
        volume *= math.hypot(left, right) / math.sqrt(2)
    return GAIN.clamp(20 * math.log10(volume)) if volume > 0 else GAIN.low, pan
