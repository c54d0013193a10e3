"""Knobs as a script engine shows them: the schema's names, units and ranges, told once for all languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mixer.param import Param
from mixer.processor import find

_UNITS = {":1": ":1", "dBTP": "dB"}
_ARDOUR_UNITS = ("dB", "Hz")
_SUFFIXES = {"_db": "", "_hz": " frequency", "_ms": "", "_s": "", "_q": " Q"}


@dataclass(frozen=True, slots=True)
class DspKnob:
    """One knob of one processor, with the names that scripts and people know it by."""

    processor: str
    param: Param

    @property
    def key(self) -> str:
        """A variable name that no other knob of the console has."""
        return f"{self.processor}_{self.param.name}"

    @property
    def label(self) -> str:
        """What stands beside the knob, without unit.

        >>> [knob.label for knob in knob_table("equalizer")][:5]
        ['Highpass frequency', 'Low gain', 'Low frequency', 'Peak 1 gain', 'Peak 1 frequency']
        """
        name = self.param.name
        for suffix, spoken in _SUFFIXES.items():
            if name.endswith(suffix):
                name = name.removesuffix(suffix) + spoken
                break
        words = re.sub(r"(?<=[a-z])(?=\d)", " ", name.replace("_", " "))
        return words[:1].upper() + words[1:]

    @property
    def unit(self) -> str:
        """As plugin windows write it; empty where there is none."""
        return _UNITS.get(self.param.unit, self.param.unit)


def knob_table(*processors: str) -> tuple[DspKnob, ...]:
    """The knobs of these processors, in the schema's order. UsageError where one does not exist."""
    return tuple(DspKnob(name, param) for name in processors for param in find(name).params)


def number(value: float) -> str:
    """A value as every script language reads it, to the last bit: no exponent without need, no trailing ``.0``."""
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(float(value))


def lua_table(knobs: Sequence[DspKnob]) -> str:
    """The knobs for Ardour's Lua: ``KNOBS``, what ``dsp_params`` returns, and ``AT``, the port of each knob by name."""
    rows = [f"\t{_lua_row(knob)}," for knob in knobs]
    places = ", ".join(f"{knob.param.name} = {place}" for place, knob in enumerate(knobs, 1))
    return "\n".join(["local KNOBS = {", *rows, "}", f"local AT = {{ {places} }}"])


def _ardour_name(knob: DspKnob) -> str:
    """Ardour shows the units dB and Hz by itself, all others only as part of the name."""
    return knob.label if knob.unit in ("", *_ARDOUR_UNITS) else f"{knob.label} ({knob.unit})"


def _lua_row(knob: DspKnob) -> str:
    param = knob.param
    fields = [
        '["type"] = "input"',
        f'name = "{_ardour_name(knob)}"',
        f"min = {number(param.low)}",
        f"max = {number(param.high)}",
        f"default = {number(param.default)}",
        f'doc = "{param.doc}"',
    ]
    if knob.unit in _ARDOUR_UNITS:
        fields.append(f'unit = "{knob.unit}"')
    if param.scale == "log":
        fields.append("logarithmic = true")
    if param.scale == "switch":
        fields.append("toggled = true")
    return f"{{ {', '.join(fields)} }}"
