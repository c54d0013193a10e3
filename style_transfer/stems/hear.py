"""The verb: stems in, what can be trusted of each group out."""

from __future__ import annotations

import math

import numpy as np

from mixer.arrays import F64
from mixer.progress import Progress, silent
from mixer.roles import Group
from style_transfer.features import BANDS, Shape
from style_transfer.stems.calibration import GroupCalibration, calibration
from style_transfer.stems.heard import StemHeard, listen_to_stems
from style_transfer.stems.said import GroupSaid, Presence, ReferenceStems

OWNED = 0.7
"""Share of a band's energy that lies in bins of the group's own, from which on its tone is trusted there: measured, it
is then off by 0.8 to 1 dB on the mean, and by 1.2 to 1.5 dB from 0.5 on, in few bands more."""
FAINT_DB = -30.0
"""Bands this far under a group's strongest hold nothing of its tone: rumble, hiss, what others left."""
ABSENT_LU = -45.0
"""A true stem that is as far below the mix counts as silent."""
TRUE_LEVEL_TOLERANCE_LU, TRUE_WIDTH_TOLERANCE_DB, TRUE_IMBALANCE_TOLERANCE = 0.2, 0.5, 0.01
"""Of true stems: what mastering does to the balance of a mix."""


def hear_stems(
    stems: ReferenceStems, segment: tuple[float, float] | None, sample_rate: int, progress: Progress = silent
) -> list[GroupSaid]:
    """Listen to a reference's stems, and say of each group what can be trusted.

    Args:
        segment: start and end in seconds of the reference; None: all that the stems hold.
        sample_rate: in Hz, the session's.

    Returns:
        One for each stem group, apart from those that the separator cannot tell apart, which come as one.

    Raises:
        AudioError: a stem cannot be read, or there is nothing but silence.
        UsageError: the segment lies outside the stems.
    """
    heard = listen_to_stems(stems, segment, sample_rate, progress)
    return say(heard, stems.separator, sample_rate)


def say(heard: dict[Group, StemHeard], separator: str | None, sample_rate: int) -> list[GroupSaid]:
    """What can be trusted of what was heard in the stems of a separator, None for true stems."""
    if separator is None:
        return [_truth(group, stem, sample_rate) for group, stem in heard.items()]
    known = calibration(separator)
    return [_said(group, stem, known.groups[group], sample_rate) for group, stem in heard.items()]


def stems_note(stems: ReferenceStems) -> str | None:
    """What the user should know about where the stems come from, if anything."""
    if stems.separator is None or calibration(stems.separator).measured:
        return None
    return (
        f"{stems.separator.partition(' ')[0]} was never measured on songs whose stems are known: what its stems say "
        "about the reference is trusted little"
    )


def _truth(group: Group, stem: StemHeard, sample_rate: int) -> GroupSaid:
    if stem.loudness_lu < ABSENT_LU:
        return _nothing(group, Presence.ABSENT)
    shape = Shape.of(stem.power, sample_rate)
    return GroupSaid(
        frozenset({group}),
        Presence.PRESENT,
        stem.loudness_lu,
        TRUE_LEVEL_TOLERANCE_LU,
        float(shape.width_db),
        TRUE_WIDTH_TOLERANCE_DB,
        float(shape.imbalance),
        TRUE_IMBALANCE_TOLERANCE,
        tuple(shape.mid_db.tolist()),
        _owned(shape, np.ones(BANDS)),
    )


def _said(group: Group, stem: StemHeard, known: GroupCalibration, sample_rate: int) -> GroupSaid:
    presence = known.presence(stem.share, stem.clearness)
    if presence is Presence.ABSENT or not math.isfinite(stem.loudness_lu):
        return _nothing(group, presence)
    level, tolerance = _level(stem, known, presence)
    shape = Shape.of(stem.power, sample_rate)
    wide, aside = known.width_tolerance_db, known.imbalance_tolerance
    return GroupSaid(
        frozenset({group}),
        presence,
        level,
        tolerance,
        None if wide is None else float(shape.width_db),
        wide or 0.0,
        None if aside is None else float(shape.imbalance),
        aside or 0.0,
        tuple(shape.mid_db.tolist()),
        _owned(shape, stem.own_share),
    )


def _owned(shape: Shape, own_share: F64) -> tuple[bool, ...]:
    heard = shape.mid_db.numpy() > float(shape.mid_db.max()) + FAINT_DB
    return tuple((heard & (own_share >= OWNED)).tolist())


def _level(stem: StemHeard, known: GroupCalibration, presence: Presence) -> tuple[float | None, float]:
    """The group's loudness and its tolerance; none where leakage of the others would read as much."""
    level = known.level_lu(stem.loudness_lu)
    if level is None or (presence is Presence.UNSURE and stem.loudness_lu < known.floor_lu):
        return None, 0.0
    if presence is Presence.UNSURE:
        return level[0], max(level[1], known.unsure_tolerance_lu)
    return level


def _nothing(group: Group, presence: Presence) -> GroupSaid:
    return GroupSaid(frozenset({group}), presence, None, 0.0, None, 0.0, None, 0.0, None, (False,) * BANDS)
