"""Ardour's own equaliser and compressor at our settings, where their ranges allow it."""

from __future__ import annotations

from dataclasses import dataclass

from interfaces.daw.ardour_law import bandwidth_octaves, shelf_hz
from mixer.processor import Values, find
from mixer.processors.equalizer import HIGHPASS, PEAKS

A_EQ_NOTE = "as a-eq: within 0.1 dB of our curve"
A_COMP_NOTE = "as a-comp: the same law, less than -100 dB apart"
_HZ = (20.0, 20000.0)
_OCTAVES = (0.1, 4.0)
_COMPRESSOR = {
    "attack_ms": ("att", 0.1, 100.0),
    "release_ms": ("rel", 1.0, 2000.0),
    "knee_db": ("kn", 0.0, 48.0),
    "ratio": ("rat", 1.0, 20.0),
    "threshold_db": ("thr", -60.0, 0.0),
    "makeup_db": ("mak", 0.0, 30.0),
}


@dataclass(frozen=True, slots=True)
class Stock:
    """Control ports of one of Ardour's plugins; none where a setting is beyond it, which the note then says."""

    ports: dict[str, float] | None
    note: str
    high_pass_alone: dict[str, float] | None = None
    """Settings of our own equaliser for what a-eq lacks."""


def stock_equalizer(values: Values, sample_rate: int) -> Stock:
    """Our curve on a-eq. A flat band is switched off there, so that only bands in use must fit its ranges."""
    ports: dict[str, float] = {"master": 0.0, "enable": 1.0}
    for band, letter in (("low", "l"), ("high", "h")):
        gain_db = values[f"{band}_gain_db"]
        hz = values[f"{band}_hz"]
        if gain_db:
            hz = shelf_hz(min(hz, 0.49 * sample_rate), gain_db, sample_rate, high=band == "high")
        ports |= {f"freq{letter}": hz, f"g{letter}": gain_db, f"filtog{letter}": float(gain_db != 0)}
        if gain_db and not _inside(hz, _HZ):
            return Stock(None, f"as our script: the {band} shelf would stand at {hz:.0f} Hz, beyond a-eq's knob")
    for index in PEAKS:
        gain_db, octaves = values[f"peak{index}_gain_db"], bandwidth_octaves(values[f"peak{index}_q"])
        if gain_db and not _inside(octaves, _OCTAVES):
            return Stock(None, f"as our script: peak {index} is {octaves:.1f} octaves wide, a-eq takes 0.1 to 4")
        octaves = min(max(octaves, _OCTAVES[0]), _OCTAVES[1])
        ports |= {f"freq{index}": values[f"peak{index}_hz"], f"g{index}": gain_db, f"bw{index}": octaves}
        ports[f"filtog{index}"] = float(gain_db != 0)
    high_pass = None
    if not HIGHPASS.is_off(values[HIGHPASS.name]):
        high_pass = find("equalizer").defaults() | {HIGHPASS.name: values[HIGHPASS.name]}
    return Stock(ports, A_EQ_NOTE, high_pass)


def stock_compressor(values: Values) -> Stock:
    """Our compressor on a-comp, which has the same law but narrower knobs."""
    ports: dict[str, float] = {"sidech": 0.0, "enable": 1.0}
    for knob, (symbol, low, high) in _COMPRESSOR.items():
        if not _inside(values[knob], (low, high)):
            shown = find("compressor").param(knob).show(values[knob])
            return Stock(None, f"as our script: {knob} = {shown}, a-comp takes {low:g} to {high:g}")
        ports[symbol] = values[knob]
    ports["kn"] = max(0.0, (values["knee_db"] - 0.01) / 6)  # its knee is 6 times its knob wide, and 0.01 dB more
    return Stock(ports, A_COMP_NOTE)


def _inside(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
