"""The one folder of a running studio: private, marked as in use; one that was killed is swept by the next studio."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

_PREFIX = "faderwise-studio-"
_MARK = "in-use"


class RunFolder:
    """A new folder with rights for its owner alone. The mark in it is locked for as long as the process lives."""

    def __init__(self, parent: Path | None = None) -> None:
        parent = parent or Path(tempfile.gettempdir())
        sweep(parent)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)).resolve()
        self._mark = (self.path / _MARK).open("w")
        fcntl.flock(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def delete(self) -> None:
        """Take the folder away, with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._mark.close()


def sweep(parent: Path) -> None:
    """Delete the folders of studios that ended without doing so themselves."""
    for folder in parent.glob(f"{_PREFIX}*"):
        if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.getuid():
            continue
        mark = _lock(folder / _MARK)
        if mark is not None:
            shutil.rmtree(folder, ignore_errors=True)
            mark.close()


def _lock(mark: Path) -> IO[str] | None:
    """The mark, locked by us now; None while another process holds it, or where there is none."""
    try:
        file = mark.open("r+")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
