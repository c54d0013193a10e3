"""Where the benchmark keeps what it makes: in a folder that git ignores and that ``make clean`` empties."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / "build" / "mixbench"
REFERENCES = ROOT.parent / "shared" / "references"
DEMO_SONG = ROOT / "interfaces" / "demo" / "song"
PAGE = ROOT / "docs" / "mixbench.md"

RATE = 44_100
"""Everything in the benchmark is at this rate, in Hz."""


def fingerprint(folders: Iterable[str], *, without: frozenset[str] = frozenset()) -> str:
    """A short hash of all code and data in folders of the repository: rows of other code are not taken for these."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".toml", ".json"} and path.name not in without:
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
