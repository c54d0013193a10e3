"""Tokens into items: the longest phrases that the tables and the session's names know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from style_transfer.prompt.intent import Number, Target
from style_transfer.prompt.names import CONTAINED, MIX, Names
from style_transfer.prompt.spelling import Speller
from style_transfer.prompt.text import Token, regrouped
from style_transfer.prompt.vocabulary import LANGUAGES, Language, Phrase, Sense, language, ordinary

_FIRST = (
    "drop", "keep", "except", "rest", "more", "less", "want", "too", "not", "and", "but", "amount", "attr", "role",
    "whole", "instruments", "enough", "out", "than", "as", "under", "over", "up", "down", "number", "sub", "it", "on",
    "state", "praise", "filler", "ignore",
)  # fmt: skip
_FOREIGN_KINDS = frozenset({"attr", "role", "up", "down"})
_VERBAL = frozenset({"more", "less", "up", "down"})
_MOST_CORRECTIONS = 60
_UNITS: dict[str, tuple[Literal["dB", "LUFS", "Hz", "%", "ms", "s"], float]] = {
    "db": ("dB", 1.0), "dbs": ("dB", 1.0), "decibel": ("dB", 1.0), "decibels": ("dB", 1.0), "lu": ("dB", 1.0),
    "lufs": ("LUFS", 1.0),
    "dezibel": ("dB", 1.0), "decibelios": ("dB", 1.0), "デシベル": ("dB", 1.0),
    "hz": ("Hz", 1.0), "hertz": ("Hz", 1.0), "khz": ("Hz", 1000.0), "k": ("Hz", 1000.0), "kilohertz": ("Hz", 1000.0),
    "%": ("%", 1.0), "percent": ("%", 1.0), "prozent": ("%", 1.0), "por": ("%", 1.0), "pct": ("%", 1.0),
    "ms": ("ms", 1.0), "sec": ("s", 1.0), "seconds": ("s", 1.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One phrase of the prompt: what kind it is, and where it stands.

    ``kind`` is a sense's kind (``attr``, ``more``, ...), ``target``, ``number``, ``stop``, ``comma`` or ``unknown``.
    """

    kind: str
    text: str
    start: int
    end: int
    sense: Sense | None = None
    target: Target | None = None
    number: Number | None = None
    others: tuple[Sense, ...] = ()
    repaired: bool = False
    confidence: float = 1.0
    signed: bool = False

    def also(self, kind: str) -> Sense | None:
        """Another sense of the same phrase."""
        return next((sense for sense in self.others if sense.kind == kind), None)

    def attribute(self) -> Sense:
        """The sense as an attribute."""
        assert self.sense is not None  # only asked of items of kind attr
        return self.sense


def detect(found: Sequence[Token]) -> Language:
    """The language whose tables know most of the words; English where two know as many."""
    texts = [token.text for token in found if token.kind == "word"]
    best, most = language("en"), 0.0
    for code in LANGUAGES:
        table = language(code)
        known = 0.0
        index = 0
        while index < len(texts):
            length = _longest(table.phrases, texts, index, table.longest)
            everyday = code == "en" and not length and texts[index] in ordinary()
            known += length + (0.7 if everyday else 0.0)
            index += length or 1
        if known > most + 0.25:
            best, most = table, known
    return best


def _longest(phrases: dict[Phrase, tuple[Sense, ...]], texts: Sequence[str], start: int, longest: int) -> int:
    for length in range(min(longest, len(texts) - start), 0, -1):
        if tuple(texts[start : start + length]) in phrases:
            return length
    return 0


def _is_verb(verb: str, particle: str, held: bool) -> bool:
    """Whether a verb and a particle belong together: 'warm the bass up', but not 'a warm bass right up the middle'."""
    phrases = language("en").phrases
    adjective = any(sense.form == "adj" for sense in phrases.get((verb,), ()))
    senses = phrases.get((verb, particle), ())
    return (held or not adjective) and any(sense.form == "verb" or sense.kind in _VERBAL for sense in senses)


@cache
def _speller(code: str) -> Speller:
    words = {word for phrase in language(code).phrases for word in phrase}
    return Speller(words - ordinary() | _role_words(code))


def _role_words(code: str) -> set[str]:
    return {phrase[0] for phrase, senses in language(code).phrases.items() if len(phrase) == 1 and _is_role(senses)}


def _is_role(senses: Sequence[Sense]) -> bool:
    return any(sense.kind == "role" for sense in senses)


