"""Misspelt words: the nearest word of the tables, if there is one near enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

_SHORTEST = 4
_TWO_ERRORS = 7


def edits_apart(a: str, b: str, most: int) -> int:
    """Insertions, deletions, changes and swaps of neighbours from one word to the other; ``most + 1`` if more.

    The optimal string alignment distance (R. A. Wagner, R. Lowrance, JACM 22, 1975, restricted to one pass).

    >>> edits_apart("brigther", "brighter", 2)
    1
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        earlier, before, row = before, row, [i, *[0] * len(b)]
        for j, other in enumerate(b, 1):
            cost = 0 if letter == other else 1
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + cost)
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                row[j] = min(row[j], earlier[j - 2] + 1)
        if min(row) > most:
            return most + 1
    return row[-1]


class Speller:
    """Finds the one word of a table that a misspelt one is nearest to."""

    def __init__(self, known: Iterable[str]) -> None:
        self._by_start: dict[str, set[str]] = defaultdict(set)
        for word in known:
            if len(word) >= _SHORTEST and word.isalpha():
                for letter in set(word[:2]):
                    self._by_start[letter].add(word)
        self.nearest = lru_cache(maxsize=4096)(self._nearest)

    def _nearest(self, word: str) -> str | None:
        """The word meant, or None: short words may have one error, longer ones two; the first letters must be there."""
        if len(word) < _SHORTEST or len(word) > 20 or not word.isalpha():
            return None
        most = 2 if len(word) >= _TWO_ERRORS - 2 else 1
        found: list[tuple[int, bool, str]] = []
        for known in self._by_start.get(word[0], ()):
            distance = edits_apart(word, known, most)
            near = distance <= (2 if len(word) >= _TWO_ERRORS else 1) and not _another_word(word, known)
            if near or (distance <= most and _consonants(word) == _consonants(known)):
                found.append((distance, known[0] != word[0], known))
        if not found:
            return None
        found.sort()
        best = [known for distance, other, known in found if (distance, other) == found[0][:2]]
        return min(best, key=lambda known: (abs(len(known) - len(word)), known))


def _another_word(word: str, known: str) -> bool:
    """Whether only letters are exchanged, and too many of them for a slip: 'wasp' is not 'wash'."""
    if len(word) != len(known):
        return False
    places = [index for index, (a, b) in enumerate(zip(word, known, strict=True)) if a != b]
    swapped = len(places) == 2 and places[1] == places[0] + 1 and sorted(word) == sorted(known)
    return not swapped and len(places) > (0 if len(word) <= _SHORTEST else 1)


def _consonants(word: str) -> str:
    """What is left of a word that is spelt by ear: 'snair' and 'snare' are both snr."""
    return "".join(letter for letter in word if letter not in "aeiouyh")
