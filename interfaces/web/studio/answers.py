"""What goes wrong, as the page is told: one line, a status, and no place on this machine."""

from __future__ import annotations

import re

from mixer.errors import AudioError, FaderwiseError

_PATH = re.compile(r"(?<![\w.:/\\])(?:/[\w.+@%~-]+(?: [\w.+@%~-]+)*?)+/(?=[\w.+@%~-])")
BUG = "this is a bug in Faderwise: what was asked for was not done, and nothing was changed"


class Refused(Exception):  # noqa: N818 - what it is, not that it went wrong
    """A request that is not granted: an HTTP status and one line that says why, and what to do."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status


def status_of(error: FaderwiseError) -> int:
    """The HTTP status that fits one of the library's errors."""
    return 415 if isinstance(error, AudioError) else 400


def without_paths(text: str) -> str:
    """Text in which files go by their names alone.

    >>> without_paths("/anywhere/files/hit.flac: is cut short; export it again")
    'hit.flac: is cut short; export it again'
    >>> without_paths("3 dB/octave, drums/bass, and/or")
    '3 dB/octave, drums/bass, and/or'
    """
    return _PATH.sub("", text)


def for_the_page(text: str) -> str:
    """A line of the library as the page shows it: without paths, and in the page's words for what to do."""
    return without_paths(text).replace("\n", " ")
