"""What speaks for a move: what was measured, and the half sentence that says so."""

from __future__ import annotations

import math

from style_transfer.features import EDGES_HZ
from style_transfer.findings import Move
from style_transfer.group_findings import LEVEL_LU, about
from style_transfer.start import role_practice, rumble_db
from style_transfer.tone_ground import Ground, evidence, tone_ground
from style_transfer.words import hertz, knob_word, role_words

TOLD_RANGE_DB = 0.3
TOLD_LEVEL_LU, MOVED_LU = 0.3, 1.5
"""Differences under these count as none."""


def ground(move: Move) -> Ground:
    """Evidence and words for any move."""
    if move.origin == "rough_mix":
        return _rough_ground(move)
    if move.findings.found.recovered is not None and move.origin == "reference":
        return _recall_ground(move)
    return _track_ground(move) if move.on_a_track else _mix_ground(move)


def _rough_ground(move: Move) -> Ground:
    rough = move.findings.listening.rough
    state = rough.tracks[move.target] if rough is not None else None
    if state is None or move.processor != "fader":
        there = None if state is None else state.pan if move.param.name == "pan" else state.width
        return evidence(move.param.name, "", move.before, there, move.after), "as in the rough mix"
    now, becomes = move.levels_lu
    text = f"it sat {_under(now)}, {-state.level_lu:.1f} in the rough mix; now {-becomes:.1f}"
    return evidence("level in the mix", "LU", now, state.level_lu, becomes), text


def _recall_ground(move: Move) -> Ground:
    same, recovered = move.findings.listening.recalled, move.findings.found.recovered
    name = same.file.name if same is not None else "the old mix"
    if move.target == "master" and move.processor == "fader":
        return _loudness_ground(move)
    if move.on_a_track and move.processor == "fader" and recovered is not None:
        now, becomes = move.levels_lu
        left = recovered.track_residual_db.get(move.target)
        text = f"it sat {_under(now)}, now {-becomes:.1f} as in {name}"
        text += f" (what differs is at {left:.0f} dB)" if left is not None else ""
        return evidence("level in the mix", "LU", now, None, becomes), text
    return evidence(knob_word(move.param), move.param.unit, move.before, None, move.after), f"as in {name}"


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
            return tone_ground(move)
        case "compressor":
            return _range_ground(move)
        case "send":
            usual = role_practice(move.heard).send_db
            text = f"some room is usual for {role_words(move.heard.track.role)}"
            return evidence("level into the reverb", "dB", move.before, usual, move.after), text
        case _:
            return _knob_ground(move)


def _level_ground(move: Move) -> Ground:
    group, (now, becomes) = _group_ground(move), move.levels_lu
    if group is not None:
        return group
    usual, text = move.findings.practised[move.target].level_lu, f"it sat {_under(now)}"
    if abs(becomes - now) < TOLD_LEVEL_LU:
        text = f"keeps it {_under(becomes)}, whatever else changes"
    elif (becomes - now) * (move.after - move.before) < 0:
        text = f"makes up for what changes beside it: {text}, now {-becomes:.1f}"
    elif move.origin == "reference":
        text += f", now {-becomes:.1f}; {move.findings.them} asked for it"
    else:
        text += f", {-usual:.1f} is usual for {role_words(move.heard.track.role)}; "
        far = _by_the_reference(move) * (becomes - usual) > 0 and abs(becomes - usual) > MOVED_LU
        text += f"{move.findings.them} moved that to {-becomes:.1f}" if far else f"now {-becomes:.1f}"
    return evidence("level in the mix", "LU", now, usual, becomes), text


def _by_the_reference(move: Move) -> float:
    """How far a fader went from practice after references, in dB; 0 where that is little, or there is none."""
    found = move.findings.found
    moved = found.values[move.target]["fader"]["gain_db"] - found.start[move.target]["fader"]["gain_db"]
    return moved if abs(moved) > MOVED_LU and move.findings.listening.references else 0.0


def _group_ground(move: Move) -> Ground | None:
    """Of a fader that brings its stem group nearer to the reference's; None where that is not why it moved."""
    found = about(move.findings.groups, move.heard.track.role.group)
    if found is None or len(found.target.among) < 2:
        return None
    missing = found.target.level_lu - found.now_lu
    if abs(missing) < LEVEL_LU or missing * (move.after - move.before) < 0:
        return None
    of_it = [entry for entry in move.findings.heard.values() if entry.track.role.group in found.target.groups]
    feature, text = f"{found.name} against the other groups", found.said(alone=len(of_it) == 1)
    if len(of_it) > 1:
        now, becomes = move.levels_lu
        text = f"it sat {_under(now)}, now {-becomes:.1f}; {text}"
    return evidence(feature, "LU", found.now_lu, found.target.level_lu, found.becomes_lu), text


def _under(level_lu: float) -> str:
    return f"{-level_lu:.1f} LU under the mix" if level_lu < 0 else f"{level_lu:.1f} LU over the mix"


