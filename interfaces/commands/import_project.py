"""``import``: what was changed in another program comes back, or a project of another program becomes a session."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import DryRun, Json, Verbose


def import_project(
    session: Annotated[
        Path,
        typer.Argument(
            metavar="SESSION", help="A session file or its folder; with --new the folder to make.", show_default=False
        ),
    ],
    project: Annotated[
        Path,
        typer.Argument(
            metavar="PROJECT", help="A .rpp, .ardour or .dawproject, or the folder it lies in.", show_default=False
        ),
    ],
    new: Annotated[bool, typer.Option("--new", help="Make a session of a project that is not ours.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Take faders, pans, mutes, sends and our own effects' knobs back from a DAW.

    What the producer changed there becomes their own edits here, one step that can be undone. With --new, a project
    that Faderwise did not write becomes a session: its tracks, their audio, faders and pans. What cannot be taken is
    listed.
    """
    from interfaces.imported import adopted, print_imported, project_file, taken

    file = project_file(project)
    if new:
        from interfaces.progress import progress

        with progress(verbose) as report:
            result = adopted(session, file, dry_run=dry_run, progress=report)
    else:
        result = taken(session, file, dry_run=dry_run)
    if as_json:
        from interfaces.output import json_document

        json_document(result.document)
    else:
        print_imported(result)
