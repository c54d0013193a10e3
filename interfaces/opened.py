"""A session as a verb works on it: opened, changed, and saved only if nobody else has saved in between."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from interfaces.cli import point_of_no_return
from mixer.errors import SessionError
from mixer.progress import Progress, silent
from mixer.session import Session
from mixer.session_file import check_audio, load, save, session_path


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, the file that it came from, and the fingerprint of that file when it was read."""

    path: Path
    session: Session
    fingerprint: bytes

    @property
    def folder(self) -> Path:
        """Where the session's audio paths start."""
        return self.path.parent

    def check_audio(self, progress: Progress = silent) -> None:
        """SessionError or AudioError unless the tracks' files are those that the session was made from."""
        check_audio(self.session, self.folder, progress)

    def save(self, changed: Session, *, dry_run: bool = False) -> bool:
        """Save a changed session in place; False where there is nothing to save, or nothing is to be saved.

        Raises:
            SessionError: another program has changed the file since, or it cannot be written.
        """
        if dry_run or changed is self.session:
            return False
        point_of_no_return()
        if _fingerprint(self.path) != self.fingerprint:
            raise SessionError(f"{self.path}: was changed by another program meanwhile; not saved, run this again")
        save(changed, self.path)
        return True


def open_session(path: Path) -> Opened:
    """The session of a file or folder; SessionError as ``mixer.session_file.load`` has it."""
    file = session_path(path)
    before = _fingerprint(file)
    return Opened(file, load(file), before)


def _fingerprint(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""
    except OSError:
        return b""
