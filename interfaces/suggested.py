"""A suggestion as text for the terminal, as a page of Markdown to keep beside a mix, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from interfaces.opened import Opened
from interfaces.output import line, number, paragraph
from mixer.errors import UsageError
from mixer.session import Session
from style_transfer.suggestion import Change, Report, Suggestion
from style_transfer.words import knob_word


@dataclass(frozen=True, slots=True)
class Row:
    """What changes at one processor of one track, as a person reads it; with the track's name it is an address."""

    processor: str
    moves: str
    reasons: list[str]


_STATUS = {
    "understood": "understood",
    "guessed": "guessed, not done",
    "not_understood": "not understood",
    "no_request": "nothing asked for",
}


def rows_by_target(suggestion: Suggestion) -> Iterator[tuple[str, list[Row]]]:
    """What changes at each track (by its name), the reverb and the master, in the console's order."""
    for _, changes in groupby(suggestion.changes, key=lambda change: change.target):
        there = list(changes)
        parts = groupby(there, key=lambda change: change.processor)
        yield there[0].name, [_row(processor, list(part)) for processor, part in parts]


def _row(processor: str, changes: Sequence[Change]) -> Row:
    """Many bands of an equaliser are told by the widest move among them; other knobs go with the first."""
    if any(change.knob.endswith("gain_db") for change in changes):
        changes = [
            change for change in changes if not change.knob.endswith(("_q", "_hz")) or change.knob == "highpass_hz"
        ]
    first = changes[0]
    if len(changes) == 1:
        return Row(processor, f"{_place(first)}{_arrow(first)}", [first.because])
    told = [first]
    bands = [change for change in changes if change.knob.endswith("gain_db")]
    if processor == "equalizer" and bands:
        widest = max(bands, key=lambda change: abs(change.after - change.before))
        told = [change for change in changes if change.knob == "highpass_hz"] + [widest]
    reasons = [f"{_short(change)}: {change.because}" for change in told] if len(told) > 1 else [told[0].because]
    return Row(processor, ", ".join(_short(change) for change in changes), reasons)


def _short(change: Change) -> str:
    return change.move.removeprefix(f"{change.processor} ").removeprefix("EQ ")


def _place(change: Change) -> str:
    """Which of several knobs it is, in front of an arrow."""
    if change.processor == "equalizer" and change.knob.endswith("gain_db"):
        return f"at {change.move.rpartition(' at ')[2]}: "
    return "" if change.knob in ("gain_db", "pan", "level_db", "active") else f"{knob_word(change.param)}: "


def _arrow(change: Change) -> str:
    return f"{change.param.show(change.before)} → {change.param.show(change.after)}"


def target_title(session: Session, target: str) -> str:
    """A track's name, or ``Reverb``, ``Master``, ``Mix``; an address as it is."""
    plain = target if "." in target else target.capitalize()
    return next((track.name for track in session.tracks if track.id == target), plain)


def report_lines(report: Report | None, loudness_lufs: float) -> list[str]:
    """The mix before and after in figures."""
    if report is None:
        return []
    before, after = report.distance_before_db, report.distance_after_db
    lines = [
        f"loudness: {number(report.loudness_before_lufs, 'LUFS')} before, "
        f"{report.loudness_after_lufs:.1f} LUFS after (asked: {loudness_lufs:.1f}); "
        f"true peak {report.true_peak_after_db:.1f} dBTP",
    ]
    if before is not None and after is not None:
        lines.insert(0, f"distance to the reference: {before:.1f} dB before, {after:.1f} dB after")
    return lines


def understood_lines(suggestion: Suggestion) -> list[str]:
    """The prompt, clause by clause, and the knobs that it set by name."""
    if suggestion.understood is None:
        return []
    told = suggestion.understood
    rows = [f"{_STATUS[row.status]}: {row.text}{f' ({row.note})' if row.note else ''}" for row in told.rows]
    return [*rows, *told.notes, *(f"set: {edit.address}" for edit in suggestion.said)]


def achieved_lines(suggestion: Suggestion) -> list[str]:
    """What the prompt asked for, against what came of it."""
    lines = []
    for one in suggestion.achieved:
        came = "" if one.achieved is None else f", came {number(one.achieved, one.unit, 1, sign=True)}"
        why = f" ({one.reason})" if one.reason else ""
        lines.append(f"{one.words}: {one.aspect} asked {number(one.asked, one.unit, 1, sign=True)}{came}{why}")
    return lines


