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
            metavar="FILE[@START-END][:ROLES][*WEIGHT]",
            help="A song that the mix should sound like, or a part of it (62-92 or 1:02-1:32), or only its :drums,bass;"
            " may be repeated.",
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
    rough_mix: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A mix of these very tracks whose balance and panning are kept.", show_default=False
        ),
    ] = None,
    rough_keeps: Annotated[
        str, typer.Option(metavar="ASPECTS", help="What is kept of the rough mix: level, pan, or both.")
    ] = "level,pan",
    prompt: Annotated[
        str,
        typer.Option(
            "--prompt",
            "-p",
            metavar="TEXT",
            help="What is wanted in words: 'vocals up front, drums drier, less mud'; it has the last say.",
            show_default=False,
        ),
    ] = "",
    confirm: Annotated[
        bool,
        typer.Option("--confirm", help="What is only guessed from the prompt is meant; --dry-run shows it."),
    ] = False,
    clap: Annotated[
        str,
        typer.Option(
            metavar="FOLDER",
            help="Also ask the CLAP model in this folder whether the mix moved towards the prompt; it decides nothing.",
            show_default=False,
        ),
    ] = "",
    clap_download: Annotated[
        bool,
        typer.Option(
            "--clap-download", help="--clap names a repository of Hugging Face; its weights are downloaded and kept."
        ),
    ] = False,
    clap_refine: Annotated[
        bool,
        typer.Option("--clap-refine", help="Let it move the tone that words moved by up to 1.5 dB, and sends by 2 dB."),
    ] = False,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast", help="Take what the learned controller says after one look at tracks and reference: no search."
        ),
    ] = False,
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
    alternatives: Annotated[
        int | None,
        typer.Option(metavar="N", help="Look for N suggestions that differ, and show what makes them different."),
    ] = None,
    choose: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="Which of the alternatives is saved; by default the first.")
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
    """Mix after a reference, a rough mix or words, and say why each knob moves.

    What is suggested is saved as one step of the history; `faderwise undo` takes it back, `faderwise refuse` a part of
    it. Locked knobs and what you set yourself stay where they are.
    """
    from interfaces.cards import alternatives_document, print_alternatives
    from interfaces.files import write_text
    from interfaces.opened import open_session
    from interfaces.output import json_document
    from interfaces.progress import progress
    from interfaces.suggested import checked_page, markdown, print_suggestion, suggestion_document
    from interfaces.suggesting import Request, chosen, suggestions
    from mixer.progress import span
    from style_transfer.suggestion import apply_suggestion

    request = Request(
        references=tuple(reference or ()),
        reference_stems=tuple(reference_stems or ()),
        separation=separation,
        rough_mix=rough_mix,
        rough_keeps=rough_keeps,
        prompt=prompt,
        confirm=confirm,
        clap=clap,
        clap_download=clap_download,
        clap_refine=clap_refine,
        fast=fast,
        intensity=tuple(intensity or ()),
        only=tuple(only or ()),
        without=tuple(without or ()),
        free=tuple(free or ()),
        loudness_lufs=loudness,
        seed=seed,
        alternatives=alternatives,
        choose=choose,
    )
    opened = open_session(session)
    if explain is not None:
        checked_page(explain, force=force)
    with progress(verbose) as report:
        opened.check_audio(span(report, 0, 0.05))
        made = suggestions(opened.session, opened.folder, request, span(report, 0.05, 1))
    suggestion = chosen(made, request)
    saved = opened.save(apply_suggestion(opened.session, suggestion), dry_run=dry_run)
    if explain is not None:
        write_text(explain, markdown(opened.session, suggestion))
    if as_json:
        told = suggestion_document(suggestion)
        if alternatives is not None:
            told = alternatives_document(made, request.number)
        json_document({"session": str(opened.path), "saved": saved} | told)
    elif alternatives is None:
        print_suggestion(opened, suggestion, saved=saved)
    else:
        print_alternatives(opened, made, request.number, saved=saved)
