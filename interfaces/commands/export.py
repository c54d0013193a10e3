"""``export``: the session as a project of another program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import Force, Json, SessionPath, Verbose


def export(
    session: SessionPath,
    to: Annotated[
        str, typer.Option("--to", metavar="KIND", help="ardour, reaper, dawproject or stems.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="The folder of the project.", show_default=False)
    ],
    stock: Annotated[
        bool, typer.Option("--stock", help="Use the other program's own EQ, compressor and panner where they fit.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Render the project, where this machine can, and subtract our own render.")
    ] = False,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write a project that a DAW opens, and say what it carries.

    Tracks, audio, names, colours, faders, pans, EQ, compressor, sends, reverb and master, each to be edited there.
    fidelity.md, beside the project, lists every setting: exact, approximate or not carried. `faderwise import` takes
    what was changed there back.

    With --check the project is played (Ardour: by Ardour itself, where it is installed; stems: added up) and compared
    with our own render. fidelity.md then says how much differs; more than the kind of export promises is an error
    (exit code 5).
    """
    from interfaces.daw.registry import exporter_for, kind_for
    from interfaces.exported import checked_folder, demand, export_document, make_export, print_exported
    from interfaces.opened import open_session
    from interfaces.output import json_document
    from interfaces.progress import progress
    from mixer.progress import span

    exporter = exporter_for(to, stock=stock)
    opened = open_session(session)
    checked_folder(opened, output, force=force)
    with progress(verbose) as report:
        opened.check_audio(span(report, 0, 0.1))
        checker = kind_for(to).checker if check else None
        made = make_export(opened, to, exporter, output, span(report, 0.1, 1), checker)
    if as_json:
        json_document(export_document(opened, to, made))
    else:
        print_exported(opened, made)
    demand(made)
