"""``separate``, ``separators`` and ``models``: a song without its multitracks becomes stems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import Force, Json, Verbose

_Separator = Annotated[
    str | None,
    typer.Option("--separator", "-s", metavar="NAME", help="As `faderwise separators` lists them.", show_default=False),
]
_Weights = Annotated[
    Path | None,
    typer.Option(
        "--model", metavar="PATH", help="Weights of your own: a file, or a folder of files.", show_default=False
    ),
]
_Device = Annotated[str, typer.Option(metavar="cpu|cuda|mps", help="Where to compute.")]


def separate(
    songs: Annotated[
        list[Path], typer.Argument(metavar="SONG...", help="Audio files, or folders of them.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Folder of the stems; one in it for each of several songs."),
    ] = None,
    separator: _Separator = None,
    stems: Annotated[
        str | None, typer.Option(metavar="LIST", help="Only these stems: vocals,drums.", show_default=False)
    ] = None,
    two_stems: Annotated[
        str | None, typer.Option(metavar="STEM", help="This stem, and the song without it.", show_default=False)
    ] = None,
    minus: Annotated[
        str | None, typer.Option(metavar="STEM", help="The song without this stem.", show_default=False)
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(metavar="LEVELS", help="The song with other levels: 'vocals=-6dB,drums=off'.", show_default=False),
    ] = None,
    file_format: Annotated[str, typer.Option("--format", metavar="wav|flac|ogg", help="Of the stems.")] = "wav",
    bits: Annotated[
        str | None, typer.Option(metavar="16|24|float", help="float for WAV, 24 for FLAC by default.")
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="TEMPLATE", help="Of the files; may hold {stem}, {song}, {separator}.")
    ] = "{stem}",
    model: _Weights = None,
    device: _Device = "cpu",
    segment: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds looked at at once: less needs less memory.")
    ] = None,
    overlap: Annotated[
        float | None, typer.Option(metavar="0-0.9", help="Share that neighbouring segments have in common.")
    ] = None,
    shifts: Annotated[int, typer.Option(metavar="N", help="Average N passes, each delayed a little more.")] = 1,
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Separate songs into stems, each song with a session of them.

    The stems add up to the song, and `faderwise render` of the session gives it back.
    """
    from interfaces.output import json_document
    from interfaces.progress import progress
    from interfaces.separating import (
        Wish,
        checked_format,
        folders_for,
        print_separated,
        separate_all,
        separated_document,
        songs_in,
    )
    from separation.separator import Options

    wish, form = Wish(stems, two_stems, minus, keep), checked_format(file_format, bits, name)
    chosen = wish.separator(separator)
    options = Options(device, segment, overlap, shifts, model)
    found = songs_in(songs)
    folders = folders_for(found, output)
    with progress(verbose) as report:
        done = separate_all(found, folders, chosen, options, wish, form, force=force, progress=report)
    if as_json:
        json_document(separated_document(found, done, chosen))
    else:
        print_separated(done)


def separators(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """List the separators: their stems, licences, and what is missing."""
    from interfaces.output import json_document
    from interfaces.separating import print_separators, separators_document

    if context.invoked_subcommand is not None:
        return
    if as_json:
        json_document(separators_document())
    else:
        print_separators()


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="A folder of tracks for each song, or MUSDB18.", show_default=False),
    ],
    separator: Annotated[
        list[str] | None,
        typer.Option("--separator", "-s", metavar="NAME", help="May be repeated; the default if none is given."),
    ] = None,
    musdb: Annotated[
        str | None, typer.Option(metavar="18|18-hq", help="FOLDER is MUSDB18: score its test part.", show_default=False)
    ] = None,
    museval: Annotated[
        bool, typer.Option("--museval", help="Also museval's SDR, SIR, ISR, SAR: two seconds for each of audio.")
    ] = False,
    model: _Weights = None,
    device: _Device = "cpu",
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Score separators on songs whose stems are known: global SDR, time, and what is left of the sum."""
    from interfaces.output import json_document
    from interfaces.progress import progress
    from interfaces.separator_scores import print_scores, scored, scores_document
    from separation.separator import Options

    with progress(verbose) as report:
        scores = scored(folder, separator or [], Options(device, weights=model), musdb, museval, report)
    if as_json:
        json_document(scores_document(scores))
    else:
        print_scores(scores)


def models(context: typer.Context) -> None:
    """List the optional models and whether they are on this machine."""
    from interfaces.separating import print_models

    if context.invoked_subcommand is None:
        print_models()


def get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `faderwise models` lists them.", show_default=False)],
    accept_license: Annotated[
        bool, typer.Option("--accept-license", help="You have read the licence of the weights and accept it.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask the network, only check what is there.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Download the weights of an optional model, or finish a download that broke off."""
    from interfaces.output import line
    from interfaces.progress import progress
    from separation.download import get_model
    from separation.models import model

    with progress(verbose) as report:
        paths = get_model(model(name), accept_license=accept_license, offline=offline, progress=report)
    for path in paths:
        line(f"ready {path}")


def groups() -> dict[str, typer.Typer]:
    """``separators`` and ``models``, each a list by itself and with a verb of its own."""
    listing = typer.Typer(invoke_without_command=True)
    listing.callback(epilog="Example: faderwise separators")(separators)
    listing.command("evaluate", epilog="Example: faderwise separators evaluate multitracks/ -s spleeter-4")(evaluate)
    weights = typer.Typer(invoke_without_command=True)
    weights.callback(epilog="Example: faderwise models")(models)
    weights.command("get", epilog="Example: faderwise models get htdemucs --accept-license")(get)
    return {"separators": listing, "models": weights}
