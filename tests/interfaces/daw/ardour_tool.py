"""Ardour itself in the tests: skipped where it is not installed, unless the machine is one that must have it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from interfaces.daw import ardour_tool
from interfaces.daw.ardour_check import NO_ARDOUR, check_ardour
from interfaces.daw.exporter import Exported
from mixer import audio
from mixer.arrays import F32
from mixer.progress import silent
from mixer.session import Session


def needs_ardour() -> ardour_tool.ArdourTool:
    """Ardour's renderer, or the test is skipped."""
    tool = ardour_tool.ardour_tool()
    if tool is None:
        if os.environ.get("FADERWISE_NO_SKIP") == "1":
            pytest.fail(NO_ARDOUR)
        pytest.skip(NO_ARDOUR)
    return tool


def ardour_render(exported: Exported, sample_rate: int, scratch: Path, frames: int) -> F32:
    """What Ardour makes of an exported session, ``[2, frames]``."""
    path = ardour_tool.ardour_render(needs_ardour(), exported.project, sample_rate, frames, scratch, silent)
    return audio.read(path)[0]


def ardour_difference_db(session: Session, folder: Path, exported: Exported, scratch: Path) -> float:
    """Level of what differs between Ardour's render of an export and ours of the session, relative to ours."""
    needs_ardour()
    (scratch / "check").mkdir()
    found = check_ardour(session, folder, exported, scratch / "check", silent)
    assert found.null_db is not None
    return found.null_db
