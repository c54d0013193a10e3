"""The role that a track's name speaks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from mixer.roles.role import Group, Role, RoleGuess
from mixer.roles.words import Hit, find_words

_ALSO = re.compile(r"[&+]|(?:^|[\s_])(?:and|n|y|und|et|con|mit|avec|com|with)(?:[\s_]|$)", re.IGNORECASE)
_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LONGEST_NAME = 512  # no file system lets a name be longer

_SURE = 0.95
_LIKELY = 0.75
_CONTESTED = 0.6
_SEVERAL = 0.3


def role_from_name(name: str) -> RoleGuess | None:
    """Read the role off a track's or file's name, as a producer would, in six languages and their abbreviations.

    Whole words count, never parts of words: 'custom' holds no tom. The longest phrase wins ('bass drum' is a kick),
    a word in brackets counts only where none stands outside, and a word such as 'room' only where no other names
    an instrument.

    Returns:
        The guess, with origin "name", or None where the name says nothing.

    >>> role_from_name("EGtr1L").role.value
    'guitar'
    >>> role_from_name("Audio 1_03") is None
    True
    """
    text = unicodedata.normalize("NFKC", name[:_LONGEST_NAME])
    hits = find_words(text)
    brackets = [match.span() for match in _PARENTHESES.finditer(text)]
    outside = [hit for hit in hits if not any(start <= hit.start < end for start, end in brackets)]
    hits = outside or hits
    words = [hit for hit in hits if hit.entry.strength == "word"]
    if words:
        return _by_words(text, words, hits)
    if hits:
        best = max(hits, key=lambda hit: hit.entry.confidence)
        return _guess(text, best, best.entry.confidence, "hints at it with")
    return None


def _by_words(text: str, words: Sequence[Hit], hits: Sequence[Hit]) -> RoleGuess:
    roles = {_role(hit) for hit in words}
    if len(roles) == 1:
        return _one_role(text, words, hits)
    groups = {role.group for role in roles}
    if len(groups) == 1 and groups <= {Group.VOCALS, Group.DRUMS}:
        return _one_family(text, words)
    if any(_ALSO.search(text[a.end : b.start]) for a, b in pairwise(words) if _role(a) != _role(b)):
        said = " and ".join(f"'{text[hit.start : hit.end]}'" for hit in words)
        return RoleGuess(Role.OTHER, _SEVERAL, "name", f"the name says {said}: more than one instrument")
    return _contest(text, words)


def _one_role(text: str, words: Sequence[Hit], hits: Sequence[Hit]) -> RoleGuess:
    """Every word agrees; a lead voice may still be its double, its harmony or its printed effect."""
    best = max(words, key=lambda hit: hit.entry.confidence)
    if _role(best) is Role.LEAD_VOCAL:
        for hit in hits:
            if hit.entry.strength == "shade" or _role(hit) is Role.FX:
                said = text[hit.start : hit.end]
                reason = f"the name says '{text[best.start : best.end]}', and '{said}': not the lead line itself"
                return RoleGuess(Role.BACKING_VOCAL, _LIKELY, "name", reason)
    return _guess(text, best, best.entry.confidence, "says")


def _one_family(text: str, words: Sequence[Hit]) -> RoleGuess:
    """Within the voices or the drums the narrower word wins; several pieces of a kit together are drums."""
    if _role(words[0]).group is Group.VOCALS:
        backing = next(hit for hit in words if _role(hit) is Role.BACKING_VOCAL)
        return _guess(text, backing, _LIKELY, "says")
    for hit in words:
        if hit.entry.whole:
            return _guess(text, hit, _LIKELY, "says")
    pieces = [hit for hit in words if _role(hit) not in (Role.DRUMS, Role.PERCUSSION)]
    pieces = pieces or [hit for hit in words if _role(hit) is Role.PERCUSSION]
    if len({_role(hit) for hit in pieces}) == 1:
        return _guess(text, pieces[0], _SURE, "says")
    said = " and ".join(f"'{text[hit.start : hit.end]}'" for hit in pieces)
    return RoleGuess(Role.DRUMS, _LIKELY, "name", f"the name says {said}: several pieces of a kit")


def _contest(text: str, words: Sequence[Hit]) -> RoleGuess:
    """Two instruments in one name: what it is made with gives way to what it plays; else the last word is the noun."""
    roles = {_role(hit) for hit in words}
    groups = {role.group for role in roles}
    if Role.FX in roles and len(roles) == 2:
        noun = next(hit for hit in words if _role(hit) is not Role.FX)
        if _role(noun) is Role.LEAD_VOCAL:
            reason = f"the name says '{text[noun.start : noun.end]}' with an effect: not the lead line itself"
            return RoleGuess(Role.BACKING_VOCAL, _CONTESTED, "name", reason)
        return _guess(text, noun, _LIKELY, "says")
    if Role.SYNTH in roles:
        played = [hit for hit in words if _role(hit).group in (Group.BASS, Group.DRUMS)]
        if Group.VOCALS in groups or not played:
            played = [hit for hit in words if _role(hit) is Role.SYNTH]
        return _guess(text, played[-1], _LIKELY, "says")
    return _guess(text, words[-1], _CONTESTED, "says, among other things,")


def _guess(text: str, hit: Hit, confidence: float, verb: str) -> RoleGuess:
    note = f" ({hit.entry.note})" if hit.entry.note else ""
    reason = f"the name {verb} '{text[hit.start : hit.end]}'{note}"
    return RoleGuess(_role(hit), min(confidence, hit.entry.confidence), "name", reason)


def _role(hit: Hit) -> Role:
    assert hit.entry.role is not None  # only fillers have none, and find_words drops them
    return hit.entry.role
