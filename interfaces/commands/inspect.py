"""``analyze``, ``diff`` and ``compare``: look and measure, change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import Force, Json, SessionPath, Verbose


def analyze(session: SessionPath, as_json: Json = False, verbose: Verbose = False) -> None:
    """Measure every track, and the mix as it stands."""
    from interfaces.measured import analysis_document, print_analysis
    from interfaces.opened import open_session
    from interfaces.output import json_document
    from interfaces.progress import progress
    from mixer.progress import span
    from style_transfer.analysis import analyze as analyze_session

    opened = open_session(session)
    with progress(verbose) as report:
        opened.check_audio(span(report, 0, 0.1))
        analysis = analyze_session(opened.session, opened.folder, span(report, 0.1, 1))
    if as_json:
        json_document(analysis_document(opened, analysis))
    else:
        print_analysis(opened, analysis)


def diff(
    first: Annotated[
        Path, typer.Argument(metavar="A", help="A session file, or the folder that it lies in.", show_default=False)
    ],
    second: Annotated[
        Path | None,
        typer.Argument(metavar="B", help="Another; without it, what the last step of A did.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what differs between two sessions, or what a last step did."""
    from interfaces.changes import diff_document, print_differences
    from interfaces.opened import open_session
    from interfaces.output import json_document, line
    from mixer.difference import diff as differences_of
    from mixer.edits import undo

    one = open_session(first).session
    if second is None:
        before, step = undo(one)
        found, title = differences_of(before, one), step.title
    else:
        found, title = differences_of(one, open_session(second).session), f"{first} -> {second}"
    if as_json:
        json_document({"title": title, "differences": diff_document(found)})
    elif found:
        print_differences(found, title)
    else:
        line(f"{title}: no difference")


def compare(
    first: Annotated[
        Path, typer.Argument(metavar="A", help="An audio file, or a session (its mix).", show_default=False)
    ],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another.", show_default=False)],
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with sound and pictures too: one .html, no network needed."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Measure two mixes side by side, and how far they are apart."""
    import tempfile

    from interfaces.measured import checked_report, compare_document, listen_to, print_comparison
    from interfaces.output import json_document
    from interfaces.progress import progress
    from interfaces.report import write_report
    from mixer.progress import span

    if report is not None:
        checked_report(report, (first, second), force=force)
    with tempfile.TemporaryDirectory(prefix="faderwise-") as scratch, progress(verbose) as told:
        keep = [None, None] if report is None else [Path(scratch) / name for name in ("a.wav", "b.wav")]
        a = listen_to(first, span(told, 0, 0.5), keep=keep[0])
        b = listen_to(second, span(told, 0.5, 1), keep=keep[1])
        if report is not None:
            write_report(report, a, b)
    if as_json:
        json_document(compare_document(a, b, report))
    else:
        print_comparison(a, b, report)
