"""The verbs, put together. Importing this costs no more than typer: what a verb needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import typer

from interfaces.commands.about import doctor, params
from interfaces.commands.batch import batch
from interfaces.commands.demo import demo
from interfaces.commands.edit import accept, assign, lock, refuse, undo, unlock
from interfaces.commands.export import export
from interfaces.commands.import_project import import_project
from interfaces.commands.inspect import analyze, compare, diff
from interfaces.commands.player import player
from interfaces.commands.separate import groups, separate
from interfaces.commands.serve import serve
from interfaces.commands.song import new, render
from interfaces.commands.suggest import suggest

_VERBS: dict[str, tuple[Callable[..., None], str]] = {
    "demo": (demo, "faderwise demo -o first-mix"),
    "serve": (serve, "faderwise serve --open"),
    "new": (new, "faderwise new stems/ --name 'Blue Hour'"),
    "separate": (separate, "faderwise separate song.mp3 -o song-stems"),
    "analyze": (analyze, "faderwise analyze stems/"),
    "suggest": (suggest, "faderwise suggest stems/ --reference 'hit.flac@1:02-1:32' --reference 'other.wav*0.5'"),
    "refuse": (refuse, "faderwise refuse stems/ LdVox.eq drums reverb"),
    "accept": (accept, "faderwise accept stems/ level pan"),
    "set": (assign, "faderwise set stems/ 'LdVox.fader.gain_db=-3 dB' kick.pan=0 'snare.send.level_db+=2'"),
    "lock": (lock, "faderwise lock stems/ LdVox.fader.gain_db bass master.equalizer"),
    "unlock": (unlock, "faderwise unlock stems/ bass"),
    "undo": (undo, "faderwise undo stems/ --steps 2"),
    "diff": (diff, "faderwise diff monday.json friday.json"),
    "render": (render, "faderwise render stems/ -o mix.wav --bits 24 --loudness -14"),
    "compare": (compare, "faderwise compare mix.wav hit.flac --report compared.html"),
    "export": (export, "faderwise export stems/ --to ardour -o blue-hour"),
    "batch": (batch, "faderwise batch songs/ --reference references/ -o mixed"),
    "player": (player, "faderwise player stems/ -o for-the-band --reference hit.flac"),
    "import": (import_project, "faderwise import stems/ blue-hour/blue-hour.rpp"),
    "params": (params, "faderwise params compressor"),
    "doctor": (doctor, "faderwise doctor"),
}


def verbs() -> dict[str, str]:
    """Every verb and an example of its use."""
    return {verb: example for verb, (_, example) in _VERBS.items()}


@cache
def command() -> Any:
    """The whole command line, as typer runs it."""
    app = typer.Typer(name="faderwise", rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True, epilog="Start with: faderwise demo")(_faderwise)
    for verb, (function, example) in _VERBS.items():
        app.command(verb, epilog=f"Example: {example}")(function)
    for name, group in groups().items():
        app.add_typer(group, name=name)
    return typer.main.get_command(app)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        from interfaces.output import line

        line(f"faderwise {version('faderwise')}")
        raise typer.Exit


def _faderwise(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Mix a song from its stems after a reference: suggestions that are explained, and stay yours to change."""
    del version
    if context.invoked_subcommand is None:
        from interfaces.output import line

        line(context.get_help())
