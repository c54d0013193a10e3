"""Why each knob was moved, in a producer's words and with the numbers that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mixer.param import Param
from mixer.processor import find
from mixer.roles import Role
from style_transfer.evidence import MixState, TrackState
from style_transfer.features import CENTRES_HZ, Shape
from style_transfer.listen import Heard
from style_transfer.practice import practice
from style_transfer.start import Values, role_practice, rumble_db
from style_transfer.suggestion import Change, Evidence
from style_transfer.target import StyleTarget

Origin = Literal["reference", "prior"]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that an explanation draws on."""

    heard: Mapping[str, Heard]
    before: MixState
    practised: Mapping[str, TrackState]
    """The tracks as practice alone would have them."""
    practised_shape: Shape
    """And their sum."""
    strips_shape: Shape
    """The sum of the tracks as suggested, before the master."""
    after: MixState
    target: StyleTarget
    start: Values
    loudness_lufs: float


def change(findings: Findings, target: str, processor: str, knob: str, before: float, after: float) -> Change:
    """The change with its origin, its sentence and its evidence."""
    param = find(processor).param(knob)
    origin = _origin(findings, target, processor, knob, before, after)
    evidence, because = _ground(findings, target, processor, param, before, after, origin)
    name = findings.heard[target].track.name if target in findings.heard else target.capitalize()
    reason = f"{name}: {_move(findings, target, processor, param, before, after)}; {because}"
    return Change(
        target=target,
        processor=processor,
        knob=knob,
        before=before,
        after=after,
        source=origin,
        reason=reason,
        evidence=evidence,
    )


def _origin(findings: Findings, target: str, processor: str, knob: str, before: float, after: float) -> Origin:
    """Whether the reference or practice moved the knob further."""
    if target not in findings.heard:
        return "prior" if processor == "limiter" else "reference"
    start = findings.start[target][processor][knob]
    return "reference" if abs(after - start) > abs(start - before) else "prior"


def _move(findings: Findings, target: str, processor: str, param: Param, before: float, after: float) -> str:
    by = f"{'up' if after > before else 'down'} {abs(after - before):.1f} dB"
    match processor, param.name:
        case "panner", "pan":
            return (
                "to the centre" if abs(after) < 0.01 else f"{abs(after):.0%} to the {'left' if after < 0 else 'right'}"
            )
        case "fader", _:
            return f"fader {by}" if not param.is_off(before) else f"fader at {param.show(after)}"
        case "send", _:
            return f"reverb send at {param.show(after)}"
        case "equalizer", "highpass_hz":
            return f"high-pass at {param.show(after)}"
        case "equalizer", _ if param.unit == "dB":
            return f"{by} around {_hertz(_band_hz(findings, target, param))}"
        case "limiter", "active":
            return f"limiter {param.show(after)}"
        case _:
            return f"{processor} {param.name.removesuffix('_db').removesuffix('_ms')} {param.show(after)}"


def _hertz(hz: float) -> str:
    return f"{hz / 1000:.1f} kHz" if hz >= 1000 else f"{hz:.0f} Hz"


def _band_hz(findings: Findings, target: str, param: Param) -> float:
    """Where a band of an equaliser works most: a peak at its centre, a shelf an octave or so outside its midpoint."""
    hz = findings.start[target]["equalizer"][param.name.replace("gain_db", "hz")]
    return hz / 1.5 if param.name.startswith("low") else hz * 1.3 if param.name.startswith("high") else hz


def _ground(
    findings: Findings, target: str, processor: str, param: Param, before: float, after: float, origin: Origin
) -> tuple[Evidence, str]:
    if target not in findings.heard:
        return _mix_ground(findings, processor, param, after - before)
    heard = findings.heard[target]
    if processor == "equalizer" and param.unit == "Hz":
        share = rumble_db(heard, after)
        text = f"clears what lies below {_role(heard)}, which stands {-share:.0f} dB under the track as a whole"
        return _evidence(f"energy below {after:.0f} Hz", "dB", share, None, rumble_db(heard, after, cut=True)), text
    if processor == "equalizer":
        return _tone_ground(findings, _band_hz(findings, target, param), None)
    if processor == "compressor":
        return _range_ground(findings, heard, param)
    if processor == "panner":
        return _width_ground(findings, origin)
    if processor == "send":
        wanted = role_practice(heard).send_db
        text = f"some room is usual for {_role(heard)}"
        return _evidence("level into the reverb", "dB", param.low, wanted, after), text
    return _level_ground(findings, heard, origin)


def _level_ground(findings: Findings, heard: Heard, origin: Origin) -> tuple[Evidence, str]:
    name = heard.track.id
    now, becomes = findings.before.tracks[name].level_lu, findings.after.tracks[name].level_lu
    usual = findings.practised[name].level_lu
    text = f"it sat {-now:.1f} LU under the mix and now sits {-becomes:.1f} under it"
    text += f" ({-usual:.1f} would be usual for {_role(heard)}"
    text += "; the reference's tone moved it on)" if origin == "reference" else ")"
    return _evidence("level in the mix", "LU", now, usual, becomes), text


