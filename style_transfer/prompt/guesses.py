"""What an unknown word may mean, asked of the user.

The nearest phrase of the lexicon takes the word's place and the prompt is read once more, so that target, direction and
strength are what they would be for a word that is known. Nothing that comes of it acts before the user says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mixer.session import Session
from style_transfer.prompt.intent import Intent, Row, Status, Understanding
from style_transfer.prompt.rows import described
from style_transfer.prompt.semantic import INSTALL, Near, model_folder
from style_transfer.prompt.semantic import nearest as nearest_here
from style_transfer.prompt.understand import understand

MOST_WORDS = 4
"""Unknown words of a prompt that are looked up."""
ABSENT = "some words are not in the lexicon; proposals for them come with an extra"
SURE = 0.4
"""How sure a guess is; below `style_transfer.prompt.intent.ASK`, whatever the likeness."""


def guessed(understood: Understanding, session: Session) -> Understanding:
    """The same with questions about unknown words; where the extra is absent, with a line on how to get it.

    Raises:
        ModelError: the extra is installed and its files are broken.
    """
    if not any(row.unknown and _is_request(row) for row in understood.rows):
        return understood
    if model_folder() is None:
        return understood.model_copy(update={"notes": (*understood.notes, f"{ABSENT}: {INSTALL}")})
    return with_guesses(understood, session, nearest_here())


def with_guesses(
    understood: Understanding, session: Session, nearest: Callable[[str], Sequence[Near]]
) -> Understanding:
    """The same with a question for each unknown word that is like something in the lexicon.

    Args:
        nearest: what a word may mean: `style_transfer.prompt.semantic.Nearest`, which is read at the
            first unknown word.
    """
    left = MOST_WORDS
    rows = []
    for row in understood.rows:
        spans = row.unknown[:left] if _is_request(row) else ()
        left -= len(spans)
        for span in spans:
            row = _asked(row, span, understood.text, session, nearest)
        rows.append(row)
    return understood.model_copy(update={"rows": tuple(rows)})


def _is_request(row: Row) -> bool:
    """Whether it may ask for something; a clause of several words that nobody knows is about something else."""
    return row.status != "no_request" and (bool(row.intents) or len(row.unknown) == 1)


def _asked(
    row: Row, span: tuple[int, int], text: str, session: Session, nearest: Callable[[str], Sequence[Near]]
) -> Row:
    word = text[slice(*span)]
    readings = [reading for near in nearest(word.casefold()) if (reading := _reading(span, text, session, near))]
    if not readings:
        return row
    choices = ", ".join(f"“{phrase}” ({described(intent)})" for phrase, intent in readings)
    question = f"“{word}” is not in the lexicon: did you mean {choices}, or an opposite? Say it with such a word"
    sure = "; ".join(described(intent) for intent in row.intents if intent.acts)
    told = sure or (row.note if row.intents else "")
    first = readings[0][1].model_copy(update={"span": span, "confidence": SURE, "origin": "guess"})
    note = f"{told}; {question}" if told else question
    status: Status = "understood" if sure else "guessed"
    return row.model_copy(update={"status": status, "intents": (*row.intents, first), "note": note})


def _reading(span: tuple[int, int], text: str, session: Session, near: Near) -> tuple[str, Intent] | None:
    """The first phrase that is understood in the word's place, and what it would ask for there."""
    start, stop = span
    for phrase in near.phrases:
        for intent in understand(f"{text[:start]}{phrase}{text[stop:]}", session).intents:
            there = intent.span[0] < start + len(phrase) and intent.span[1] > start
            if there and intent.attribute == near.attribute and intent.sign:
                return phrase, intent
    return None
