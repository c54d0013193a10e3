"""What the command line prints: results on stdout as text or as one JSON document, everything else on stderr."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

_WIDTH_OF_A_FILE = 140
"""Columns of a table that goes into a file or a pipe."""
_WIDTH_OF_PROSE = 100
"""Longer lines of text are hard to read."""


def write(text: str) -> None:
    """Text to stdout, at once. A reader who has seen enough (``| head``) is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def line(text: str = "") -> None:
    """One line to stdout."""
    write(f"{text}\n")


def say(text: str) -> None:
    """One line to stderr, whatever is in it."""
    shown = "".join(c if c.isprintable() or _is_lone_byte(c) else " " for c in text)
    sys.stderr.write(f"{shown}\n")
    sys.stderr.flush()


def _is_lone_byte(character: str) -> bool:
    """Whether it stands for a byte of a file name that is no text; the stream prints it as an escape."""
    return 0xDC80 <= ord(character) <= 0xDCFF


def json_document(data: Mapping[str, Any]) -> None:
    """One JSON document to stdout; what has no value (the loudness of silence) is null, for JSON knows no infinity."""
    unicode = (sys.stdout.encoding or "").casefold().replace("-", "") == "utf8"
    line(json.dumps(finite(data), indent=2, ensure_ascii=not unicode, allow_nan=False))


def finite(value: Any) -> Any:
    """The same nested data with None in place of numbers that are not finite.

    >>> finite({"loudness_lufs": float("-inf"), "tracks": (1, 2.5)})
    {'loudness_lufs': None, 'tracks': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def number(value: float | None, unit: str = "", digits: int = 1, *, sign: bool = False) -> str:
    """A figure as a person reads it; a dash where there is none.

    >>> number(-14.04, "LUFS"), number(float("-inf"), "LUFS"), number(2.0, "dB", sign=True)
    ('-14.0 LUFS', '–', '+2.0 dB')
    """
    if value is None or not math.isfinite(value):
        return "–"
    return f"{round(value, digits) + 0.0:{'+' if sign else ''}.{digits}f} {unit}".rstrip()


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), title: str = "") -> None:
    """A table to stdout, as wide as the terminal; columns named in ``right`` are set flush right."""
    if title:
        line(title)
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Cells are Text, so that a track called "[red]" stays what it is called.
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(Text(column), justify="right" if column in right else "left")
    for row in rows:
        shown.add_row(*(Text(_printable(cell)) for cell in row))
    console = Console(file=sys.stdout, width=None if _is_terminal(sys.stdout) else _WIDTH_OF_A_FILE, highlight=False)
    with console.capture() as captured:
        console.print(shown)
    lines = [text.rstrip() for text in captured.get().splitlines()]
    write("\n".join([*(text for text in lines if text), "", ""]))


def paragraph(text: str, indent: int = 0, label: str = "") -> None:
    """A sentence or more to stdout, broken into lines that fit the terminal; a label stands in the first indent."""
    columns = shutil.get_terminal_size((_WIDTH_OF_PROSE, 24)).columns if _is_terminal(sys.stdout) else _WIDTH_OF_PROSE
    broken = textwrap.wrap(_printable(text), min(columns, _WIDTH_OF_PROSE) - indent - 1, break_on_hyphens=False)
    for part in broken:
        line(f"{label:<{indent}}{part}")
        label = ""


def _printable(cell: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in cell)


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty()
