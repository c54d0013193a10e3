"""The table of words, and where they occur in a name."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

from mixer.roles.role import Role

Strength = Literal["word", "hint", "shade", "filler"]

_DEFAULT_CONFIDENCE = {"word": 0.95, "hint": 0.6, "shade": 0.6, "filler": 0.0}
_EAST_ASIAN = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"\d+|[{_EAST_ASIAN}]+|[^\W\d_{_EAST_ASIAN}]+")
_CAMEL = re.compile(r"(?<=[^\WA-Z\d_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Z][A-Z])(?=[a-z])")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "ð": "d", "þ": "th"})
_GLUED_MINIMUM = 3
_GLUED_SHORT = frozenset({"ac", "bd", "bg", "bv", "di", "el", "fx", "hh", "ld", "oh", "sn"})
_GLUED_MAXIMUM = 40  # longer than any name that two or three words make


@dataclass(frozen=True, slots=True)
class Entry:
    """What one word of the table says."""

    role: Role | None
    strength: Strength
    confidence: float
    note: str
    whole: bool  # hears a whole kit, whichever piece the name adds
    breaks: frozenset[int]  # letters before each place where the word may be written apart


class Hit(NamedTuple):
    """A word of the table found in a text, at ``text[start:end]``."""

    entry: Entry
    start: int
    end: int


class _Atom(NamedTuple):
    """The shortest piece that a name is cut into; ``apart`` if a separator stands before it."""

    key: str
    start: int
    end: int
    apart: bool


def fold(text: str) -> str:
    """Letters without case, accents and ligatures, so that 'Violão', 'VIOLAO' and 'violao' are one word.

    >>> fold("Chœurs Flöte")
    'choeurs flote'
    """
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES))
    # only the marks of European letters go: those of kana tell GA from KA
    bare = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare)


@cache
def vocabulary() -> dict[str, Entry]:
    """The word table, by folded word without spaces."""
    source = resources.files("mixer.roles").joinpath("words.toml").read_text("utf-8")
    table: dict[str, Entry] = {}
    for block in tomllib.loads(source)["entry"]:
        strength: Strength = block.get("strength", "word")
        role = Role(block["role"]) if "role" in block else None
        confidence = float(block.get("confidence", _DEFAULT_CONFIDENCE[strength]))
        for word in block["words"]:
            parts = fold(word).split()
            breaks = frozenset(accumulate(len(part) for part in parts[:-1]))
            key = "".join(parts)
            table[key] = Entry(role, strength, confidence, block.get("note", ""), block.get("whole", False), breaks)
    return table


@cache
def _longest() -> int:
    return max(map(len, vocabulary()))


def _lookup(key: str) -> Entry | None:
    table = vocabulary()
    entry = table.get(key)
    if entry is None and len(key) > 2 and key.endswith("s"):
        entry = table.get(key[:-1])
    return entry


def _atoms(text: str) -> list[_Atom]:
    """Cut at separators, between letters and digits, between scripts, and where CamelCase or CAPSlower turn."""
    atoms: list[_Atom] = []
    end_before = 0
    for run in _RUN.finditer(text):
        start, end = run.span()
        if text[start] in "\u3005\u3006\u3007" or "\u3040" <= text[start] <= "\u9fff":
            cuts = list(range(start, end + 1))
        else:
            cuts = [start, *(m.start() + start for m in _CAMEL.finditer(run.group()) if m.start()), end]
        for left, right in pairwise(cuts):
            atoms.append(_Atom(fold(text[left:right]), left, right, left == start and start > end_before))
        end_before = end
    return atoms


def _longest_at(atoms: list[_Atom], first: int) -> tuple[Entry, int] | None:
    """The longest word that starts with this atom, and the index after its last one."""
    found: tuple[Entry, int] | None = None
    key = ""
    gaps: set[int] = set()
    for index in range(first, len(atoms)):
        if index > first and atoms[index].apart:
            gaps.add(len(key))
        key += atoms[index].key
        if len(key) > _longest() + 1:
            break
        entry = _lookup(key)
        if entry is not None and gaps <= entry.breaks:
            found = entry, index + 1
    return found


@cache
def _taken_apart(key: str) -> tuple[Entry, ...] | None:
    """A glued name ('snaretop') as the words that fill it entirely; None if they do not: 'custom' holds no tom."""
    if not key:
        return ()
    if len(key) > _GLUED_MAXIMUM:
        return None
    for length in range(len(key), 1, -1):
        head = key[:length]
        entry = _lookup(head) if length >= _GLUED_MINIMUM or head in _GLUED_SHORT else None
        if entry is not None:
            rest = _taken_apart(key[length:])
            if rest is not None:
                return entry, *rest
    return None


def find_words(text: str) -> list[Hit]:
    """Every word of the table in an NFKC text, the longest first from each place, without overlap.

    >>> [hit.entry.role.value for hit in find_words("Bass Drum 2") if hit.entry.role]
    ['kick']
    """
    hits: list[Hit] = []
    atoms = _atoms(text)
    index = 0
    while index < len(atoms):
        atom = atoms[index]
        match = _longest_at(atoms, index)
        if match is not None:
            entry, index = match
            hits.append(Hit(entry, atom.start, atoms[index - 1].end))
            continue
        index += 1
        hits += [Hit(entry, atom.start, atom.end) for entry in _taken_apart(atom.key) or ()]
    return [hit for hit in hits if hit.entry.strength != "filler"]
