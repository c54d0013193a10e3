"""Text into tokens that remember where they stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mixer.roles.words import fold

_EAST_ASIAN = "\u3005-\u3007\u3041-\u3096\u30a1-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    rf"""(?P<enumeration>(?<!\S)\d\)(?=\s))
    |(?P<decade>(?:19|20)?\d0[sS]\b)
    |(?P<ratio>\d+(?:[.,]\d+)?\s?:\s?1\b)
    |(?P<dimension>[23][dD]\b)
    |(?P<number>(?:(?<![\w)])[+\-−–]\s?)?(?:\d+(?:[.,]\d+)?|[.,]\d+))
    |(?P<cjk>[{_EAST_ASIAN}])
    |(?P<word>[^\W\d_{_EAST_ASIAN}]+(?:'[^\W\d_{_EAST_ASIAN}]+)*)
    |(?P<dash>(?<=\s)[-–—](?=\s)|[–—])
    |(?P<mark>[.,;:!?\n/&+>%()、。，．！？；：・/"“”«»|…])""",
    re.VERBOSE,
)
_APOSTROPHES = re.compile("[\u2019\u02bc\u00b4`]")
_ELIDED = re.compile(r"\b([ldjnsmtc]|qu)'(?=[^\W\d_])", re.IGNORECASE)
_VERBLIKE = re.compile(r"\b(?!(?:it|that|let|he|she|what|there|here|who|how)')([^\W\d_]{3,})'s\b", re.IGNORECASE)
_STOPS = frozenset(".;!?\n。！？；…()|")
_PARTICLES = frozenset({"up", "down", "out", "back", "forward", "in", "off", "away", "together", "apart"})
_COMPARING = frozenset({"further", "farther", "more", "less", "even"})
_OPENING = frozenset(
    {"the", "my", "our", "his", "her", "it", "them", "that", "this", "those", "these", "everything", "all"}
)
_WIDEST_GAP = 4
_COMMAS = frozenset(',:、，：/“”"«»・')


class Token(NamedTuple):
    """A piece of a text: folded, with its place in the original, ``text[start:end]``."""

    text: str
    start: int
    end: int
    kind: str
    """word, number, ratio, stop, comma or mark."""
    raw: str


def tokens(text: str) -> list[Token]:
    """Cut a text: words, numbers with their sign, ratios, marks; East Asian text character by character.

    >>> [token.text for token in tokens("LdVox: don't cut 2.5dB, lo-fi")]
    ['ldvox', ':', 'dont', 'cut', '2.5', 'db', ',', 'lo', 'fi']
    """
    ready = _APOSTROPHES.sub("'", text)
    found: list[Token] = []
    for match in _TOKEN.finditer(_spaced(ready)):
        kind, raw, start, end = match.lastgroup or "mark", match.group(), *match.span()
        if kind == "enumeration":
            found.append(Token(";", start, end, "stop", raw))
        elif kind in ("mark", "dash"):
            mark = unicodedata.normalize("NFKC", raw) if raw not in _STOPS | _COMMAS else raw
            sort = "stop" if raw in _STOPS else "comma" if raw in _COMMAS or kind == "dash" else "mark"
            found.append(Token(mark, start, end, sort, raw))
        elif kind in ("number", "ratio"):
            clean = re.sub(r"\s", "", raw).replace(",", ".").replace("−", "-").replace("–", "-")
            found.append(Token(clean, start, end, kind, raw))
        else:
            found.append(Token(fold(raw.replace("'", "")), start, end, "word", raw))
    return found


def _spaced(text: str) -> str:
    """The same with "l'ensemble" and "the vocal's too loud" cut at the apostrophe, its length unchanged."""
    text = _ELIDED.sub(lambda match: f"{match[1]} ", text)
    return _VERBLIKE.sub(lambda match: f"{match[1]} s", text)


def words(phrase: str) -> tuple[str, ...]:
    """A phrase of the tables as a key: the texts of its tokens."""
    return tuple(token.text for token in tokens(phrase))


def regrouped(found: Sequence[Token], belongs: Callable[[str, str, bool], bool]) -> list[Token]:
    """The tokens with verbs and their particles together: 'thin it out' as 'thin out it', 'push the pad back' likewise.

    Args:
        belongs: whether two words are one verb; told whether a pronoun or an article follows the first.
    """
    out = list(found)
    for index in range(len(out)):
        for ahead in range(index + 2, min(index + 2 + _WIDEST_GAP, len(out))):
            between = out[index + 1 : ahead]
            if any(token.kind != "word" or token.text in _PARTICLES | _COMPARING for token in between):
                break
            held = between[0].text in _OPENING
            if out[ahead].text in _PARTICLES and belongs(out[index].text, out[ahead].text, held):
                out[index + 1 : ahead + 1] = [out[ahead], *between]
                break
    return out
