"""The tables of words, one per language, as one look-up from phrases to what they can mean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from style_transfer.prompt.inflect import agreements, comparatives, conjugations, plurals
from style_transfer.prompt.text import words

LANGUAGES = ("en", "es", "de", "fr", "pt", "ja")
_FIRST = ("comp", "excess")
FULL = 100.0
"""The value of a sense that means all the way, in per cent."""
_FORMS = {
    "adj": ("adj", 1),
    "noun": ("noun", 1),
    "verb": ("verb", 1),
    "comparative": ("comp", 1),
    "excess": ("excess", 1),
    "full": ("adj", 1),
    "full_less": ("adj", -1),
    "adj_less": ("adj", -1),
    "noun_less": ("noun", -1),
    "verb_less": ("verb", -1),
    "comparative_less": ("comp", -1),
    "excess_less": ("excess", -1),
}


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that a phrase can mean.

    ``kind`` is ``attr``, ``role``, ``amount``, ``number`` or a class of little words (``more``, ``not``, ...).
    For an attribute: its name, the pole (1 or -1), the form (adj, comp, noun, verb, excess) and whether it complains.
    """

    kind: str
    name: str = ""
    pole: int = 0
    form: str = ""
    bad: bool = False
    value: float = 1.0


Phrase = tuple[str, ...]
Phrases = dict[Phrase, tuple[Sense, ...]]


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its name, its phrases by their tokens, and the length of the longest."""

    code: str
    name: str
    phrases: Phrases
    longest: int


@cache
def language(code: str) -> Language:
    """The table of one language.

    >>> [sense.name for sense in language("en").phrases[("drier",)]]
    ['reverb']
    """
    grammar = _read(f"{code}_grammar") if code == "en" else _read(code)
    table: dict[Phrase, dict[Sense, None]] = {}
    for phrase, sense in _senses(code, grammar):
        if key := words(phrase):
            table.setdefault(key, {})[sense] = None
    phrases = {key: _sorted(senses) for key, senses in table.items()}
    return Language(code, grammar["name"], phrases, max(map(len, phrases)))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("style_transfer.prompt").joinpath(f"data/{name}.toml").read_text("utf-8"))


def _sorted(senses: Iterable[Sense]) -> tuple[Sense, ...]:
    """Comparatives before the rest: 'dryer' is one, whatever else it is; then what is too much: 'squashed'."""
    return tuple(sorted(senses, key=lambda sense: _FIRST.index(sense.form) if sense.form in _FIRST else 2))


def _senses(code: str, grammar: dict[str, Any]) -> Iterator[tuple[str, Sense]]:
    for kind, phrases in grammar["words"].items():
        yield from ((phrase, Sense(kind)) for phrase in phrases)
    for factor, phrases in grammar["amount"].items():
        yield from ((phrase, Sense("amount", value=float(factor))) for phrase in phrases)
    for phrase, number in grammar.get("numbers", {}).items():
        yield phrase, Sense("number", value=float(number))
    for role, phrases in grammar["targets"].items():
        yield from ((phrase, Sense("role", name=role)) for phrase in phrases)
    entries = _read("en") if code == "en" else grammar["attributes"]
    for attribute, listed in entries.items():
        for key, phrases in listed.items():
            form, pole = _FORMS[key]
            for phrase in phrases:
                share = FULL if key.startswith("full") else 1.0
                yield from _forms(phrase, Sense("attr", attribute, pole, form, value=share), code)


def _forms(listed: str, sense: Sense, code: str) -> Iterator[tuple[str, Sense]]:
    """A listed phrase and all its forms; ``!`` in front marks a complaint."""
    phrase = listed.lstrip("!")
    sense = replace(sense, bad=listed.startswith("!") or sense.form == "excess")
    yield phrase, sense
    if sense.form == "adj":
        yield from ((form, sense) for form in agreements(phrase, code))
        compared = replace(sense, form="comp")
        yield from ((form, compared) for form in comparatives(phrase, code))
    elif sense.form == "noun":
        yield from ((form, sense) for form in plurals(phrase, code))
    elif sense.form in ("verb", "excess"):
        yield from ((form, sense) for form in conjugations(phrase, code))


@cache
def ordinary() -> frozenset[str]:
    """Everyday words, which are never taken for misspelt words of mixing."""
    listed = files("style_transfer.prompt").joinpath("data/ordinary.txt").read_text("utf-8")
    known = set(listed.split())
    return frozenset(known | {word + end for word in known for end in ("s", "ed", "ing", "ly", "d")})


@cache
def same_instrument() -> dict[str, str]:
    """What an instrument is called in several languages -> one name for it; folded, without spaces."""
    return {"".join(words(word)): name for name, listed in _read("names").items() for word in listed}
