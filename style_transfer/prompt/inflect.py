"""The forms of words, made by rule from the one that the tables list."""

from __future__ import annotations

_VOWELS = frozenset("aeiou")
_IRREGULAR = {
    "dry": ["drier", "dryer", "driest"],
    "far": ["farther", "further"],
    "back": ["further back", "farther back"],
    "forward": ["further forward"],
    "quiet": ["quieter", "quietest"],
    "hot": ["hotter", "hottest"],
    "up front": ["further up front"],
}


def comparatives(word: str, code: str) -> list[str]:
    """Comparative and superlative forms of an adjective; none where the language has a word for "more" instead.

    >>> comparatives("muddy", "en")
    ['muddier', 'muddiest']
    >>> comparatives("big", "en")
    ['bigger', 'biggest']
    """
    if code == "en":
        return _english_comparatives(word)
    if code == "de" and " " not in word:
        stem = word + ("e" if word.endswith(("d", "t")) else "")
        stem = word[:-2] + "l" if word.endswith("el") else stem
        base = word + "er" if not word.endswith("e") else word + "r"
        return [base, base + "e", base + "en", base + "es", base + "er", stem + "ste", stem + "sten"]
    return []


def _english_comparatives(word: str) -> list[str]:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if " " in word or len(word) > 9 or word.endswith(("ed", "ing", "ive", "ent", "ful", "ous")):
        return []
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return [word[:-1] + "ier", word[:-1] + "iest"]
    if word.endswith("ey"):
        return [word[:-2] + "ier", word + "er"]
    if word.endswith("e"):
        return [word + "r", word + "st"]
    if _doubles(word):
        return [word + word[-1] + "er", word + word[-1] + "est"]
    return [word + "er", word + "est"]


def agreements(word: str, code: str) -> list[str]:
    """Forms of the same adjective for gender, number and case.

    >>> agreements("cálido", "es")
    ['cálida', 'cálidos', 'cálidas']
    """
    if " " in word:
        return []
    if code in ("es", "pt"):
        if word.endswith("o"):
            return [word[:-1] + "a", word + "s", word[:-1] + "as"]
        if word.endswith(("e", "a", "é")):
            return [word + "s"]
        if code == "pt" and word.endswith("l"):
            return [word[:-1] + "is"]
        return [word + "es", word + "a", word + "as"]
    if code == "fr":
        return [word + "s"] if word.endswith("e") else [word + "e", word + "s", word + "es"]
    if code == "de":
        base = word[:-1] if word.endswith("e") else word
        return [base + end for end in ("e", "er", "en", "es", "em")]
    return []


def plurals(word: str, code: str) -> list[str]:
    """Forms of a noun; English only, other tables list what they need."""
    return [word + "s"] if code == "en" and " " not in word and not word.endswith("s") and len(word) > 2 else []


def conjugations(phrase: str, code: str) -> list[str]:
    """Forms of an English verb, of its first word if it is a phrase.

    >>> conjugations("tuck in", "en")
    ['tucks in', 'tucking in', 'tucked in']
    """
    if code != "en":
        return []
    verb, _, rest = phrase.partition(" ")
    if len(verb) < 3 or verb in ("in", "on", "all", "hear", "can", "cant", "can't"):
        return []
    tail = f" {rest}" if rest else ""
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s")
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        third = verb[:-1] + "ies"
    stem = verb[:-1] if verb.endswith("e") else verb
    stem = verb + verb[-1] if _doubles(verb) else stem
    past = verb[:-1] + "ied" if third.endswith("ies") else stem + "ed"
    return [third + tail, stem + "ing" + tail, past + tail]


def _doubles(word: str) -> bool:
    """Whether a short word ends in one vowel and one consonant, as 'big' and 'cut' do."""
    if len(word) > 4 or len(word) < 3 or word[-1] in "wxyaeiou":
        return False
    return word[-2] in _VOWELS and word[-3] not in _VOWELS
