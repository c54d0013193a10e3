"""The Lua texts for Ardour, with the knob tables that the schema says they have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from interfaces.dsp.knobs import DspKnob, knob_table, lua_table

_MARK = "--@knobs "


@dataclass(frozen=True, slots=True)
class LuaScript:
    """One DSP script, complete: ``knobs`` are its control ports, in order."""

    text: str
    knobs: tuple[DspKnob, ...]


@cache
def lua_script(name: str) -> LuaScript:
    """The script ``lua/<name>.lua``, its line ``--@knobs processor[.knob] ...`` replaced by the table that it asks for.

    Raises:
        FileNotFoundError: there is no such script.
    """
    lines, knobs = [], tuple[DspKnob, ...]()
    for text in (files("interfaces") / "dsp" / "lua" / f"{name}.lua").read_text(encoding="utf-8").splitlines():
        if text.startswith(_MARK):
            knobs = tuple(knob for word in text.removeprefix(_MARK).split() for knob in _asked(word))
            lines.append(lua_table(knobs))
        else:
            lines.append(text)
    return LuaScript("\n".join(lines) + "\n", knobs)


def _asked(word: str) -> tuple[DspKnob, ...]:
    processor, _, knob = word.partition(".")
    return tuple(entry for entry in knob_table(processor) if knob in ("", entry.param.name))
