"""Alternatives side by side: a card for each, with what makes it different."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interfaces.opened import Opened
from interfaces.output import line, paragraph
from interfaces.suggested import suggestion_document
from style_transfer.suggestion import Suggestion


def alternatives_document(made: Sequence[Suggestion], number: int) -> dict[str, Any]:
    """All of them as JSON tells it, and which one was taken, from 1."""
    return {"chosen": number, "alternatives": [suggestion_document(suggestion) for suggestion in made]}


def print_alternatives(opened: Opened, made: Sequence[Suggestion], number: int, *, saved: bool) -> None:
    """The cards, and which one was taken."""
    for n, suggestion in enumerate(made, 1):
        _print_card(suggestion, n)
    for note in made[0].notes:
        paragraph(f"note: {note}")
    taken = made[number - 1]
    name = taken.alternative.name if taken.alternative is not None else "it"
    if saved:
        line(f"saved {opened.path}: {number}, {name} ({len(taken.changes)} changes, one step)")
        paragraph("`faderwise undo` takes it back; then the same with --choose takes another")
    else:
        line("not saved (--dry-run)" if taken.changes else "nothing to change")


def _print_card(suggestion: Suggestion, number: int) -> None:
    about, report, summary = suggestion.alternative, suggestion.report, suggestion.summary
    if about is None:
        return
    line(f"{number}  {about.name}")
    paragraph(about.means, 3)
    if about.differs:
        paragraph(f"beside 1: {', '.join(about.differs)}", 3)
    for text in summary.moved if summary is not None and not about.differs else ():
        paragraph(text, 5)
    figures = [f"{len(suggestion.changes)} changes"]
    if report is not None and report.distance_after_db is not None:
        figures.append(f"{report.distance_after_db:.1f} dB from the reference")
    paragraph(", ".join(figures), 3)
    line()