class Tagger:
    """Tags the tokens of prompts about one session."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._own = Speller(word for phrase in names.phrases for word in phrase)

    def tag(self, found: Sequence[Token], table: Language) -> list[Item]:
        """The items of a text, in order; what nothing knows is ``unknown``."""
        if table.code == "en":
            found = regrouped(found, _is_verb)
        texts, repaired = self._spelled(found, table)
        items: list[Item] = []
        index = 0
        while index < len(found):
            item, used = self._at(found, texts, index, table)
            items.append(replace(item, repaired=True) if any(repaired[index : index + used]) else item)
            index += used
        return _narrowed(items, self._names)

    def _spelled(self, found: Sequence[Token], table: Language) -> tuple[list[str], list[bool]]:
        """The tokens' texts with misspelt words mended."""
        texts, repaired, corrections = [], [], 0
        for token in found:
            mended = None
            if token.kind == "word" and corrections < _MOST_CORRECTIONS and not self._known(token.text, table):
                corrections += 1
                mended = self._own.nearest(token.text) or _speller(table.code).nearest(token.text)
            texts.append(mended or token.text)
            repaired.append(mended is not None)
        return texts, repaired

    def _known(self, text: str, table: Language) -> bool:
        if text in ordinary() or text in _UNITS or self._names.instrument(text) is not None:
            return True
        tables = (table, language("en"))
        return any(text in _all_words(each.code) for each in tables) or (text,) in self._names.phrases

    def _at(self, found: Sequence[Token], texts: Sequence[str], index: int, table: Language) -> tuple[Item, int]:
        token = found[index]
        if token.kind in ("stop", "comma"):
            return Item(token.kind, token.text, token.start, token.end), 1
        if named := self._name(found, texts, index):
            length = _longest(table.phrases, texts, index, table.longest)
            if named[1] > length or (named[1] == length and not self._says_sound(table, texts, index, length)):
                return replace(named[0], others=self._sounds(table, texts, index, named[1])), named[1]
        if token.kind in ("number", "ratio"):
            return _number(found, texts, index, float(token.text.split(":")[0]))
        for each in (table, *([language("en")] if table.code != "en" else [])):
            length = _longest(each.phrases, texts, index, each.longest)
            senses = each.phrases.get(tuple(texts[index : index + length]), ()) if length else ()
            if each is not table:
                senses = tuple(sense for sense in senses if sense.kind in _FOREIGN_KINDS)
                senses = senses if length > 1 or len(texts[index]) > 2 else ()
            if senses:
                return self._item(found, texts, index, length, senses)
        instrument = self._names.instrument(texts[index])
        if instrument is not None and token.text not in ordinary():
            return Item("target", texts[index], token.start, token.end, target=instrument, confidence=CONTAINED), 1
        return Item("unknown", texts[index], token.start, token.end), 1

    def _says_sound(self, table: Language, texts: Sequence[str], index: int, length: int) -> bool:
        """Whether a phrase is a word for sound, and not also for an instrument as 'bass' is."""
        senses = table.phrases.get(tuple(texts[index : index + length]), ()) if length else ()
        return any(sense.kind == "attr" for sense in senses) and not _is_role(senses)

    def _sounds(self, table: Language, texts: Sequence[str], index: int, length: int) -> tuple[Sense, ...]:
        senses = table.phrases.get(tuple(texts[index : index + length]), ())
        return tuple(sense for sense in senses if sense.kind == "attr")

    def _name(self, found: Sequence[Token], texts: Sequence[str], index: int) -> tuple[Item, int] | None:
        for length in range(min(self._names.longest, len(texts) - index), 0, -1):
            target = self._names.phrases.get(tuple(texts[index : index + length]))
            if target is not None and found[index].kind in ("word", "number"):
                text = " ".join(texts[index : index + length])
                return Item("target", text, found[index].start, found[index + length - 1].end, target=target), length
        return None

    def _item(
        self, found: Sequence[Token], texts: Sequence[str], index: int, length: int, senses: tuple[Sense, ...]
    ) -> tuple[Item, int]:
        ranked = _FIRST if not _is_role(senses) else ("role", *_FIRST)
        sense = min(senses, key=lambda each: ranked.index(each.kind))
        if sense.kind == "attr":
            sense = senses[0] if senses[0].kind == "attr" else sense
        text = " ".join(texts[index : index + length])
        start, end = found[index].start, found[index + length - 1].end
        item = Item(sense.kind, text, start, end, sense, others=tuple(each for each in senses if each is not sense))
        if sense.kind == "number":
            counted, used = _number(found, texts, index + length - 1, sense.value)
            return replace(counted, start=start), length + used - 1
        if sense.kind == "role":
            target, confidence = self._names.role(sense.name, text)
            return replace(item, kind="target", target=target, confidence=confidence), length
        if sense.kind == "whole":
            return replace(item, kind="target", target=MIX), length
        if sense.kind == "instruments":
            return replace(item, kind="target", target=self._names.instruments()), length
        return item, length


@cache
def _all_words(code: str) -> frozenset[str]:
    return frozenset(word for phrase in language(code).phrases for word in phrase)


def _number(found: Sequence[Token], texts: Sequence[str], index: int, value: float) -> tuple[Item, int]:
    """A number with the unit that follows it."""
    token, used = found[index], 1
    number = Number(value=value)
    if token.kind == "ratio":
        number = Number(value=value, unit=":1")
    elif index + 1 < len(texts) and texts[index + 1] in ("a", "one") and texts[index + 2 : index + 3] == ["db"]:
        number, used = Number(value=value, unit="dB"), 3
    elif index + 1 < len(texts) and texts[index + 1] in _UNITS:
        unit, factor = _UNITS[texts[index + 1]]
        number, used = Number(value=value * factor, unit=unit), 2
    elif texts[index + 1 : index + 3] == ["to", "1"]:
        number, used = Number(value=value, unit=":1"), 3
    signed = token.text[:1] in "+-"
    return Item("number", token.text, token.start, found[index + used - 1].end, number=number, signed=signed), used


def _narrowed(items: Sequence[Item], names: Names) -> list[Item]:
    """'guitar 2' and 'acoustic guitar' as one target each."""
    out: list[Item] = []
    for item in items:
        last = out[-1] if out else None
        if last is not None and last.target is not None and last.kind == "target":
            if item.number is not None and item.number.unit == "" and not item.signed:
                target = names.numbered(last.target, item.number.value)
                if target is not None:
                    out[-1] = replace(last, target=target, end=item.end)
                    continue
            if item.target is not None and item.kind == "target" and not item.target.whole:
                a, b = set(last.target.tracks), set(item.target.tracks)
                if a and b and (a <= b or b <= a):
                    narrower = last.target if a <= b else item.target
                    out[-1] = replace(last, target=narrower, end=item.end)
                    continue
        out.append(item)
    return out
