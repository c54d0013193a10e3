"""What a report says in words: the last suggestion of a session, knob by knob, and what differs between two."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from mixer.difference import diff
from mixer.param import Param
from mixer.processor import find
from mixer.session import Edit, Session, Step
from style_transfer.suggestion import KIND
from style_transfer.words import knob_word

_SAID = (("was", "The mix as it was"), ("moved", "What was moved"), ("unmatched", "What could not be matched"))


def explanation(session: Session, title: str) -> str:
    """The last suggestion of a session as HTML; nothing where there was none."""
    step = next((step for step in reversed(session.history) if step.kind == KIND), None)
    if step is None:
        return ""
    said = step.detail.get("summary")
    summary = "".join(_list(name, said.get(key)) for key, name in _SAID) if isinstance(said, dict) else ""
    rows = _rows(session, step)
    knobs = _folded("Every move, and why", ("", "Knob", "Before", "After", "Why"), rows)
    return f"<section><h2>{escape(title)}</h2><p>{escape(_sentence(step.title))}</p>{summary}{knobs}</section>"


def _list(title: str, lines: object) -> str:
    if not isinstance(lines, list) or not lines:
        return ""
    items = "".join(f"<li>{escape(str(line))}</li>" for line in lines)
    return f"<h3>{escape(title)}</h3><ul>{items}</ul>"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _rows(session: Session, step: Step) -> list[tuple[str, ...]]:
    return [row for edit in step.edits if (row := _row(session, edit)) is not None]


def _row(session: Session, edit: Edit) -> tuple[str, ...] | None:
    """A knob that was moved; None for what is no knob."""
    before, after = _value(edit.before), _value(edit.after)
    parts = edit.address.split(".")
    if before is None or after is None or len(parts) != 3:
        return None
    target, processor, knob = parts
    param: Param = find(processor).param(knob)
    reason = edit.after.get("reason", "") if isinstance(edit.after, dict) else ""
    return (
        name_of(session, target),
        f"{processor} {knob_word(param)}",
        param.show(before),
        param.show(after),
        str(reason),
    )


def _value(stands: Any) -> float | None:
    value = stands.get("value") if isinstance(stands, dict) else None
    return float(value) if isinstance(value, int | float) else None


def name_of(session: Session, target: str) -> str:
    """A track's name, ``Reverb`` or ``Master``."""
    return next((track.name for track in session.tracks if track.id == target), target.capitalize())


def differences(a: Session, b: Session) -> str:
    """What differs between two sessions of the same tracks, as HTML; nothing where they have other tracks."""
    if {track.id for track in a.tracks} != {track.id for track in b.tracks}:
        return ""
    rows = [(found.address, found.shown_before, found.shown_after) for found in diff(a, b)]
    if not rows:
        return ""
    title = f"What differs: {len(rows)} setting{'' if len(rows) == 1 else 's'}"
    return f"<section>{_folded(title, ('Address', 'A', 'B'), rows)}</section>"


def _folded(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    name = escape(title)
    scrolled = f'<div class="scrolls" tabindex="0" role="region" aria-label="{name}">{table}</div>'
    return f'<details class="values"><summary>{name}</summary>{scrolled}</details>'
