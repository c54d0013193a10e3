"""Words for sound that only say of what something is said: 'the high end is brittle' wishes for no high end."""

from __future__ import annotations

from dataclasses import replace

from style_transfer.prompt.clauses import Mention
from style_transfer.prompt.vocabulary import Sense

_BANDS = frozenset({"highs", "highmids", "mids", "lowmids", "lows", "sub"})
_ROOMS = frozenset({"reverb", "hall", "room", "delay"})
_SOFTENING = frozenset({("mute", 1), ("eq", -1), ("softness", 1), ("harshness", -1), ("ring", -1)})
"""Verbs that take something back: with a noun they are about that."""


def without_subjects(mentions: list[Mention]) -> list[Mention]:
    """What only says of what something is said: 'the high end is brittle', 'a shorter reverb', 'soften the attack'."""
    nouns = [m for m in mentions if m.form == "noun" and not m.direction and m.sense is not None]
    described = [m for m in mentions if m.form in ("adj", "comp", "excess") and m.sense is not None]
    gone: list[Mention] = []
    for noun in nouns:
        for mention in described:
            if _name(noun) in _BANDS | _ROOMS and _name(mention) == "level":
                mention.sense = _level_of(noun, mention)
                gone.append(noun)
            elif _name(noun) in {*_BANDS, _name(mention)} or (_name(noun) in _ROOMS and _name(mention) == "decay"):
                gone.append(noun)
        softened = [m for m in mentions if m.form == "verb" and (_name(m), _pole(m)) in _SOFTENING]
        if softened and _name(noun) != _name(softened[0]):
            noun.direction = -1
            noun.negated |= _name(softened[0]) == "mute"  # 'turn off the reverb' is no reverb at all
            noun.direction = 0 if noun.negated else noun.direction
            gone.extend(softened)
    return [mention for mention in mentions if not any(mention is each for each in gone)]


def _level_of(noun: Mention, level: Mention) -> Sense:
    """'the reverb is too loud' is about the reverb."""
    assert noun.sense is not None
    assert level.sense is not None
    return replace(noun.sense, pole=level.sense.pole, form=level.sense.form, bad=level.sense.bad)


def _name(mention: Mention) -> str:
    return mention.sense.name if mention.sense is not None else ""


def _pole(mention: Mention) -> int:
    return mention.sense.pole if mention.sense is not None else 0
