"""Names for people from the names of files."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from mixer.roles.names import role_from_name
from mixer.roles.role import UNSURE, Role

_TOKEN = re.compile(r"[^\s_\-.]+")
_LEADING_NUMBER = re.compile(r"^(?:(?:\d{1,2}|0\d\d)[\s_\-.)]+|\d\d(?=[A-Z][a-z]))(?=.)")
_EDGES = " \t_-.,"


def track_names(paths: Sequence[Path]) -> list[str]:
    """What to call the tracks of a song, given its files: short, never empty, no two the same.

    The suffix goes, and so do words that all files share in front or behind (the song, the date, "bounce"), unless
    they alone say what the tracks are; and track numbers in front. Numbers that tell takes apart stay.

    >>> track_names([Path("Song_01_Kick.wav"), Path("Song_02_LdVox.wav"), Path("Song_03_LdVox.wav")])
    ['Kick', 'LdVox 1', 'LdVox 2']
    >>> track_names([Path("Gtr_1.wav"), Path("Gtr_2.wav")])
    ['Gtr 1', 'Gtr 2']
    """
    stems = [unicodedata.normalize("NFC", path.stem) for path in paths]
    if len(stems) > 1:
        stems = _without_shared(stems, in_front=True)
        stems = _without_shared(stems, in_front=False)
    return _all_different([_readable(stem) for stem in stems])


def _without_shared(stems: Sequence[str], *, in_front: bool) -> list[str]:
    """Cut the words that all share at one end, as many as can go without a name losing what it says."""
    spans = [[match.span() for match in _TOKEN.finditer(stem)] for stem in stems]
    words = [[stem[a:b] for a, b in span][:: 1 if in_front else -1] for stem, span in zip(stems, spans, strict=True)]
    shared = 0
    while all(len(word) > shared + 1 for word in words) and len({word[shared] for word in words}) == 1:
        shared += 1
    for cut in range(shared, 0, -1):
        gone = words[0][:cut]
        if in_front:
            rest = [stem[span[cut][0] :] for stem, span in zip(stems, spans, strict=True)]
        else:
            rest = [stem[: span[-cut - 1][1]] for stem, span in zip(stems, spans, strict=True)]
        if not _says(" ".join(gone if in_front else gone[::-1])) or all(map(_says, rest)):
            return rest
    return list(stems)


def _says(text: str) -> bool:
    guess = role_from_name(text)
    return guess is not None and guess.confidence >= UNSURE


def _readable(stem: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in stem)
    shown = _without_number(shown.strip(_EDGES))
    shown = " ".join(shown.replace("_", " ").split()).strip(_EDGES)
    if not any(c.isalpha() for c in shown) and _role(shown) is None:
        return f"Track {shown}".strip()
    return shown


def _without_number(name: str) -> str:
    """The name without the numbers of its track, as far as they are not part of an instrument: '12 string'."""
    rest = _LEADING_NUMBER.sub("", name)
    while rest != name and _role(rest) is _role(name) and (_role(rest) or any(c.isalpha() for c in rest)):
        name, rest = rest, _LEADING_NUMBER.sub("", rest)
    return name


def _role(text: str) -> Role | None:
    guess = role_from_name(text)
    return None if guess is None else guess.role


def _all_different(names: Sequence[str]) -> list[str]:
    """Number the names that occur more than once, in the order of the files, past numbers already taken."""
    times = Counter(name.casefold() for name in names)
    taken = {name for name, occurrences in times.items() if occurrences == 1}
    different = []
    for name in names:
        unique = name
        if times[name.casefold()] > 1:
            unique = next(u for number in count(1) if (u := f"{name} {number}").casefold() not in taken)
        taken.add(unique.casefold())
        different.append(unique)
    return different
