"""What was understood, clause by clause, for people: shown before anything runs."""

from __future__ import annotations

from collections.abc import Sequence

from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.clauses import Cell
from style_transfer.prompt.intent import Intent, Number, Row, Status, Understanding
from style_transfer.prompt.tags import Item
from style_transfer.prompt.vocabulary import ordinary

_HOW = {0.3: "a hair", 0.5: "a bit", 1.5: "much", 2.0: "very much"}


def rows(text: str, said: Sequence[tuple[Cell, list[Intent]]], items: Sequence[Item]) -> tuple[Row, ...]:
    """One row a clause, in the order of the text."""
    out = []
    for cell, intents in said:
        clause = text[cell.start : cell.end].strip()
        if clause:
            strange = [item for item in items if item.kind == "unknown" and cell.start <= item.start < cell.end]
            status, note = _judged(cell, intents, [item.text for item in strange])
            spans = tuple((item.start, item.end) for item in strange if item.text not in ordinary())
            span = (cell.start, cell.end)
            out.append(Row(text=clause, span=span, status=status, intents=tuple(intents), note=note, unknown=spans))
    return tuple(out)


def _judged(cell: Cell, intents: Sequence[Intent], unknown: Sequence[str]) -> tuple[Status, str]:
    if cell.repeats:
        return "understood", "goes with what was said before"
    if not intents:
        if cell.praise or cell.dropped:
            return "no_request", "nothing asked for"
        named = cell.resolved.label if cell.targets and cell.resolved is not None else ""
        about = f"what about {named}?" if named else f"unknown: {', '.join(unknown[:5])}" if unknown else ""
        return "not_understood", about
    questions = [intent for intent in intents if not intent.acts]
    if questions:
        nobody = f"nothing here is called {unknown[-1]}; " if cell.thing and not cell.targets and unknown else ""
        return "guessed", nobody + "; ".join(_question(intent) for intent in questions)
    return "understood", "; ".join(described(intent) for intent in intents)


def confirmed(understood: Understanding) -> Understanding:
    """The same, now that the user said yes to every question; about what this song has not, nothing can be done."""
    return understood.model_copy(update={"rows": tuple(_confirmed(row) for row in understood.rows)})


def _confirmed(row: Row) -> Row:
    if all(intent.acts or not _has_tracks(intent) for intent in row.intents):
        return row
    intents = tuple(intent.confirmed() if _has_tracks(intent) else intent for intent in row.intents)
    note = "; ".join(described(intent) for intent in intents)
    return row.model_copy(update={"status": "understood", "intents": intents, "note": f"{note}, as you confirm"})


def _has_tracks(intent: Intent) -> bool:
    return intent.target.whole or bool(intent.target.tracks)


def described(intent: Intent) -> str:
    """An intent in words, with whom it is about.

    >>> from style_transfer.prompt.intent import Intent, Target
    >>> described(Intent(target=Target(label="drums"), attribute="punch", direction="more", intensity=0.5))
    'drums: punchier, a bit'
    """
    return f"{intent.target.label}: {asked_for(intent)}"


def asked_for(intent: Intent) -> str:
    """What an intent asks for, without whom."""
    attribute = attributes()[intent.attribute]
    if intent.direction == "keep":
        what = "kept as it is" if intent.attribute == "all" else f"{attribute.plus}: no change"
    else:
        what = attribute.called(intent.sign)
    if (lufs := intent.number("LUFS")) is not None:
        return f"as loud as {-lufs:g} LUFS"
    how = f", {_HOW[intent.intensity]}" if intent.intensity in _HOW and not intent.numbers else ""
    numbers = "".join(f", {_shown(number)}" for number in intent.numbers)
    than = f" than {intent.than.label}" if intent.than is not None else ""
    return f"{what}{than}{how}{numbers}"


def _question(intent: Intent) -> str:
    attribute = attributes()[intent.attribute]
    if not _has_tracks(intent):
        return f"this song has no {intent.target.label}"
    if attribute.aspect == "beyond":
        return f"{attribute.name} is not in the console; the nearest is {attribute.nearest}: do that?"
    means = f" ({attribute.doc.rstrip('.').lower()})" if attribute.aspect == "mood" and intent.sign > 0 else ""
    return f"{described(intent)}{means}: is that meant?"


def _shown(number: Number) -> str:
    return f"{number.value:g}:1" if number.unit == ":1" else f"{number.value:g} {number.unit}".strip()
