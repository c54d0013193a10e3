"""``batch``: many songs after many references."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import Force, Json, Verbose


def batch(
    songs: Annotated[
        list[Path],
        typer.Argument(
            metavar="SONG...",
            help="Sessions, folders of stems, stereo files, lists of them (.txt), or folders of these.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where mixes, sessions and results go.", show_default=False),
    ],
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            "-r",
            metavar="FILE|FOLDER",
            help="Every song is mixed after each, as `suggest` takes it; may be repeated.",
            show_default=False,
        ),
    ] = None,
    prompt: Annotated[str, typer.Option("--prompt", "-p", metavar="TEXT", help="What is wanted in words.")] = "",
    whole: Annotated[
        bool, typer.Option("--whole", help="Audio files in folders are whole songs, not the stems of one.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, metavar="N", help="Songs in work at the same time; 0: one for every two cores.")
    ] = 0,
    address: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT", help="A Ray cluster that sees the same files; this machine if it is left out."
        ),
    ] = "",
    memory: Annotated[
        float, typer.Option(min=500, metavar="MB", help="A worker that has held more is replaced after its song.")
    ] = 4000,
    separator: Annotated[
        str, typer.Option("--separator", "-s", metavar="NAME", help="For stereo songs; see `faderwise separators`.")
    ] = "",
    separation: Annotated[
        bool, typer.Option("--separation/--no-separation", help="Separate references to learn from their groups.")
    ] = True,
    intensity: Annotated[
        list[str] | None,
        typer.Option(metavar="[NAME=]0-100", help="How far to go, in per cent; may be repeated.", show_default=False),
    ] = None,
    loudness: Annotated[
        float | None, typer.Option(metavar="LUFS", help="Loudness of the mixes; by default what each session asks for.")
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="The learned controller's answer alone, without a search.")
    ] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="Of what is drawn at random.")] = 0,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Mix every song after every reference, several at a time, and tell what came of each in a table.

    A song that cannot be mixed fails alone. Run again after an interrupt, and what is done is not done again. Each
    song gets a folder with a session and a mix for each reference; your own files stay as they are.
    """
    from interfaces.batch.catalogue import Wish, jobs_of, songs_in
    from interfaces.batch.pool import Crew
    from interfaces.batched import batched, check_done, print_results, results_document
    from interfaces.output import json_document
    from interfaces.progress import progress

    wish = Wish(prompt, tuple(intensity or ()), loudness, seed, separation, separator, fast)
    jobs = jobs_of(songs_in(songs, whole=whole), reference or [], wish)
    with progress(verbose) as report:
        rows = batched(jobs, output, Crew(workers, address, memory), force=force, progress=report)
    if as_json:
        json_document(results_document(rows, output))
    else:
        print_results(rows, output)
    check_done(rows, output)
