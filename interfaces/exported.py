"""What ``export`` does around an exporter: where the project may go, how it gets there whole, what is said of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from interfaces.cli import point_of_no_return
from interfaces.daw.exporter import Checker, Exported, Exporter
from interfaces.daw.fidelity import JSON, MARKDOWN, checked, differing, fidelity_document, fidelity_markdown, summary
from interfaces.files import write_text
from interfaces.opened import Opened
from interfaces.output import finite, line, paragraph
from mixer.errors import CheckError, UsageError
from mixer.progress import Progress, span

_SHOWN = 12


def checked_folder(opened: Opened, folder: Path, *, force: bool, mark: str = JSON) -> None:
    """UsageError where an export would take the place of anything but an earlier export, or of that without force.

    ``mark`` is the file by which an earlier one is known.
    """
    if not folder.absolute().parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.parent}; create it or choose another place with -o")
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir() or folder.is_symlink():
        raise UsageError(f"{folder}: is there already and is no folder; choose another place with -o")
    there = any(folder.iterdir())
    if there and not force:
        raise UsageError(f"{folder}: is there already; --force replaces it, -o takes another place")
    place = folder.resolve()
    files = [opened.path.resolve(), *((opened.folder / track.path).resolve() for track in opened.session.tracks)]
    inside = next((file for file in files if file.is_relative_to(place)), None)
    if inside is not None:
        raise UsageError(f"{folder}: holds {inside.name} of this session; choose another place with -o")
    if there and not (folder / mark).is_file():
        raise UsageError(f"{folder}: is no earlier export (it has no {mark}); choose another place with -o")


def make_export(
    opened: Opened,
    kind: str,
    exporter: Exporter,
    folder: Path,
    progress: Progress,
    checker: Checker | None = None,
) -> Exported:
    """Build the project beside its place, with the account of what it carries, and move it there when all is done.

    A checker looks at it before it is moved; what it found stands in the account, a failure too.
    """
    with tempfile.TemporaryDirectory(prefix=".faderwise-export-", dir=folder.absolute().parent) as scratch:
        built, place = Path(scratch) / "built", Path(scratch) / "check"
        built.mkdir()
        made = exporter(opened.session, opened.folder, built, span(progress, 0, 1 if checker is None else 0.4))
        if checker is not None:
            place.mkdir()
            found = checker(opened.session, opened.folder, made, place, span(progress, 0.4, 1))
            made = replace(made, check=found)
        document = finite(fidelity_document(opened.session, kind, made))
        write_text(built / JSON, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        write_text(built / MARKDOWN, fidelity_markdown(opened.session, kind, made))
        point_of_no_return()
        if folder.exists():
            folder.rename(Path(scratch) / "replaced")
        built.rename(folder)
    return replace(made, folder=folder, project=folder / made.project.relative_to(made.folder))


def demand(made: Exported) -> None:
    """CheckError where a check failed."""
    check = made.check
    if check is not None and check.status == "failed":
        raise CheckError(
            f"{made.project}: does not sound as our own render: {check.null_db:.0f} dB are left of it, at most "
            f"{check.promise_db:.0f} dB should be; the project is there to be looked at, please report this"
        )


def export_document(opened: Opened, kind: str, made: Exported) -> Mapping[str, Any]:
    """An export as JSON tells it."""
    places = {"folder": str(made.folder), "report": str(made.folder / MARKDOWN)}
    return fidelity_document(opened.session, kind, made) | places


def print_exported(opened: Opened, made: Exported) -> None:
    """Where the project is, and what does not arrive exactly."""
    line(f"{made.project}")
    line(f"{summary(made)}.")
    for text in checked(made):
        paragraph(text)
    apart = list(differing(opened.session, made.rows))
    for text in apart[:_SHOWN]:
        line(f"  {text}")
    if len(apart) > _SHOWN:
        line(f"  and {len(apart) - _SHOWN} more")
    for note in made.notes:
        line(note)
    line(f"All of it, setting by setting: {made.folder / MARKDOWN}")
