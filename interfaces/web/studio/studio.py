"""All workspaces of a running studio, and whose they are."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import shutil
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.jobs import Jobs
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.run_folder import RunFolder
from interfaces.web.studio.workspace import Workspace

_GRACE_S = 600.0
"""A workspace that was used within this is not deleted to make place for another."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A browser. Its token was signed by this very studio: what another program made up is nobody's."""

    token: str

    @property
    def key(self) -> str:
        """By which its workspace and jobs are found; says nothing of the token."""
        return hashlib.sha256(self.token.encode()).hexdigest()


class Studio:
    """What the server holds. ``close`` takes everything away again.

    Args:
        parent: where the private folder is made; the system's place for temporary files by default.
        given: a session's file of this machine, which every page may open a copy of.
    """

    def __init__(self, limits: Limits | None = None, parent: Path | None = None, given: Path | None = None) -> None:
        self.limits = limits or Limits()
        self.given = given
        self.run = RunFolder(parent)
        self.jobs = Jobs(self.limits.workers, self.limits.jobs)
        self.closing = False
        self._secret = secrets.token_bytes(32)
        self._workspaces: dict[str, Workspace] = {}
        self._lock = threading.Lock()

    def new_owner(self) -> Owner:
        """A browser that was never here."""
        name = secrets.token_hex(32)
        return Owner(f"{name}.{self._signature(name)}")

    def owner(self, token: str) -> Owner | None:
        """The browser of a token; None where this studio did not give it."""
        name, _, signature = token.partition(".")
        if not token.isascii() or not hmac.compare_digest(signature, self._signature(name)):
            return None
        return Owner(token)

    def _signature(self, name: str) -> str:
        return hmac.new(self._secret, name.encode(), "sha256").hexdigest()

    def find(self, owner: Owner) -> Workspace | None:
        """A browser's workspace, if it has one; counts as use of it."""
        with self._lock:
            found = self._workspaces.get(owner.key)
            if found is not None:
                found.touch()
            return found

    def workspace(self, owner: Owner) -> Workspace:
        """A browser's workspace, made if it has none.

        Raises:
            Refused: as many as may be are in use (503).
        """
        found = self.find(owner)
        if found is not None:
            return found
        self.expire()
        with self._lock:
            if self.closing:
                raise Refused(503, "the studio is closing; start it again with `faderwise serve`")
            gone = self._room_made()
            folder = self.run.path / uuid.uuid4().hex
            folder.mkdir(mode=0o700)
            made = self._workspaces[owner.key] = Workspace(owner.key, folder, self.limits)
        if gone is not None:
            self._delete(gone)
        return made

    def _room_made(self) -> Workspace | None:
        """The idlest workspace, taken out where there is one too many; Refused where all are at work."""
        if len(self._workspaces) < self.limits.workspaces:
            return None
        idle = [each for each in self._workspaces.values() if not self.jobs.of(each.key) and not each.receiving]
        oldest = min(idle, key=lambda each: each.used, default=None)
        if oldest is None or time.monotonic() - oldest.used < min(_GRACE_S, self.limits.idle_s):
            raise Refused(503, f"{self.limits.workspaces} browsers use this studio already: try again later")
        return self._workspaces.pop(oldest.key)

    def expire(self) -> None:
        """Delete what nobody has used for long."""
        now = time.monotonic()
        with self._lock:
            old = [
                each
                for each in self._workspaces.values()
                if now - each.used > self.limits.idle_s and not self.jobs.of(each.key) and not each.receiving
            ]
            for each in old:
                del self._workspaces[each.key]
        for each in old:
            self._delete(each)

    def forget(self, owner: Owner) -> None:
        """Delete a browser's workspace now."""
        with self._lock:
            found = self._workspaces.pop(owner.key, None)
        if found is not None:
            self._delete(found)

    def _delete(self, workspace: Workspace) -> None:
        workspace.gone = True
        self.jobs.forget(workspace.key)
        workspace.delete()

    def scratch(self) -> Path:
        """A new private folder for work that belongs to no workspace."""
        folder = self.run.path / f"program-{uuid.uuid4().hex}"
        folder.mkdir(mode=0o700)
        return folder

    def close(self) -> None:
        """Stop all work and delete all workspaces."""
        self.closing = True
        self.jobs.close()
        with self._lock:
            left, self._workspaces = list(self._workspaces.values()), {}
        for each in left:
            each.delete()
        shutil.rmtree(self.run.path, ignore_errors=True)
        self.run.delete()
