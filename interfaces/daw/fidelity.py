"""The account of an export: for every track and knob, whether it arrives exactly, nearly, or not at all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from interfaces.daw.exporter import Carried, Check, Exported, Status
from mixer.address import TRACK_FLAGS
from mixer.edits import at
from mixer.knobs import PLACES, target_chain
from mixer.session import Session

MARKDOWN, JSON = "fidelity.md", "fidelity.json"
_SPELT_OUT = 3
_BELOW_HEARING_DB = -90.0
_PLACES = {"reverb": "Reverb bus", "master": "Master"}
_STATES: tuple[Status, ...] = get_args(Status)


def fidelity_document(session: Session, kind: str, exported: Exported) -> dict[str, Any]:
    """The account as JSON tells it; paths are relative to the project's folder."""
    return {
        "session": session.name,
        "kind": kind,
        "project": str(exported.project.relative_to(exported.folder)),
        "check": _check_document(exported.check),
        "notes": exported.notes,
        "counts": counts(exported.rows),
        "rows": [
            {"target": row.target, "what": row.what, "value": _value(session, row), "status": row.status} | _noted(row)
            for row in exported.rows
        ],
    }


def counts(rows: Sequence[Carried]) -> dict[str, int]:
    """How many things arrive exactly, nearly, not at all."""
    found = Counter(row.status for row in rows)
    return {status: found[status] for status in _STATES}


def summary(exported: Exported) -> str:
    """The account in one line."""
    found = counts(exported.rows)
    parts = [f"{found['exact']} of {len(exported.rows)} settings arrive exactly"]
    parts += [f"{found[status]} {word}" for status, word in (("approximate", "nearly"), ("not carried", "not at all"))]
    return ", ".join(part for part in parts if not part.startswith("0 "))


def checked(exported: Exported) -> Iterator[str]:
    """What the check found, in a sentence or two; none where nobody asked for one.

    >>> from pathlib import Path
    >>> check = Check("rendered there", -46.0, -35.0)
    >>> next(checked(Exported(Path("x"), Path("x/y"), [], check=check)))
    'Checked: rendered there; -46 dB are left, which is as much as the whole mix turned up by 0.04 dB would leave.'
    """
    check = exported.check
    if check is None:
        return
    if check.null_db is None:
        yield f"Not checked: {check.how}."
        return
    if check.null_db == -math.inf:
        yield f"Checked: {check.how}; nothing is left, both are the same to the last bit."
    else:
        yield f"Checked: {check.how}; {check.null_db:.0f} dB are left, {_audibility(check.null_db)}."
    if check.status == "failed":
        yield f"THE CHECK FAILED: at most {check.promise_db:.0f} dB should be left; it does not sound as it should."


def _audibility(null_db: float) -> str:
    """What a difference means to ears."""
    if null_db < _BELOW_HEARING_DB:
        return "which is below hearing"
    louder_db = 20 * math.log10(1 + 10 ** (null_db / 20))
    return f"which is as much as the whole mix turned up by {louder_db:.1g} dB would leave"


def _check_document(check: Check | None) -> dict[str, Any] | None:
    if check is None:
        return None
    found = {"status": check.status, "how": check.how}
    return found if check.null_db is None else found | {"null_db": check.null_db, "promise_db": check.promise_db}


def differing(session: Session, rows: Sequence[Carried]) -> Iterator[str]:
    """A line for each thing that does not arrive exactly, and where: what several tracks share, they share a line."""
    fates: dict[tuple[str, Status, str], dict[str, list[str]]] = {}
    for row in rows:
        if row.status != "exact":
            processor, _, knob = row.what.partition(".")
            fates.setdefault((row.target, row.status, row.note), {}).setdefault(processor, []).append(knob)
    targets: dict[tuple[str, Status, str], list[str]] = {}
    for (target, status, note), things in fates.items():
        what = ", ".join(_several(processor, knobs) for processor, knobs in things.items())
        targets.setdefault((what, status, note), []).append(target_name(session, target))
    for (what, status, note), names in targets.items():
        yield f"{', '.join(names)}: {what}: {status}" + (f" ({note})" if note else "")


def _several(processor: str, knobs: list[str]) -> str:
    if len(knobs) > _SPELT_OUT:
        return f"{processor} ({len(knobs)} knobs)"
    return ", ".join(f"{processor}.{knob}" if knob else processor for knob in knobs)


def fidelity_markdown(session: Session, kind: str, exported: Exported) -> str:
    """The account as a person reads it."""
    project = exported.project.relative_to(exported.folder)
    lines = [f"# {_cell(session.name)}: export to {kind}", "", f"Open `{project}`. {summary(exported)}.", ""]
    lines += [part for text in checked(exported) for part in (_cell(text), "")]
    lines += [f"- {_cell(note)}" for note in exported.notes]
    apart = list(differing(session, exported.rows))
    lines += ["", "## What differs", "", *([f"- {_cell(text)}" for text in apart] or ["Nothing."])]
    lines += ["", "## Setting by setting"]
    for target in dict.fromkeys(row.target for row in exported.rows):
        lines += ["", f"### {_cell(target_name(session, target))}", "", "| | value | arrives | |", "|---|---|---|---|"]
        rows = [row for row in exported.rows if row.target == target]
        lines += [f"| {row.what} | {_cell(_value(session, row))} | {row.status} | {_cell(row.note)} |" for row in rows]
    return "\n".join(lines) + "\n"


def target_name(session: Session, target: str) -> str:
    """What a person calls a target."""
    return _PLACES[target] if target in PLACES else session.track(target).name


def _noted(row: Carried) -> dict[str, str]:
    return {"note": row.note} if row.note else {}


def _value(session: Session, row: Carried) -> str:
    """What stands in the session, as a person reads it; empty where the row is about no setting of it."""
    name, _, knob = row.what.partition(".")
    entry = target_chain(row.target).get(name)
    if entry is not None and knob in entry.knobs:
        return entry.param(knob).show(session.knob(f"{row.target}.{row.what}").value)
    if row.what in TRACK_FLAGS and row.target not in PLACES:
        found = at(session, f"{row.target}.{row.what}")
        return ("on" if found else "off") if isinstance(found, bool) else str(found)
    return ""


def _cell(text: str) -> str:
    """Text that stays one cell of a table, and plain."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return "".join(f"\\{c}" if c in "\\|*`<[#" else c for c in shown)
