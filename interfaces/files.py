"""Text files, written whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Put the text in the file's place in one step. OSError where that cannot be; what was there before still is."""
    if path.is_dir():
        raise IsADirectoryError(21, "is a folder, not a file", str(path))
    temporary = path.with_name(f".faderwise-{secrets.token_hex(8)}.part")
    try:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        temporary.replace(path)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None
    finally:
        temporary.unlink(missing_ok=True)