def _pan_ground(move: Move) -> Ground:
    measured, width = _width_ground(move)
    if move.origin == "reference":
        return measured, width
    if abs(move.after) < 0.005:
        return measured, f"{role_words(move.heard.track.role)} belong in the middle"
    return measured, "leaves the middle to what carries the song, and keeps sources apart"


def _width_ground(move: Move) -> Ground:
    """The sides of the track's group, where the reference tells them, else those of the mix."""
    findings = move.findings
    found = about(findings.groups, move.heard.track.role.group)
    target: float | None
    if found is not None and found.target.said.width_db is not None:
        now, target, becomes = float(found.practised.width_db), found.target.said.width_db, float(found.after.width_db)
        whose, its, when = f"the {found.name}", "their", " at their usual settings"
    else:
        now, becomes = findings.before.mix.width_db, findings.after.mix.width_db
        target = None if findings.target.shape is None else float(findings.target.shape.width_db)
        whose, its, when = "the mix", "its", ""
    there = "" if target is None else f", {-target:.1f} in {findings.them}"
    text = f"the sides of {whose} were {-now:.1f} dB under {its} middle{when}{there}; now {-becomes:.1f}"
    if target is not None and move.param.name == "width" and (target - now) * (move.after - move.before) < 0:
        text = f"brings {whose} out right: sides {-becomes:.1f} dB under the middle{there}"
    return evidence(f"sides against the middle of {whose}", "dB", now, target, becomes), text


def _rumble_ground(move: Move) -> Ground:
    hz = max(move.after, move.before)
    share, left = rumble_db(move.heard, hz), rumble_db(move.heard, hz, cut=move.after > move.before)
    text = f"clears what lies below {role_words(move.heard.track.role)}"
    if move.after < move.before:
        text = f"gives back what lies below {hertz(hz)}"
    elif hz >= EDGES_HZ[1]:
        text += f", {-share:.0f} dB under the track as a whole"
    return evidence(f"energy below {hertz(max(hz, EDGES_HZ[1]))}", "dB", share, None, left), text


def _range_ground(move: Move) -> Ground:
    name = move.target
    now, becomes = move.findings.before.tracks[name].range_db, move.findings.after.tracks[name].range_db
    usual = role_practice(move.heard).range_db
    measured = evidence("loud moments over usual ones", "dB", now, usual, becomes)
    if move.param.name == "makeup_db":
        return measured, "gives back the level that the compressor takes"
    if move.param.name != "threshold_db":
        return measured, "goes with its threshold"
    text = f"its loud moments stood {now:.1f} dB over its usual ones, now {becomes:.1f}"
    if now - becomes < TOLD_RANGE_DB:
        text = f"holds its loud moments, which stand {becomes:.1f} dB over its usual ones"
    if usual is not None:
        text += f"; {usual:.0f} is usual for {role_words(move.heard.track.role)}"
    return measured, text


def _mix_ground(move: Move) -> Ground:
    before, after = move.findings.before.mix, move.findings.after.mix
    name = move.param.name
    match move.processor:
        case "fader":
            return _loudness_ground(move)
        case "equalizer" if name.endswith("gain_db"):
            return tone_ground(move)
        case "compressor" if name in ("threshold_db", "makeup_db"):
            wanted = move.findings.target.dynamics
            target = None if wanted is None else wanted.crest_db
            text = f"the mix's peaks stood {before.crest_db:.1f} dB over its loudness, now {after.crest_db:.1f}"
            if target is not None and before.crest_db > target:
                text += f"; {target:.1f} in {move.findings.them}"
            elif target is not None:
                text = f"in balance, the peaks stood out more than in {move.findings.them}, {target:.1f} dB"
                text += f" over the loudness; now {after.crest_db:.1f}"
            return evidence("peaks over loudness", "dB", before.crest_db, target, after.crest_db), text
        case "limiter" if name != "release_ms":
            ceiling = move.findings.values["master"]["limiter"]["ceiling_db"]
            text = f"true peaks stay under {ceiling:g} dBTP; they reach {after.true_peak_db:.1f}"
            return evidence("true peak", "dBTP", before.true_peak_db, ceiling, after.true_peak_db), text
        case _:
            return _knob_ground(move)


def _loudness_ground(move: Move) -> Ground:
    before, after = move.findings.before.mix.loudness_lufs, move.findings.after.mix.loudness_lufs
    asked = move.findings.loudness_lufs
    text = f"the mix was at {before:.1f} LUFS, {asked:g} was asked for; now {after:.1f}"
    if not math.isfinite(before):
        text = f"the mix was silent, {asked:g} LUFS was asked for; now {after:.1f}"
    elif abs(before - asked) < 0.5:
        text = f"keeps the mix at {after:.1f} LUFS, whatever the other changes add or take"
    return evidence("integrated loudness", "LUFS", before, asked, after), text


def _knob_ground(move: Move) -> Ground:
    """For a knob that only shapes what another does."""
    word = {"equalizer": "its gain", "compressor": "its threshold"}.get(move.processor, f"the {move.processor}'s work")
    return evidence(knob_word(move.param), move.param.unit, move.before, None, move.after), f"goes with {word}"
