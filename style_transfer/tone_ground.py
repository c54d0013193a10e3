"""What speaks for a band of an equaliser: the mix, or a stem group, around it and in the reference."""

from __future__ import annotations

import math

import numpy as np

from style_transfer.features import CENTRES_HZ
from style_transfer.findings import Move
from style_transfer.group_findings import about
from style_transfer.suggestion import Evidence
from style_transfer.words import hertz

TOLD_TONE_DB = 0.5
"""Differences of tone under this count as none."""
SILENCE_DB = -120.0
"""Stands for the level of silence."""
Ground = tuple[Evidence, str]
"""What was measured, and what it says."""


def tone_ground(move: Move) -> Ground:
    """What the mix has there against the reference: before the strips were moved, or before the master was."""
    findings, hz = move.findings, move.band_hz
    if (group := _group_tone_ground(move, hz)) is not None:
        return group
    now, becomes = (around(state.mix.mid_db, hz) for state in (findings.before, findings.after))
    if findings.target.shape is None:
        text = f"the mix has {_apart(becomes - now)} there now, beside its other bands"
        return evidence(f"mix around {hertz(hz)}, at equal loudness", "dB", now, None, becomes), text
    target = around(findings.target.shape.mid_db.tolist(), hz)
    over = around((findings.practised_shape if move.on_a_track else findings.strips_shape).mid_db.tolist(), hz) - target
    when = "with the tracks at their usual levels" if move.on_a_track else "before the master"
    had = f"the mix had {_apart(over)} than {findings.them} there, now {_apart(becomes - target)}"
    text = f"{when} {had}"
    if (move.after - move.before) * over > 0:
        aside = "keeps it apart from the others there" if move.on_a_track else "makes up for the bands beside it"
        text = f"{aside}; {had}"
    return evidence(f"mix around {hertz(hz)}, at equal loudness", "dB", now, target, becomes), text


def _group_tone_ground(move: Move, hz: float) -> Ground | None:
    """Of a band on a track whose group's tone the reference tells there, if that is where it was moved to."""
    found = about(move.findings.groups, move.heard.track.role.group) if move.target in move.findings.heard else None
    apart = found.tone_apart(hz) if found is not None else None
    if found is None or apart is None or apart[0] * (move.after - move.before) > 0 or abs(apart[0]) < TOLD_TONE_DB:
        return None
    text = (
        f"by usual settings the {found.name} had {_apart(apart[0])} there than {found.whose}'s, now {_apart(apart[1])}"
    )
    return evidence(f"{found.name} around {hertz(hz)} against the reference's", "dB", apart[0], 0.0, apart[1]), text


def around(bands_db: tuple[float, ...] | list[float], hz: float) -> float:
    """Mean level of the bands within half an octave of a frequency (the nearest band at least)."""
    apart = np.abs(np.log2(np.array(CENTRES_HZ) / hz))
    return float(np.array(bands_db)[apart <= max(0.5, float(apart.min()))].mean())


def _apart(difference_db: float) -> str:
    return f"{abs(difference_db):.1f} dB {'more' if difference_db >= 0 else 'less'}"


def evidence(feature: str, unit: str, now: float, target: float | None, becomes: float) -> Evidence:
    """Rounded to what can be told; silence has a level too."""
    before, after = (round(value, 2) if math.isfinite(value) else SILENCE_DB for value in (now, becomes))
    rounded = None if target is None else round(target, 2)
    return Evidence(feature=feature, unit=unit, now=before, target=rounded, becomes=after)
