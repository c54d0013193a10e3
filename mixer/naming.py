"""Names as people write them: compared, suggested where one is misspelt, and made into ids."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable


def fold(text: str) -> str:
    """Text as addresses compare it: without case, and with one underscore for each gap.

    >>> fold("Lead - Vox 2")
    'lead_vox_2'
    """
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", text).casefold().strip())


def slug(name: str, taken: Iterable[str] = ()) -> str:
    """An id for a track of this name that is not among those taken.

    >>> slug("Kick In (44.1k)", {"kick_in_44_1k"})
    'kick_in_44_1k_2'
    """
    used = {other.casefold() for other in taken}
    base = re.sub(r"[\W_]+", "_", fold(name)).strip("_") or "track"
    free, count = base, 1
    while free in used:
        count += 1
        free = f"{base}_{count}"
    return free


def near(word: str, known: Iterable[str]) -> str:
    """``": did you mean 'x' or 'y'?"``, or nothing where none is near."""
    folded = {fold(name): name for name in known}
    close = difflib.get_close_matches(fold(word), folded, n=3, cutoff=0.5)
    return f": did you mean {' or '.join(repr(folded[name]) for name in close)}?" if close else ""
