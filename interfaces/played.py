"""What ``player`` does around the player itself: built beside its place, moved there when whole, and told of."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interfaces.cli import point_of_no_return
from interfaces.opened import Opened
from interfaces.output import line
from interfaces.web.player import PAGE, unheard, write_player
from mixer.progress import Progress
from style_transfer.reference_file import ReferenceFile


def make_player(opened: Opened, folder: Path, reference: ReferenceFile | None, progress: Progress) -> None:
    """Build the player in a folder beside its place, and move it there."""
    with tempfile.TemporaryDirectory(prefix=".faderwise-player-", dir=folder.absolute().parent) as scratch:
        built = Path(scratch) / folder.absolute().name
        built.mkdir()
        write_player(opened.session, opened.folder, built, progress, reference=reference)
        point_of_no_return()
        if folder.exists():
            folder.rename(Path(scratch) / "replaced")
        built.rename(folder)


def player_document(opened: Opened, folder: Path) -> Mapping[str, Any]:
    """A player as JSON tells it."""
    return {
        "session": str(opened.path),
        "folder": str(folder),
        "page": str(folder / PAGE),
        "megabytes": _megabytes(folder),
        "not_carried": unheard(opened.session),
    }


def print_player(opened: Opened, folder: Path) -> None:
    """Where it is, and what it leaves out."""
    line(f"{folder / PAGE}")
    line(f"{_megabytes(folder):.1f} MB; open the page in a browser, or send the whole folder.")
    for name in unheard(opened.session):
        line(f"not carried: {name}; browsers have no such processor of ours yet")


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
