"""A desk with the tracks of the synthetic song on it, for tests of the search."""

from __future__ import annotations

from pathlib import Path

from mixer.session import Session
from style_transfer.desk import Desk
from style_transfer.listen import Heard, Segment, cut, hear, telling_seconds
from style_transfer.start import Values, current_values


def heard_song(session: Session, folder: Path) -> tuple[list[Heard], list[Segment]]:
    """The tracks in the order of the segments, and the segments."""
    heard = [entry for entry in hear(session, folder) if entry.problem is None]
    segments, order = cut(heard, telling_seconds(heard, session.sample_rate), session.sample_rate, folder)
    return [heard[index] for index in order], segments


def desk_of(session: Session, heard: list[Heard], values: Values | None = None) -> Desk:
    """The session's own values, or others."""
    return Desk(session, heard, values or current_values(session), session.sample_rate)
