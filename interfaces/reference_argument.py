"""A reference as people type it: ``song.flac``, ``song.flac@1:02-1:32``, ``song.flac@62-92*0.5``."""

from __future__ import annotations

import re
from pathlib import Path

from mixer.errors import UsageError
from mixer.roles import Group, Role
from style_transfer.reference_file import ReferenceFile

_TIME = r"(?:(?:\d+:)?[0-5]?\d:[0-5]\d(?:\.\d+)?|\d+(?:\.\d+)?s?)"
_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
_NAMES = "|".join(sorted({*Group, *Role}, key=len, reverse=True))
_REFERENCE = re.compile(
    rf"(?P<file>.+?)(?:@(?P<start>{_TIME})-(?P<end>{_TIME}))?(?::(?P<roles>(?:{_NAMES})(?:,(?:{_NAMES}))*))?"
    rf"(?:\*(?P<weight>{_NUMBER}))?",
    re.DOTALL,
)


def parse_reference(text: str) -> ReferenceFile:
    """Read ``FILE[@start-end][:roles][*weight]``; times are seconds, m:ss or h:mm:ss, roles as in ``drums,bass``.

    Names of files may hold @ and *: what does not look like a segment or a weight belongs to the name, and so does
    what does if a file is called exactly that.

    >>> parse_reference("song.flac@1:02-1:32*0.5")
    ReferenceFile(path=PosixPath('song.flac'), segment=(62.0, 92.0), weight=0.5, roles=(), stems=None)
    >>> parse_reference("song.flac:drums,lead_vocal").roles
    (<Group.DRUMS: 'drums'>, <Role.LEAD_VOCAL: 'lead_vocal'>)

    Raises:
        UsageError: the segment ends before it starts, or the weight is nought, or either is misspelt.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None or Path(text).is_file():
        return ReferenceFile(Path(text))
    _check_spelling(match["file"], text)
    weight = float(match["weight"] or 1)
    if weight <= 0:
        raise UsageError(f"{text}: a weight of {weight:g} makes no sense; use a positive number, such as *0.5")
    segment = None
    if match["start"]:
        segment = (_seconds(match["start"]), _seconds(match["end"]))
        if segment[0] >= segment[1]:
            raise UsageError(f"{text}: the segment ends before it starts; write it as @start-end, such as @1:02-1:32")
    names = match["roles"].split(",") if match["roles"] else []
    roles = tuple(Group(name) if name in set(Group) else Role(name) for name in names)
    return ReferenceFile(Path(match["file"]), segment, weight, roles)


def _check_spelling(file: str, text: str) -> None:
    """UsageError where there is no such file, but one whose name ends at an @ or a *: what follows is misspelt then."""
    if Path(file).is_file():
        return
    for mark in re.finditer(r"[@*:]", file):
        if Path(file[: mark.start()]).is_file():
            raise UsageError(
                f"{text}: {file[mark.start() :]!r} is not understood; a segment is written @1:02-1:32, "
                "roles :drums,bass, a weight *0.5"
            )


def _seconds(text: str) -> float:
    """Seconds of ``62``, ``62s``, ``1:02`` or ``0:01:02``."""
    total = 0.0
    for part in text.removesuffix("s").split(":"):
        total = 60 * total + float(part)
    return total
