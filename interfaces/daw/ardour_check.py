"""An Ardour export, rendered by Ardour and held against our own render."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import soundfile

from interfaces.daw.ardour_stock import A_EQ_NOTE
from interfaces.daw.ardour_tool import ArdourTool, ardour_render, ardour_tool
from interfaces.daw.exporter import Check, Exported
from interfaces.daw.null_depth import Difference, difference
from mixer import audio
from mixer.progress import Progress, span
from mixer.render import render
from mixer.session import Session

SCRIPTS_DB, LIMITED_DB, STOCK_DB = -100.0, -80.0, -35.0
"""Promises. Float32 between Ardour's processors leaves about -120 dB; a limiter turns rounding differences of peaks
into gain for its whole window; a-eq stops up to 0.1 dB from where it is asked to go."""
_ABSURD_DB = 40.0
"""Twice in some 150 renders on a machine under load Ardour 7.3 gave levels of +239 and +608 dB, and the same project
rendered again was right to -100 dB each time. A project that blows up by itself does so in every attempt."""
_RENDERS = 3
_BLOCK = 1 << 16
NO_ARDOUR = "Ardour is not installed here, so nothing was rendered in it (Debian and Ubuntu: apt-get install ardour)"


def check_ardour(
    session: Session, session_folder: Path, exported: Exported, scratch: Path, progress: Progress
) -> Check:
    """The depth of the null between Ardour's render of an export and ours; see ``interfaces.daw.exporter.Checker``.

    Raises:
        CheckError: Ardour gives no whole render.
    """
    if not session.audible_tracks():
        return Check("no track is audible, so there is nothing to compare")
    tool = ardour_tool()
    if tool is None:
        return Check(NO_ARDOUR)
    ours = scratch / "ours.wav"
    frames = render(session, session_folder, ours, depth="float", progress=span(progress, 0, 0.2)).frames
    project = _copied(exported, scratch / "project")
    absurd = 0
    while True:
        found = _compare(session, tool, project, ours, frames, span(progress, 0.2, 1))
        absurd += not found.excess_db < _ABSURD_DB
        if found.excess_db < _ABSURD_DB or absurd == _RENDERS:
            break
    how = f"Ardour {tool.version} rendered the project, and our own render was subtracted"
    if absurd:
        how += f" ({absurd} of its renders had absurd levels, which happens to Ardour once in a hundred times)"
    return Check(how, found.null_db, promise_db(session, exported))


def promise_db(session: Session, exported: Exported) -> float:
    """What an export to Ardour stays below, by what is in it."""
    if any(row.note == A_EQ_NOTE for row in exported.rows):
        return STOCK_DB
    return LIMITED_DB if session.values("master").get("limiter", {}).get("active") else SCRIPTS_DB


def _compare(
    session: Session, tool: ArdourTool, project: Path, ours: Path, frames: int, progress: Progress
) -> Difference:
    # read without the care for damaged samples that ``audio`` takes: what is no number is a finding here
    theirs = ardour_render(tool, project, session.sample_rate, frames, ours.parent, span(progress, 0, 0.9))
    tell = span(progress, 0.9, 1)
    wanted, got = audio.blocks(ours, block=_BLOCK), soundfile.blocks(theirs, _BLOCK, dtype="float32", always_2d=True)
    return difference(wanted, (block.T for block in got), lambda done: tell(done / max(1, frames), "comparing"))


def _copied(exported: Exported, folder: Path) -> Path:
    """The project file of a copy, in which Ardour may leave what it likes; sound is shared where the disk knows how."""

    def copy(source: str, target: str) -> None:
        if source.endswith(".wav"):
            try:
                os.link(source, target)
            except OSError:  # a file system without links
                shutil.copyfile(source, target)
        else:
            shutil.copyfile(source, target)

    shutil.copytree(exported.folder, folder, copy_function=copy)
    return folder / exported.project.relative_to(exported.folder)