def listener_lines(suggestion: Suggestion) -> list[str]:
    """What a listener model made of it."""
    return [] if suggestion.listener is None else [suggestion.listener.sentence]


def suggestion_document(suggestion: Suggestion) -> dict[str, Any]:
    """The suggestion as JSON tells it: every change with its address and its whole sentence too."""
    told = [{"address": change.address, "reason": change.reason} for change in suggestion.changes]
    document = suggestion.model_dump(mode="json")
    document["changes"] = [said | change for said, change in zip(told, document["changes"], strict=True)]
    return document


def print_suggestion(opened: Opened, suggestion: Suggestion, *, saved: bool) -> None:
    """What was understood and heard, every change with its reason, what was refused, and what it comes to."""
    session, summary = opened.session, suggestion.summary
    for text in understood_lines(suggestion):
        paragraph(text)
    if summary is not None:
        for text in (" ".join(summary.was), *summary.wanted, " ".join(summary.heard)):
            paragraph(text)
        line()
    for title, rows in rows_by_target(suggestion):
        line(title)
        for row in rows:
            paragraph(row.moves, 14, f"  {row.processor}")
            for reason in row.reasons:
                paragraph(reason, 14)
        line()
    for text in summary.kept if summary is not None else ():
        paragraph(text)
    for refusal in suggestion.refused:
        paragraph(f"left alone: {target_title(session, refusal.subject)}: {refusal.reason}")
    for note in suggestion.notes:
        paragraph(f"note: {note}")
    for text in summary.unmatched if summary is not None else ():
        paragraph(f"not matched: {text}")
    for text in (*achieved_lines(suggestion), *listener_lines(suggestion)):
        paragraph(text)
    for text in report_lines(suggestion.report, suggestion.loudness_lufs):
        line(text)
    if saved:
        line(f"saved {opened.path} ({len(suggestion.changes)} changes, one step: `faderwise undo` takes it back)")
    else:
        line("not saved (--dry-run)" if suggestion.changes else "nothing to change")


def markdown(session: Session, suggestion: Suggestion) -> str:
    """The suggestion as a page: what it comes to, then every track with what changes and why."""
    parts = [f"# {session.name}, mixed after {suggestion.after}"]
    summary = suggestion.summary
    parts += _section("What was understood", understood_lines(suggestion))
    parts += _section("Asked and achieved", [*achieved_lines(suggestion), *listener_lines(suggestion)])
    if summary is not None:
        figures = [
            f"{text[:1].upper()}{text[1:]}." for text in report_lines(suggestion.report, suggestion.loudness_lufs)
        ]
        parts += _section("The mix as it was", summary.was)
        parts += _section("What it was to become", summary.wanted)
        parts += _section("What was moved", summary.moved)
        parts += _section("What it came to", figures)
        parts += _section("What was left to you", summary.kept)
        parts += _section("What could not be matched", summary.unmatched)
        parts += _section("What was listened to", summary.heard)
    for _, changes in groupby(suggestion.changes, key=lambda change: change.target):
        parts += _table(list(changes))
    refused = [f"{target_title(session, no.subject)}: {no.reason}" for no in suggestion.refused]
    parts += _section("Left alone", refused)
    parts += _section("To know", suggestion.notes)
    return "\n".join(parts) + "\n"


def checked_page(page: Path, *, force: bool) -> None:
    """UsageError where the page would take the place of something else, or cannot be written."""
    if page.suffix.lower() not in (".md", ".markdown"):
        raise UsageError(f"{page}: the explanation is a page of Markdown: end its name in .md")
    if not page.absolute().parent.is_dir():
        raise UsageError(f"{page}: there is no folder {page.parent}; create it or choose another place")
    if page.exists() and not force:
        raise UsageError(f"{page}: is there already; --force replaces it")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"\n## {title}\n", *(f"- {_plain(text)}" for text in lines)] if lines else []


def _table(changes: Sequence[Change]) -> list[str]:
    rows = [f"\n## {_plain(changes[0].name)}\n\n| knob | before | after | why |\n|---|---:|---:|---|"]
    said = ""
    for change in changes:
        show, why = change.param.show, "″" if change.because == said else _plain(change.because)
        rows.append(f"| {change.processor}.{change.knob} | {show(change.before)} | {show(change.after)} | {why} |")
        said = change.because
    return rows


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is, in a cell of a table too."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text).replace("\n", " ")
