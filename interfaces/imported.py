"""What ``import`` does around the library: which file is meant, what is saved, and what is said about it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interfaces.changes import diff_document, print_differences
from interfaces.cli import point_of_no_return
from interfaces.daw.adopt import as_session
from interfaces.daw.importer import Imported, endings, into_session, read_project
from interfaces.opened import open_session
from interfaces.output import line
from mixer.difference import Difference, diff
from mixer.errors import SessionError, UsageError
from mixer.progress import Progress, silent
from mixer.session_file import FILE_NAME, save


@dataclass(frozen=True, slots=True)
class Report:
    """An import that is done, or would be."""

    session: Path
    project: Path
    saved: bool
    imported: Imported
    differences: list[Difference]

    @property
    def document(self) -> Mapping[str, Any]:
        """The import as JSON tells it."""
        return {
            "session": str(self.session),
            "project": str(self.project),
            "saved": self.saved,
            "tracks": self.imported.matched,
            "differences": diff_document(self.differences),
            "left": self.imported.left,
            "missing": self.imported.missing,
        }


def project_file(path: Path) -> Path:
    """The project that is meant: the file itself, or the one project in a folder. UsageError where it is not one."""
    if not path.is_dir():
        return path
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in endings() and file.is_file())
    if len(found) != 1:
        some = ", ".join(file.name for file in found[:3])
        what = f"holds {len(found)} projects ({some})" if found else "holds no project"
        raise UsageError(f"{path}: {what}; name the {', '.join(endings())} file")
    return found[0]


def taken(session: Path, project: Path, *, dry_run: bool) -> Report:
    """Read a project into the session that it was exported from."""
    opened = open_session(session)
    imported = into_session(opened.session, read_project(project))
    if not imported.matched:
        raise SessionError(
            f"{project}: has none of the tracks of {opened.path}; name the session that it was exported from, "
            "or a new folder with --new"
        )
    differences = diff(opened.session, imported.session)
    saved = opened.save(imported.session, dry_run=dry_run)
    return Report(opened.path, project, saved, imported, differences)


def adopted(folder: Path, project: Path, *, dry_run: bool, progress: Progress = silent) -> Report:
    """Make a session of a project, in a folder that does not exist yet or is empty: all of it or nothing."""
    if folder.suffix.lower() == ".json":
        raise UsageError(f"{folder}: --new makes a folder with a session and its audio in it; name the folder")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(f"{folder}: is there already; name a new folder")
    if not folder.absolute().parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.parent}; create it or choose another place")
    read = read_project(project)
    beside = tempfile.mkdtemp(prefix=".faderwise-", dir=folder.absolute().parent)
    try:
        imported = as_session(read, Path(beside), progress=progress)
        if not dry_run:
            point_of_no_return()
            save(imported.session, Path(beside) / FILE_NAME)
            Path(beside).chmod(0o755)
            Path(beside).replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Report(folder / FILE_NAME, project, not dry_run, imported, [])


def print_imported(report: Report) -> None:
    """What was taken, what was left, and where it went."""
    imported = report.imported
    if report.differences:
        print_differences(report.differences, title=f"from {report.project.name}")
    for what in imported.left:
        line(f"left: {what}")
    for name in imported.missing:
        line(f"note: the track {name} is not in the project any more; it stays as it was")
    if report.saved:
        line(f"saved {report.session}: {len(imported.matched)} tracks")
    elif report.differences or not report.session.exists():
        line("not saved (--dry-run)")
    else:
        line("nothing was changed there")