def _range_ground(findings: Findings, heard: Heard, param: Param) -> tuple[Evidence, str]:
    name = heard.track.id
    now, becomes = findings.before.tracks[name].range_db, findings.after.tracks[name].range_db
    usual = role_practice(heard).range_db
    text = f"its loud moments stood {now:.1f} dB over its usual ones, {usual:.0f} is usual for {_role(heard)}"
    text += f"; now {becomes:.1f}"
    if param.name != "threshold_db":
        text = "goes with its threshold"
    return _evidence("loud moments over usual ones", "dB", now, usual, becomes), text


def _width_ground(findings: Findings, origin: Origin) -> tuple[Evidence, str]:
    now, becomes = findings.before.mix.width_db, findings.after.mix.width_db
    target = float(findings.target.shape.width_db)
    text = (
        f"the sides of the mix were {-now:.1f} dB under its middle, {-target:.1f} in the reference; now {-becomes:.1f}"
    )
    if origin == "prior":
        text = f"keeps sources apart; {text}"
    return _evidence("sides against the middle", "dB", now, target, becomes), text


def _tone_ground(findings: Findings, hz: float, move: float | None) -> tuple[Evidence, str]:
    """For a strip (``move`` None) or for the master, whose band is moved by ``move`` dB."""
    target = _around(findings.target.shape.mid_db.tolist(), hz)
    now, becomes = _around(findings.before.mix.mid_db, hz), _around(findings.after.mix.mid_db, hz)
    shape = findings.practised_shape if move is None else findings.strips_shape
    over = _around(shape.mid_db.tolist(), hz) - target
    when = "with the tracks at their usual levels" if move is None else "before the master"
    text = f"{when} the mix would have {_apart(over)} there, now {_apart(becomes - target)}"
    if move is not None and move * over > 0:
        text = f"makes up for the bands beside it; {text}"
    return _evidence(f"mix around {_hertz(hz)}, at equal loudness", "dB", now, target, becomes), text


def _around(bands_db: Sequence[float], hz: float) -> float:
    """Mean level of the bands within half an octave of a frequency (the nearest band at least)."""
    apart = np.abs(np.log2(np.array(CENTRES_HZ) / hz))
    return float(np.array(bands_db)[apart <= max(0.5, float(apart.min()))].mean())


def _apart(difference_db: float) -> str:
    if abs(difference_db) < 0.5:
        return "as much as the reference"
    return f"{abs(difference_db):.1f} dB {'more' if difference_db > 0 else 'less'} than the reference"


def _mix_ground(findings: Findings, processor: str, param: Param, move: float) -> tuple[Evidence, str]:
    before, after = findings.before.mix, findings.after.mix
    if processor == "equalizer":
        return _tone_ground(findings, _band_hz(findings, "master", param), move)
    if processor == "compressor":
        target = findings.target.crest_db
        text = f"the mix's peaks stood {before.crest_db:.1f} dB over its loudness, {target:.1f} in the reference; "
        return _evidence("peaks over loudness", "dB", before.crest_db, target, after.crest_db), (
            text + f"now {after.crest_db:.1f}"
        )
    if processor == "limiter":
        ceiling = practice().master.ceiling_db
        text = f"true peaks stay under {ceiling:g} dBTP; they reach {after.true_peak_db:.1f}"
        return _evidence("true peak", "dBTP", before.true_peak_db, ceiling, after.true_peak_db), text
    asked = findings.loudness_lufs
    if abs(before.loudness_lufs - asked) < 0.5:
        text = f"keeps the mix at {after.loudness_lufs:.1f} LUFS, whatever the other changes add or take"
        return _evidence("integrated loudness", "LUFS", before.loudness_lufs, asked, after.loudness_lufs), text
    text = f"the mix was at {before.loudness_lufs:.1f} LUFS, {asked:g} was asked for; now {after.loudness_lufs:.1f}"
    return _evidence("integrated loudness", "LUFS", before.loudness_lufs, asked, after.loudness_lufs), text


def _evidence(feature: str, unit: str, now: float, target: float | None, becomes: float) -> Evidence:
    rounded = None if target is None else round(target, 2)
    return Evidence(feature=feature, unit=unit, now=round(now, 2), target=rounded, becomes=round(becomes, 2))


_PLURALS = {
    Role.OTHER: "such a track",
    Role.KICK: "kick drums",
    Role.BASS: "basses",
    Role.PERCUSSION: "percussion",
    Role.BRASS: "brass",
    Role.FX: "effects",
}


def _role(heard: Heard) -> str:
    name = heard.track.role.replace("_", " ")
    return _PLURALS.get(heard.track.role, name if name.endswith("s") else f"{name}s")
