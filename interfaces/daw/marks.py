"""What tracks are known by in other programs' files."""

from __future__ import annotations

import unicodedata
import uuid

from interfaces.daw.names import plain_names

_SPACE = uuid.UUID("8a0f6d53-3f5e-5f0b-9d43-0d9f6f4a7c11")


def guid(target: str) -> str:
    """``{XXXXXXXX-...}``: the same for a track's id each time, so that it is known again whatever it is called then."""
    return f"{{{str(uuid.uuid5(_SPACE, target)).upper()}}}"


def shown_name(name: str) -> str:
    """A name in one line, without what no file format takes: control characters and halves of characters.

    >>> shown_name("Kick" + chr(10) + '"in"')
    'Kick "in"'
    """
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") or ord(c) & 0xFFFE == 0xFFFE else c for c in name)
    return " ".join(kept.split()) or "Track"


def file_stem(name: str) -> str:
    """A name for a file, without its ending, that every file system takes.

    >>> file_stem('AC/DC: "Live"')
    'AC-DC- -Live-'
    """
    return plain_names([name], forbidden='/\\:*?"<>|.', longest_bytes=120)[0]
