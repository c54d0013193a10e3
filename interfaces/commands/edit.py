"""``set``, ``lock``, ``unlock``, ``refuse``, ``accept`` and ``undo``: the user's own hand on a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.commands.options import DryRun, Json, SessionPath

if TYPE_CHECKING:
    from interfaces.opened import Opened
    from mixer.session import Session

Addresses = Annotated[
    list[str],
    typer.Argument(
        metavar="ADDRESS",
        help="A track, a processor, a knob, a group or an aspect: LdVox, bass.compressor, bass.pan, drums, eq.",
        show_default=False,
    ),
]


def assign(
    session: SessionPath,
    assignments: Annotated[
        list[str],
        typer.Argument(
            metavar="ASSIGNMENT", help="address=value, address+=value or address-=value.", show_default=False
        ),
    ],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Set knobs, roles, names, mute, solo and bypass by hand.

    All assignments are made, or none if one of them makes no sense. `faderwise params` lists the knobs.
    Values may carry their unit: -3 dB, 2.5kHz, 20ms, 4:1, 30%, on, off.
    """
    from interfaces.opened import open_session
    from mixer.assignment import assign as made

    opened = open_session(session)
    _finish(opened, made(opened.session, assignments), dry_run, as_json)


def lock(session: SessionPath, addresses: Addresses, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Keep suggestions off a track, a processor, a knob, a group (vocals, drums, bass, other) or an aspect.

    Aspects are level, pan, eq, dynamics and space. Your own hand, `faderwise set`, still moves what is locked.
    """
    _set_locks(session, addresses, True, dry_run, as_json)


def unlock(session: SessionPath, addresses: Addresses, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Let suggestions move what was locked again."""
    _set_locks(session, addresses, False, dry_run, as_json)


def _set_locks(session: Path, addresses: list[str], locked: bool, dry_run: bool, as_json: bool) -> None:
    from interfaces.opened import open_session
    from mixer.edits import set_locks

    opened = open_session(session)
    _finish(opened, set_locks(opened.session, addresses, locked), dry_run, as_json)


def refuse(session: SessionPath, addresses: Addresses, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take back parts of the last suggestion: tracks, groups, aspects, processors or knobs.

    What you refuse goes back to where it was and counts as set by you, so that no later suggestion makes the same
    change; `faderwise suggest --free ADDRESS` gives it up again.
    """
    from interfaces.opened import open_session
    from style_transfer.verdict import refuse as refused

    opened = open_session(session)
    _finish(opened, refused(opened.session, addresses), dry_run, as_json)


def accept(session: SessionPath, addresses: Addresses, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Keep only these parts of the last suggestion, and refuse the rest of it."""
    from interfaces.opened import open_session
    from style_transfer.verdict import accept as accepted

    opened = open_session(session)
    _finish(opened, accepted(opened.session, addresses), dry_run, as_json)


def undo(
    session: SessionPath,
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="How many steps to take back.")] = 1,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take back the last step: a suggestion, a setting, a lock."""
    from interfaces.opened import open_session
    from mixer.edits import undo as undo_step
    from mixer.errors import SessionError, UsageError

    opened = open_session(session)
    there = len(opened.session.history)
    if not there:
        raise SessionError(f"{opened.path}: there is nothing to undo, the history is empty")
    if steps > there:
        raise UsageError(f"--steps {steps}: the history of {opened.path} has only {there}; use 1 to {there}")
    changed, undone = opened.session, []
    for _ in range(steps):
        changed, step = undo_step(changed)
        undone.append(step.title)
    _finish(opened, changed, dry_run, as_json, undone)


def _finish(opened: Opened, changed: Session, dry_run: bool, as_json: bool, undone: list[str] | None = None) -> None:
    """Save what was changed and say what it was."""
    from interfaces.changes import diff_document, print_differences
    from interfaces.output import json_document, line
    from mixer.difference import diff

    differences = diff(opened.session, changed)
    saved = opened.save(changed, dry_run=dry_run)
    if as_json:
        document = {"session": str(opened.path), "saved": saved, "differences": diff_document(differences)}
        json_document(document | ({} if undone is None else {"undone": undone}))
        return
    for title in undone or ():
        line(f"undone: {title}" if saved else f"would be undone: {title}")
    if differences:
        print_differences(differences)
    if saved:
        line(f"saved {opened.path}")
    else:
        line("not saved (--dry-run)" if dry_run and changed is not opened.session else "nothing to change")
