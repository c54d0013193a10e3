"""What a suggestion does to stem groups that a reference speaks of: measured before and after, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from mixer.console import add
from mixer.roles import Group
from mixer.session import Session
from style_transfer.balance import groups_of, measure_balance
from style_transfer.desk import Desk
from style_transfer.features import CENTRES_HZ, Power, Shape
from style_transfer.group_level import GroupLevel, sums_of
from style_transfer.prepare import Listening
from style_transfer.search import Found
from style_transfer.start import current_values
from style_transfer.target import GroupTarget
from style_transfer.words import group_words

LEVEL_LU = 0.5
"""Closer than this counts as equally loud."""


@dataclass(frozen=True, slots=True)
class GroupFound:
    """One group (or two that cannot be told apart) against what a reference says about it."""

    target: GroupTarget
    now_lu: float
    """Level against the groups that it is compared with, as the session stands."""
    becomes_lu: float
    whose: str
    """What the reference is called in a sentence."""
    practised: Shape
    """As practice alone would have it, before the master."""
    after: Shape

    @property
    def name(self) -> str:
        """In a sentence: ``vocals``."""
        return group_words(self.target.groups)

    def said(self, *, alone: bool) -> str:
        """How it stood against the reference and how it stands now; ``alone``: of its only track."""
        before, after = self.now_lu - self.target.level_lu, self.becomes_lu - self.target.level_lu
        now = "level" if abs(after) < LEVEL_LU else f"{abs(after):.1f}"
        if abs(after) >= LEVEL_LU and before * after < 0:
            now += " below" if after < 0 else " above"
        where = (
            f"{abs(before):.1f} LU {'below' if before < 0 else 'above'}" if abs(before) >= LEVEL_LU else "level with"
        )
        if alone:
            return f"it sat {where} the {self.name} of {self.whose}, now {now}"
        those = "that" if self.target.groups == {Group.BASS} else "those"
        return f"the {self.name} together sat {where} {those} of {self.whose}, now {now}"

    def tone_apart(self, hz: float) -> tuple[float, float] | None:
        """How much more it has around a frequency than the reference's, in dB: by practice, and now.

        None where the reference's tone cannot be trusted there.
        """
        tone, owned = self.target.said.tone_db, np.array(self.target.said.owned)
        near = np.abs(np.log2(np.array(CENTRES_HZ) / hz))
        rows = near <= max(0.5, float(near.min()))
        if tone is None or not (rows & owned).any():
            return None
        before, after = (
            float((np.array(shape.mid_db.tolist()) - np.array(tone))[rows & owned].mean())
            for shape in (self.practised, self.after)
        )
        return before, after


def group_findings(listening: Listening, found: Found, draft: Session) -> list[GroupFound]:
    """All that the references say about groups that the session has, those that weigh most first."""
    own = groups_of(listening.heard)
    targets = sorted(listening.target.groups, key=lambda target: -target.weight)
    if not targets:
        return []
    levels = [GroupLevel.of(target, own) for target in targets]
    before, after = (
        measure_balance(listening.desk(current_values(session)), listening.segments, sums_of(levels))
        for session in (listening.session, draft)
    )
    practised = _shapes(listening.desk(found.start), listening, levels)
    done = _shapes(listening.desk(current_values(draft)), listening, levels)
    several = len(listening.references) > 1
    return [
        GroupFound(
            target,
            level.measured_lu(before),
            level.measured_lu(after),
            target.name if several else "the reference",
            usual,
            shape,
        )
        for target, level, usual, shape in zip(targets, levels, practised, done, strict=True)
    ]


def _shapes(desk: Desk, listening: Listening, levels: Sequence[GroupLevel]) -> list[Shape]:
    """Of the sum of each group's tracks, behind their strips."""
    rows = [torch.tensor([entry.track.role.group in level.groups for entry in desk.heard]) for level in levels]
    table, totals = desk.tensors({}), [Power.nothing() for _ in levels]
    with torch.no_grad():
        for segment in listening.segments:
            posts = desk.posts(segment, table)
            totals = [
                total + Power.of(add(posts[row]), desk.sample_rate) for total, row in zip(totals, rows, strict=True)
            ]
    return [Shape.of(total, desk.sample_rate) for total in totals]


def about(findings: Sequence[GroupFound], group: Group) -> GroupFound | None:
    """What is said about a group alone or together with others, by the reference that weighs most."""
    return next((found for found in findings if group in found.target.groups), None)
