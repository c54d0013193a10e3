"""Names of tracks that another program takes: unique, of a length it can hold, without what it cannot read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def plain_names(names: Iterable[str], *, forbidden: str, longest_bytes: int, taken: Iterable[str] = ()) -> list[str]:
    """The names, each different from the others and from those taken, whatever the case.

    Args:
        forbidden: characters that become ``-``; control characters become spaces.
        longest_bytes: what a name may need in UTF-8.

    >>> plain_names(["Gtr L/R", "gtr l/r", ""], forbidden="/", longest_bytes=20)
    ['Gtr L-R', 'gtr l-r 2', 'Track']
    """
    used = {name.casefold() for name in taken}
    made = []
    for name in names:
        base = _cleaned(name, forbidden) or "Track"
        free, number = _cut(base, longest_bytes), 1
        while free.casefold() in used:
            number += 1
            free = f"{_cut(base, longest_bytes - 1 - len(str(number)))} {number}"
        used.add(free.casefold())
        made.append(free)
    return made


def _cleaned(name: str, forbidden: str) -> str:
    known = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Cn") else c for c in name)
    return " ".join(known.translate({ord(c): "-" for c in forbidden}).split())


def _cut(name: str, longest_bytes: int) -> str:
    return name.encode()[:longest_bytes].decode(errors="ignore").rstrip()
