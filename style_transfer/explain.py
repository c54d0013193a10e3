"""Why each knob was moved, in a producer's words and with the numbers that were measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mixer.param import Param
from mixer.processor import find
from style_transfer.evidence import MixState, TrackState
from style_transfer.features import CENTRES_HZ, EDGES_HZ, Shape
from style_transfer.listen import Heard
from style_transfer.practice import practice
from style_transfer.start import Values, role_practice, rumble_db
from style_transfer.suggestion import Change, Evidence, Origin
from style_transfer.target import StyleTarget
from style_transfer.words import hertz, knob_word, move_text, role_words

Ground = tuple[Evidence, str]
"""What was measured, and what it says."""


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
    """The change with its origin, its words and its evidence."""
    param = find(processor).param(knob)
    origin = _origin(findings, target, processor, knob, before, after)
    move = Move(findings, target, processor, param, before, after, origin)
    evidence, because = _mix_ground(move) if target not in findings.heard else _track_ground(move)
    return Change(
        target=target,
        name=findings.heard[target].track.name if target in findings.heard else target.capitalize(),
        processor=processor,
        knob=knob,
        before=before,
        after=after,
        source=origin,
        move=move_text(processor, param, before, after, _band_hz(move) if processor == "equalizer" else 0.0),
        because=because,
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True)
class Move:
    """One knob that moves, and what is known about the song."""

    findings: Findings
    target: str
    processor: str
    param: Param
    before: float
    after: float
    origin: Origin

    @property
    def heard(self) -> Heard:
        """The track as recorded."""
        return self.findings.heard[self.target]


def _origin(findings: Findings, target: str, processor: str, knob: str, before: float, after: float) -> Origin:
    """Whether the reference or practice moved the knob further."""
    if target not in findings.heard:
        return "prior" if processor in ("limiter", "reverb") else "reference"
    start = findings.start[target][processor][knob]
    return "reference" if abs(after - start) > abs(start - before) else "prior"


def _band_hz(move: Move) -> float:
    """Where a band of an equaliser works most: a peak at its centre, a shelf an octave or so outside its midpoint."""
    name = move.param.name
    hz = move.findings.start[move.target]["equalizer"].get(name.replace("gain_db", "hz"), 1000.0)
    return hz / 1.5 if name.startswith("low") else hz * 1.3 if name.startswith("high") else hz


def _track_ground(move: Move) -> Ground:
    name = move.param.name
    match move.processor:
        case "fader":
            return _level_ground(move)
        case "panner" if name == "pan":
            return _pan_ground(move)
        case "panner":
            return _width_ground(move)
        case "equalizer" if name == "highpass_hz":
            return _rumble_ground(move)
        case "equalizer" if name.endswith("gain_db"):
            return _tone_ground(move)
        case "compressor":
            return _range_ground(move)
        case "send":
            usual = role_practice(move.heard).send_db
            text = f"some room is usual for {role_words(move.heard.track.role)}"
            return _evidence("level into the reverb", "dB", move.before, usual, move.after), text
        case _:
            return _knob_ground(move)


def _level_ground(move: Move) -> Ground:
    name, findings = move.target, move.findings
    now, becomes = findings.before.tracks[name].level_lu, findings.after.tracks[name].level_lu
    usual = findings.practised[name].level_lu
    text = f"it sat {_under(now)}"
    if abs(becomes - now) < 0.3:
        text = f"keeps it {_under(becomes)}, whatever else changes"
    elif move.origin == "reference":
        text += f", now {-becomes:.1f}; the reference asked for it"
    else:
        text += f", {-usual:.1f} is usual for {role_words(move.heard.track.role)}; now {-becomes:.1f}"
    return _evidence("level in the mix", "LU", now, usual, becomes), text


def _under(level_lu: float) -> str:
    return f"{-level_lu:.1f} LU under the mix" if level_lu < 0 else f"{level_lu:.1f} LU over the mix"


def _pan_ground(move: Move) -> Ground:
    evidence, width = _width_ground(move)
    if move.origin == "reference":
        return evidence, width
    if abs(move.after) < 0.005:
        return evidence, f"{role_words(move.heard.track.role)} belong in the middle"
    return evidence, "leaves the middle to what carries the song, and keeps sources apart"


def _width_ground(move: Move) -> Ground:
    findings = move.findings
    now, becomes = findings.before.mix.width_db, findings.after.mix.width_db
    target = None if findings.target.shape is None else float(findings.target.shape.width_db)
    there = "" if target is None else f", {-target:.1f} in the reference"
    text = f"the sides of the mix were {-now:.1f} dB under its middle{there}; now {-becomes:.1f}"
    return _evidence("sides against the middle", "dB", now, target, becomes), text


def _rumble_ground(move: Move) -> Ground:
    hz = max(move.after, move.before)
    share, left = rumble_db(move.heard, hz), rumble_db(move.heard, hz, cut=move.after > move.before)
    text = f"clears what lies below {role_words(move.heard.track.role)}"
    if move.after < move.before:
        text = f"gives back what lies below {hertz(hz)}"
    elif hz >= EDGES_HZ[1]:
        text += f", {-share:.0f} dB under the track as a whole"
    return _evidence(f"energy below {hertz(max(hz, EDGES_HZ[1]))}", "dB", share, None, left), text


def _range_ground(move: Move) -> Ground:
    name = move.target
    now, becomes = move.findings.before.tracks[name].range_db, move.findings.after.tracks[name].range_db
    usual = role_practice(move.heard).range_db
    evidence = _evidence("loud moments over usual ones", "dB", now, usual, becomes)
    if move.param.name == "makeup_db":
        return evidence, "gives back the level that the compressor takes"
    if move.param.name != "threshold_db":
        return evidence, "goes with its threshold"
    text = f"its loud moments stood {now:.1f} dB over its usual ones, now {becomes:.1f}"
    if usual is not None:
        text += f"; {usual:.0f} is usual for {role_words(move.heard.track.role)}"
    return evidence, text


def _tone_ground(move: Move) -> Ground:
    """What the mix has there against the reference: before the strips were moved, or before the master was."""
    findings, hz = move.findings, _band_hz(move)
    now, becomes = (around(state.mix.mid_db, hz) for state in (findings.before, findings.after))
    if findings.target.shape is None:
        text = f"the mix had {becomes - now:+.1f} dB there beside the rest once it was done"
        return _evidence(f"mix around {hertz(hz)}, at equal loudness", "dB", now, None, becomes), text
    target = around(findings.target.shape.mid_db.tolist(), hz)
    master = move.target not in findings.heard
    over = around((findings.strips_shape if master else findings.practised_shape).mid_db.tolist(), hz) - target
    when = "before the master" if master else "with the tracks at their usual levels"
    text = f"{when} the mix had {_apart(over)} there, now {_apart(becomes - target)}"
    if (move.after - move.before) * over > 0:
        aside = "makes up for the bands beside it" if master else "keeps it apart from the others there"
        text = f"{aside}; {text}"
    return _evidence(f"mix around {hertz(hz)}, at equal loudness", "dB", now, target, becomes), text


def around(bands_db: tuple[float, ...] | list[float], hz: float) -> float:
    """Mean level of the bands within half an octave of a frequency (the nearest band at least)."""
    apart = np.abs(np.log2(np.array(CENTRES_HZ) / hz))
    return float(np.array(bands_db)[apart <= max(0.5, float(apart.min()))].mean())


def _apart(difference_db: float) -> str:
    if abs(difference_db) < 0.5:
        return "as much as the reference"
    return f"{abs(difference_db):.1f} dB {'more' if difference_db > 0 else 'less'} than the reference"


def _mix_ground(move: Move) -> Ground:
    before, after = move.findings.before.mix, move.findings.after.mix
    name = move.param.name
    match move.processor:
        case "fader":
            return _loudness_ground(move)
        case "equalizer" if name.endswith("gain_db"):
            return _tone_ground(move)
        case "compressor" if name in ("threshold_db", "makeup_db"):
            target = move.findings.target.crest_db
            there = "" if target is None else f", {target:.1f} in the reference"
            text = f"the mix's peaks stood {before.crest_db:.1f} dB over its loudness{there}; now {after.crest_db:.1f}"
            return _evidence("peaks over loudness", "dB", before.crest_db, target, after.crest_db), text
        case "limiter" if name != "release_ms":
            ceiling = practice().master.ceiling_db
            text = f"true peaks stay under {ceiling:g} dBTP; they reach {after.true_peak_db:.1f}"
            return _evidence("true peak", "dBTP", before.true_peak_db, ceiling, after.true_peak_db), text
        case _:
            return _knob_ground(move)


def _loudness_ground(move: Move) -> Ground:
    before, after = move.findings.before.mix.loudness_lufs, move.findings.after.mix.loudness_lufs
    asked = move.findings.loudness_lufs
    text = f"the mix was at {before:.1f} LUFS, {asked:g} was asked for; now {after:.1f}"
    if abs(before - asked) < 0.5:
        text = f"keeps the mix at {after:.1f} LUFS, whatever the other changes add or take"
    return _evidence("integrated loudness", "LUFS", before, asked, after), text


def _knob_ground(move: Move) -> Ground:
    """For a knob that only shapes what another does."""
    word = {"equalizer": "its gain", "compressor": "its threshold"}.get(move.processor, f"the {move.processor}'s work")
    return _evidence(knob_word(move.param), move.param.unit, move.before, None, move.after), f"goes with {word}"


def _evidence(feature: str, unit: str, now: float, target: float | None, becomes: float) -> Evidence:
    rounded = None if target is None else round(target, 2)
    return Evidence(feature=feature, unit=unit, now=round(now, 2), target=rounded, becomes=round(becomes, 2))
