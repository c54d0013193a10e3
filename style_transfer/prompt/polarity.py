"""Which way an attribute is asked to go: complaint or wish, more or less, not too much, not at all."""

from __future__ import annotations

from typing import NamedTuple

from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.clauses import Cell, Mention
from style_transfer.prompt.vocabulary import Sense

STRONG = 1.5
"""'very loud' in a statement is a complaint, 'a bit loud' as well, 'loud' alone is a question."""
_UNSURE = 0.4
_SENSED = frozenset({"presence", "glue", "punch", "level", "clarity", "forwardness", "energy", "air", "thump"})
"""Verbs of what a sound does by itself: 'it doesn't cut through' wishes that it did."""


class Sign(NamedTuple):
    """1 more, -1 less, 0 keep; None asks for nothing. ``sure`` multiplies the confidence."""

    value: int | None
    sure: float = 1.0


def sign_of(mention: Mention, cell: Cell, sense: Sense, *, guarded: bool) -> Sign:
    """The direction of one mention in its cell.

    Args:
        guarded: something else was asked of the same target just before, so that 'not harsh' sets a limit to it.
    """
    pole = sense.pole
    if cell.keep and not mention.direction and sense.form != "comp":
        return Sign(0)
    if mention.guard and (mention.direction or sense.form in ("comp", "verb")):
        return Sign(0)  # 'without making it louder'
    if mention.direction:
        return _directed(mention, cell, pole)
    if mention.enough:
        return Sign(pole) if mention.negated else Sign(None)
    if mention.too:
        if not mention.negated:
            return Sign(-pole)
        return Sign(0) if guarded else Sign(-pole, 0.8)
    if mention.negated:
        return _negated(mention, cell, sense)
    if sense.form == "comp":
        return Sign(pole)
    if cell.praise and not cell.want and not sense.bad:
        return Sign(None)
    if sense.bad:
        return Sign(-pole)
    return _plain(mention, cell, sense)


def _directed(mention: Mention, cell: Cell, pole: int) -> Sign:
    if not mention.negated:
        return Sign(pole * mention.direction)
    if mention.enough and mention.direction > 0:
        return Sign(pole)
    statement_of_need = mention.direction > 0 and cell.targets and cell.target_first
    return Sign(-pole, 0.8) if statement_of_need else Sign(0)


def _negated(mention: Mention, cell: Cell, sense: Sense) -> Sign:
    pole = sense.pole
    if mention.compared:
        return Sign(-pole)
    if sense.form == "comp":
        return Sign(-pole) if cell.than else Sign(0)
    if sense.form == "noun":
        attribute = attributes()[sense.name]
        removable = attribute.removable or attribute.aspect in ("colour", "mood", "beyond")
        return Sign(-pole) if sense.bad or removable else Sign(pole)
    if sense.form == "verb":
        if sense.bad:
            return Sign(-pole)
        return Sign(pole) if sense.name in _SENSED and (cell.targets or cell.state or cell.pronoun) else Sign(0)
    if cell.state and not cell.want and not sense.bad:
        return Sign(pole)
    if sense.bad and cell.state and not cell.want:
        return Sign(None)  # 'it isn't harsh' asks for nothing
    return Sign(0)


def _plain(mention: Mention, cell: Cell, sense: Sense) -> Sign:
    """A word that neither complains nor compares: a wish, unless it only states how things are."""
    if sense.form in ("verb", "noun") or cell.want or not cell.state:
        return Sign(sense.pole)
    if mention.amount is not None and (mention.amount >= STRONG or sense.name == "level"):
        return Sign(-sense.pole, 0.8)
    return Sign(-sense.pole, _UNSURE)
