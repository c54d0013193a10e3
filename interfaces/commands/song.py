"""``new`` and ``render``: from a folder of stems to a session, and from a session to a mix."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import DryRun, Force, Json, SessionPath, Threads, Verbose


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the stems are.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The session file, in FOLDER or above it; FOLDER/faderwise.json."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="Of the song; the folder's by default.")] = None,
    rate: Annotated[
        int | None, typer.Option(metavar="HZ", help="Sample rate of the mix; the stems' most common one by default.")
    ] = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Make a session of a folder of stems.

    Tracks are named and their roles guessed. No audio is changed or copied.
    """
    from interfaces.cli import point_of_no_return
    from interfaces.new_session import print_new, scanned, session_target
    from interfaces.output import json_document
    from interfaces.progress import progress
    from mixer.session_file import save

    target = session_target(folder, output, force=force or dry_run)
    with progress(verbose) as report:
        result = scanned(folder, target, name=name, rate=rate, progress=report)
    if not dry_run:
        point_of_no_return()
        save(result.session, target)
    if as_json:
        from interfaces.new_session import new_document

        json_document(new_document(result, target, saved=not dry_run))
    else:
        print_new(result, target, saved=not dry_run)


def render(
    session: SessionPath,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The mix: .wav, .flac or .ogg.", show_default=False),
    ],
    bits: Annotated[str, typer.Option(metavar="16|24|float", help="Depth of the samples; 16 is dithered.")] = "24",
    loudness: Annotated[
        float | None,
        typer.Option(metavar="LUFS", help="Move the master fader of this render until the mix is that loud."),
    ] = None,
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write the mix as an audio file."""
    from interfaces.opened import open_session
    from interfaces.output import json_document
    from interfaces.progress import progress
    from interfaces.rendering import checked_depth, checked_target, print_rendered, rendered_document
    from mixer.progress import span
    from mixer.render import render as render_mix
    from mixer.session import LOUDNESS

    depth = checked_depth(bits)
    if loudness is not None:
        LOUDNESS.check(loudness)
    opened = open_session(session)
    checked_target(opened, output, force=force)
    with progress(verbose) as report:
        opened.check_audio(span(report, 0, 0.1))
        result = render_mix(
            opened.session,
            opened.folder,
            output,
            depth=depth,
            loudness_lufs=loudness,
            threads=threads,
            progress=span(report, 0.1, 1),
        )
    if as_json:
        json_document(rendered_document(opened, output, depth, result))
    else:
        print_rendered(opened, output, depth, result)
