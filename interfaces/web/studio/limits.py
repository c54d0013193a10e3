"""What the studio takes and keeps at most; the page is told the same figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from mixer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes, counts and times. Small ones can be given for tests and for small machines."""

    stems: int = 64
    references: int = 8
    others: int = 8
    """Whole songs, and as many rough mixes."""
    file_bytes: int = 2**30
    session_bytes: int = 32 * 2**20
    """Of a saved session, without its audio."""
    workspace_bytes: int = 6 * 2**30
    file_seconds: float = 20 * 60
    name_characters: int = 255
    prompt_characters: int = 4000
    body_bytes: int = 2**20
    """Of a request that is no upload."""
    edits: int = 4096
    """In one request."""
    alternatives: int = 5
    workspaces: int = 16
    idle_s: float = 6 * 3600
    """A workspace that nobody asked anything of for this long is deleted."""
    jobs: int = 4
    """That one workspace may have running and waiting."""
    workers: int = 2
    uploads: int = 3
    """Files that are decoded at once."""
    downloads: int = 8
    """Kept for one workspace; older ones are deleted."""
    wait_s: float = 25.0
    """How long an answer about a job may be held back."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value > 0:
                raise UsageError(f"the studio's limit {name} is {value:g}; use a number above 0")

    def document(self) -> dict[str, Any]:
        """As the page is told."""
        return asdict(self)
