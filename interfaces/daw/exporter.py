"""What every exporter gives: a project folder, and an honest account of what it carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mixer.progress import Progress
from mixer.session import Session

Status = Literal["exact", "approximate", "not carried"]


@dataclass(frozen=True, slots=True)
class Carried:
    """How one knob, or one thing (a processor, a flag), arrives in the other program."""

    target: str
    """A track's id, ``reverb`` or ``master``."""
    what: str
    """``processor.knob``, a processor, or a flag such as ``mute``."""
    status: Status
    note: str = ""
    """What differs, by how much, and what to do about it; empty when exact."""


@dataclass(frozen=True, slots=True)
class Check:
    """An export held against our own render of the session, or why that could not be done."""

    how: str
    """What was compared, or why nothing could be: one sentence without its full stop."""
    null_db: float | None = None
    """Energy of the difference against the energy of our render; -inf where both are the same."""
    promise_db: float = 0.0
    """What this kind of export stays below."""

    @property
    def status(self) -> Literal["passed", "failed", "not measured"]:
        """Whether the export keeps its promise."""
        if self.null_db is None:
            return "not measured"
        return "passed" if self.null_db <= self.promise_db else "failed"


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export."""

    folder: Path
    project: Path
    """The file to open."""
    rows: list[Carried]
    notes: list[str] = field(default_factory=list)
    check: Check | None = None
    """What came of the check, where one was asked for."""


Exporter = Callable[[Session, Path, Path, Progress], Exported]
"""``exporter(session, session_folder, new_folder, progress)``.

``new_folder`` exists and is empty; it is thrown away if the exporter raises.
"""

Checker = Callable[[Session, Path, Exported, Path, Progress], Check]
"""``checker(session, session_folder, exported, scratch, progress)``.

It leaves the export as it is; ``scratch`` is an empty folder for its own files, on the disk of the export.
"""
