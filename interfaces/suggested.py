"""A suggestion as text: for the terminal, and as a page of Markdown to keep beside a mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from interfaces.opened import Opened
from interfaces.output import line, number, paragraph
from mixer.session import Session
from style_transfer.suggestion import Change, Report, Suggestion


@dataclass(frozen=True, slots=True)
class Move:
    """One changed knob as a person reads it. The reason is empty where it is that of the move before."""

    knob: str
    before: str
    after: str
    reason: str


def moves_by_target(session: Session, suggestion: Suggestion) -> Iterator[tuple[str, list[Move]]]:
    """What changes at each track (by its name), the reverb and the master, in the console's order."""
    for target, changes in groupby(suggestion.changes, key=lambda change: change.target):
        title = target_title(session, target)
        yield title, _moves(list(changes), title)


def target_title(session: Session, target: str) -> str:
    """A track's name, or ``Reverb``, ``Master``, ``Mix``; an address as it is."""
    plain = target if "." in target else target.capitalize()
    return next((track.name for track in session.tracks if track.id == target), plain)


def _moves(changes: Sequence[Change], title: str) -> list[Move]:
    moves = []
    said = ""
    for change in changes:
        reason = change.reason.removeprefix(f"{title}: ")
        show = change.param.show
        moves.append(
            Move(
                f"{change.processor}.{change.knob}",
                show(change.before),
                show(change.after),
                "" if reason == said else reason,
            )
        )
        said = reason
    return moves


def report_lines(report: Report | None, loudness_lufs: float) -> list[str]:
    """The mix before and after in figures."""
    if report is None:
        return []
    return [
        f"distance to the reference: {report.distance_before_db:.1f} dB before, "
        f"{report.distance_after_db:.1f} dB after",
        f"loudness: {number(report.loudness_before_lufs, 'LUFS')} before, "
        f"{report.loudness_after_lufs:.1f} LUFS after (asked: {loudness_lufs:.1f}); "
        f"true peak {report.true_peak_after_db:.1f} dBTP",
    ]


def print_suggestion(opened: Opened, suggestion: Suggestion, *, saved: bool) -> None:
    """Every change with its reason, what was refused, and what it comes to."""
    session = opened.session
    for title, moves in moves_by_target(session, suggestion):
        line(title)
        widest = max(len(move.knob) for move in moves)
        for move in moves:
            line(f"  {move.knob:<{widest}}  {move.before} → {move.after}")
            paragraph(move.reason, 6)
        line()
    for refusal in suggestion.refused:
        paragraph(f"left alone: {target_title(session, refusal.subject)}: {refusal.reason}")
    for note in suggestion.notes:
        paragraph(f"note: {note}")
    for text in report_lines(suggestion.report, suggestion.loudness_lufs):
        line(text)
    if saved:
        line(f"saved {opened.path} ({len(suggestion.changes)} changes, one step: `faderwise undo` takes it back)")
    else:
        line("not saved (--dry-run)" if suggestion.changes else "nothing to change")


def markdown(session: Session, suggestion: Suggestion) -> str:
    """The suggestion as a page: the figures, then every track with what changes and why."""
    names = ", ".join(reference.name for reference in suggestion.context.references)
    parts = [f"# {session.name}, mixed after {names}\n"]
    parts += [f"- {text[:1].upper()}{text[1:]}" for text in report_lines(suggestion.report, suggestion.loudness_lufs)]
    for title, moves in moves_by_target(session, suggestion):
        parts.append(f"\n## {_plain(title)}\n\n| knob | before | after | why |\n|---|---:|---:|---|")
        parts += [f"| {move.knob} | {move.before} | {move.after} | {_plain(move.reason) or '″'} |" for move in moves]
    if suggestion.refused:
        parts.append("\n## Left alone\n")
        parts += [f"- {_plain(target_title(session, no.subject))}: {_plain(no.reason)}" for no in suggestion.refused]
    if suggestion.notes:
        parts.append("\n## To know\n")
        parts += [f"- {_plain(note)}" for note in suggestion.notes]
    return "\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is, in a cell of a table too."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text).replace("\n", " ")
