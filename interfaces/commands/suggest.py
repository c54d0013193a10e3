"""``suggest``: context in, an explained suggestion out, applied as one step that can be undone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import DryRun, Force, Json, SessionPath, Verbose

_NAMES = "A knob, processor, track, group (vocals, drums, bass, other) or aspect (level, pan, eq, dynamics, space)"


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
    reference_stems: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="Your own stems of a reference: files called vocals, drums, bass, other; once for each, in order.",
            show_default=False,
        ),
    ] = None,
    separation: Annotated[
        bool,
        typer.Option(
            "--separation/--no-separation",
            help="Separate references that come without stems, to learn from their groups one by one; kept for later.",
        ),
    ] = True,
    intensity: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]0-100",
            help="How far to go, in per cent: 60, level=50, vocals=80, LdVox=0; may be repeated, and they multiply.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help=f"{_NAMES} that alone may move; may be repeated.", show_default=False),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="The same, to be left out; may be repeated.", show_default=False),
    ] = None,
    free: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="The same, or all: give up your own values there, and what you refused; may be repeated.",
            show_default=False,
        ),
    ] = None,
    loudness: Annotated[
        float | None, typer.Option(metavar="LUFS", help="Loudness of the mix; by default what the session asks for.")
    ] = None,
    explain: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="Write the explanation as a page of Markdown.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of what is drawn at random; stored with the step.")] = 0,
    dry_run: DryRun = False,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Mix after a reference, and say why each knob moves.

    What is suggested is saved as one step of the history; `faderwise undo` takes it back, `faderwise refuse` a part of
    it. Locked knobs and what you set yourself stay where they are.
    """
    from interfaces.files import write_text
    from interfaces.opened import open_session
    from interfaces.output import json_document
    from interfaces.progress import progress
    from interfaces.reference_argument import parse_reference
    from interfaces.reference_stems import with_stems
    from interfaces.suggested import checked_page, markdown, print_suggestion, suggestion_document
    from mixer.errors import UsageError
    from mixer.progress import span
    from style_transfer.intensity import Intensity
    from style_transfer.suggest import suggest as find_suggestion
    from style_transfer.suggestion import apply_suggestion

    files = [parse_reference(text) for text in reference or ()]
    if not files:
        raise UsageError("nothing to go by: give a song that the mix should sound like, with --reference FILE")
    opened = open_session(session)
    if explain is not None:
        checked_page(explain, force=force)
    amount = Intensity.parse(opened.session, intensity or ())
    with progress(verbose) as report:
        opened.check_audio(span(report, 0, 0.05))
        files = with_stems(files, reference_stems or (), separation=separation, progress=span(report, 0.05, 0.3))
        suggestion = find_suggestion(
            opened.session,
            opened.folder,
            files,
            intensity=amount,
            only=only or (),
            without=without or (),
            free=free or (),
            seed=seed,
            loudness_lufs=loudness,
            progress=span(report, 0.3, 1),
        )
    saved = opened.save(apply_suggestion(opened.session, suggestion), dry_run=dry_run)
    if explain is not None:
        write_text(explain, markdown(opened.session, suggestion))
    if as_json:
        json_document({"session": str(opened.path), "saved": saved} | suggestion_document(suggestion))
    else:
        print_suggestion(opened, suggestion, saved=saved)
