"""JSFX, the effects that REAPER compiles itself: our processors' texts, with sliders that the schema says they have."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from interfaces.dsp.knobs import DspKnob, knob_table, number

MOST_MEMORY = 32_000_000
"""Numbers that REAPER lets one effect hold."""
_SLIDERS, _VALUES, _FILE = "//@sliders ", "//@values", "//@file"


@cache
def _text(processor: str) -> str:
    file = files("interfaces") / "dsp" / "jsfx" / f"{processor}.jsfx"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


@cache
def effect_knobs(processor: str) -> tuple[DspKnob, ...]:
    """The knobs that are sliders of a processor's effect, in order; none if it has no effect."""
    asked = [line.removeprefix(_SLIDERS) for line in _text(processor).splitlines() if line.startswith(_SLIDERS)]
    name, _, only = asked[0].partition(".") if asked else ("", "", "")
    return tuple(knob for knob in knob_table(name) if only in ("", knob.param.name)) if name else ()


def effect_text(processor: str, file: str = "") -> str:
    """The whole JSFX of a processor.

    The line ``//@sliders processor[.knob]`` becomes its sliders, ``//@values`` what gives their values the knobs' own
    names (and ``<knob>_off`` at a lowest position that means off), ``//@file`` the ``file`` that it reads.

    Raises:
        FileNotFoundError: the processor has no effect.
    """
    knobs = effect_knobs(processor)
    if not knobs:
        raise FileNotFoundError(f"there is no JSFX of {processor!r}")
    lines: list[str] = []
    for line in _text(processor).splitlines():
        if line.startswith(_SLIDERS):
            lines += [_slider(place, knob) for place, knob in enumerate(knobs, 1)]
        elif line == _VALUES:
            lines += [value for place, knob in enumerate(knobs, 1) for value in _values(place, knob)]
        elif line == _FILE:
            lines += [f"filename:0,{file}", f"options:maxmem={MOST_MEMORY}"]
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _slider(place: int, knob: DspKnob) -> str:
    param = knob.param
    if param.scale == "switch":
        return f"slider{place}:{number(param.default)}<0,1,1{{off,on}}>{knob.label}"
    step = "0.001" if param.high - param.low <= 50 else "0.01"
    remarks = [knob.unit] if knob.unit else []
    if param.off_at_low:
        remarks.append(f"{number(param.low)} is off")
    name = f"{knob.label} ({', '.join(remarks)})" if remarks else knob.label
    return f"slider{place}:{number(param.default)}<{number(param.low)},{number(param.high)},{step}>{name}"


def _values(place: int, knob: DspKnob) -> list[str]:
    lines = [f"{knob.param.name} = slider{place};"]
    if knob.param.off_at_low:
        lines.append(f"{knob.param.name}_off = slider{place} <= {number(knob.param.low)};")
    return lines
