"""``suggest``: context in, an explained suggestion out, applied as one step that can be undone."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.commands.options import DryRun, Json, SessionPath, Verbose


def suggest(
    session: SessionPath,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            "-r",
            metavar="FILE[@START-END][*WEIGHT]",
            help="A song that the mix should sound like, or a part of it (62-92 or 1:02-1:32); may be repeated.",
            show_default=False,
        ),
    ] = None,
    intensity: Annotated[
        float, typer.Option(min=0, max=100, metavar="0-100", help="How far to go, in per cent; 0 changes nothing.")
    ] = 100.0,
    loudness: Annotated[
        float | None, typer.Option(metavar="LUFS", help="Loudness of the mix; by default what the session asks for.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of what is drawn at random; stored with the step.")] = 0,
    dry_run: DryRun = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Mix after a reference, and say why each knob moves.

    What is suggested is saved as one step of the history; `faderwise undo` takes it back.
    Locked knobs and what you set yourself stay where they are.
    """
    from interfaces.opened import open_session
    from interfaces.output import json_document
    from interfaces.progress import progress
    from interfaces.reference_argument import parse_reference
    from interfaces.suggested import print_suggestion
    from mixer.errors import UsageError
    from mixer.progress import span
    from style_transfer.suggest import suggest as find_suggestion
    from style_transfer.suggestion import apply_suggestion

    files = [parse_reference(text) for text in reference or ()]
    if not files:
        raise UsageError("nothing to go by: give a song that the mix should sound like, with --reference FILE")
    opened = open_session(session)
    with progress(verbose) as report:
        opened.check_audio(span(report, 0, 0.05))
        suggestion = find_suggestion(
            opened.session,
            opened.folder,
            files,
            intensity=intensity,
            seed=seed,
            loudness_lufs=loudness,
            progress=span(report, 0.05, 1),
        )
    saved = opened.save(apply_suggestion(opened.session, suggestion), dry_run=dry_run)
    if as_json:
        json_document({"session": str(opened.path), "saved": saved} | suggestion.model_dump(mode="json"))
    else:
        print_suggestion(opened, suggestion, saved=saved)
