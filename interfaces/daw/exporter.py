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
class Exported:
    """A finished export."""

    folder: Path
    project: Path
    """The file to open."""
    rows: list[Carried]
    null_db: float | None = None
    """Level of the difference to our own render, where it was measured."""
    notes: list[str] = field(default_factory=list)


Exporter = Callable[[Session, Path, Path, Progress], Exported]
"""``exporter(session, session_folder, new_folder, progress)``.

``new_folder`` exists and is empty; it is thrown away if the exporter raises.
"""
