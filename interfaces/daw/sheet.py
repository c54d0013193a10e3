"""A settings sheet: all knobs in words and numbers that a person can dial into any program.

Beside each value stands what other programs may ask for instead: bandwidth in octaves for Q, per cent for a ratio, the
time to nine tenths for a time constant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interfaces.dsp.knobs import knob_table
from mixer.knobs import ProcessorSettings, target_chain
from mixer.param import Param
from mixer.processor import Processor, Values, find
from mixer.processors.equalizer import HIGHPASS, PEAKS
from mixer.session import Session

TO_NINETY_PERCENT = math.log(10)
"""Time in which a one-pole covers nine tenths of its way, in time constants."""


def octaves(q: float) -> float:
    """Bandwidth of a peak between its half-gain points (Audio EQ Cookbook, without the warping near the top).

    >>> round(octaves(2**0.5), 3)
    1.0
    """
    return 2 / math.log(2) * math.asinh(1 / (2 * q))


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One thing to set."""

    label: str
    value: str
    also: str = ""
    """The same, as other programs may ask for it."""


def sheet(session: Session) -> dict[str, Any]:
    """The whole sheet as data: JSON has it as it is, the printed forms are made of it."""
    titles = {track.id: track.name for track in session.tracks} | {"reverb": "Reverb", "master": "Master"}
    return {
        "song": session.name,
        "sample_rate": session.sample_rate,
        "loudness_lufs": session.loudness_lufs,
        "strips": [{"id": target, "name": titles[target], **_strip(session, target)} for target in session.targets],
    }


def _strip(session: Session, target: str) -> dict[str, Any]:
    about: dict[str, Any] = {}
    channels = 2
    if target not in ("reverb", "master"):
        track = session.track(target)
        channels = track.channels
        about = {"role": track.role.value, "channels": channels, "mute": track.mute, "solo": track.solo}
    about["processors"] = [_processor(session, target, entry, channels) for entry in target_chain(target).values()]
    return about


def _processor(session: Session, target: str, entry: Processor, channels: int) -> dict[str, Any]:
    given = session.target_settings(target).get(entry.name, ProcessorSettings())
    values = entry.defaults() | {name: knob.value for name, knob in given.knobs.items()}
    lines = [] if given.bypass else lines_of(entry.name, values, channels)
    shown = [{"label": line.label, "value": line.value, "also": line.also} for line in lines]
    return {"name": entry.name, "bypassed": given.bypass, "knobs": values, "set": shown}


def lines_of(processor: str, values: Values, channels: int = 2) -> list[SheetLine]:
    """What to set for one processor; nothing where it does nothing."""
    special = {"equalizer": _equalizer, "compressor": _compressor, "panner": _panner, "limiter": _limiter}
    if processor in special:
        return special[processor](values, channels)
    return [_plain(processor, param, values) for param in find(processor).params]


def _plain(processor: str, param: Param, values: Values) -> SheetLine:
    labels = {knob.param.name: knob.label for knob in knob_table(processor)}
    return SheetLine(labels[param.name], param.show(values[param.name]))


def _equalizer(values: Values, channels: int) -> list[SheetLine]:
    del channels
    entry = find("equalizer")

    def shown(name: str) -> str:
        return entry.param(name).show(values[name])

    lines = []
    if not HIGHPASS.is_off(values[HIGHPASS.name]):
        lines.append(SheetLine("High-pass", shown(HIGHPASS.name), "12 dB/octave, Butterworth (Q 0.71)"))
    shelf = "Q 0.71, the frequency is the middle of the slope"
    if values["low_gain_db"]:
        lines.append(SheetLine("Low shelf", f"{shown('low_gain_db')} at {shown('low_hz')}", shelf))
    for index in PEAKS:
        if values[f"peak{index}_gain_db"]:
            q = values[f"peak{index}_q"]
            value = f"{shown(f'peak{index}_gain_db')} at {shown(f'peak{index}_hz')}, Q {q:.2f}"
            lines.append(SheetLine(f"Peak {index}", value, f"{octaves(q):.2f} octaves"))
    if values["high_gain_db"]:
        lines.append(SheetLine("High shelf", f"{shown('high_gain_db')} at {shown('high_hz')}", shelf))
    return lines


def _compressor(values: Values, channels: int) -> list[SheetLine]:
    del channels
    if values["ratio"] == 1 and values["makeup_db"] == 0:
        return []
    also = {
        "threshold_db": "detector: peak",
        "ratio": f"{100 * (1 - 1 / values['ratio']):.0f} %",
        "attack_ms": f"{TO_NINETY_PERCENT * values['attack_ms']:.3g} ms to 90 %",
        "release_ms": f"{TO_NINETY_PERCENT * values['release_ms']:.3g} ms to 90 %",
        "knee_db": "all of it, half on each side of the threshold",
    }
    lines = [_plain("compressor", param, values) for param in find("compressor").params]
    names = find("compressor").knobs
    return [SheetLine(line.label, line.value, also.get(name, "")) for name, line in zip(names, lines, strict=True)]


def _panner(values: Values, channels: int) -> list[SheetLine]:
    pan = values["pan"]
    side = "centre" if pan == 0 else f"{abs(pan) * 100:.0f} % {'left' if pan < 0 else 'right'}"
    law = "constant power, 0 dB at the centre" if channels == 1 else "balance, 0 dB at the centre"
    lines = [SheetLine("Pan", side, law if pan else "")]
    if channels == 2 and values["width"] != 1:
        lines.append(SheetLine("Width", f"{values['width'] * 100:.0f} %", f"side signal {_decibels(values['width'])}"))
    return lines


def _decibels(factor: float) -> str:
    return f"{20 * math.log10(factor):+.1f} dB" if factor > 0 else "off"


def _limiter(values: Values, channels: int) -> list[SheetLine]:
    del channels
    return [_plain("limiter", param, values) for param in find("limiter").params] if values["active"] else []


def printed_lines(strip: Mapping[str, Any]) -> list[tuple[str, SheetLine]]:
    """What to set on one strip of ``sheet``, each line with its processor."""
    lines = []
    for processor in strip["processors"]:
        given = [SheetLine(**line) for line in processor["set"]]
        off = "bypassed" if processor["bypassed"] else "" if given else "nothing to set"
        lines += [(processor["name"], line) for line in given or [SheetLine("", off)]]
    return lines
