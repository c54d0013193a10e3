"""``player``: a folder that plays and mixes the session in any browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import Force, Json, SessionPath, Verbose


def player(
    session: SessionPath,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="The folder of the player.", show_default=False)
    ],
    reference: Annotated[
        str | None,
        typer.Option("--reference", metavar="F[@start-end]", help="A song to switch to, to compare. It is copied."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write a page that plays the mix and lets every knob be moved, to share it: no server, no network.

    Open its index.html in any current browser. Raw tracks, mix and reference can be switched, all equally loud; what is
    changed there can be downloaded as a session.
    """
    from interfaces.exported import checked_folder
    from interfaces.opened import open_session
    from interfaces.output import json_document
    from interfaces.played import make_player, player_document, print_player
    from interfaces.progress import progress
    from interfaces.reference_argument import parse_reference
    from interfaces.web.player import NOTE
    from mixer.progress import span

    compared = None if reference is None else parse_reference(reference)
    opened = open_session(session)
    checked_folder(opened, output, force=force, mark=NOTE)
    with progress(verbose) as report:
        opened.check_audio(span(report, 0, 0.1))
        make_player(opened, output, compared, span(report, 0.1, 1))
    if as_json:
        json_document(player_document(opened, output))
    else:
        print_player(opened, output)
