"""``demo``: a whole mix of the song that ships with Faderwise, to look at and to listen to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import Force, Json, Verbose


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where to leave it.")] = Path(
        "faderwise-demo"
    ),
    force: Force = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Mix the demo song, to look at and to listen to.

    Leaves a session, the mix, the raw sum, the reference, and why each knob moved.
    """
    from interfaces.demonstration import checked_place, make_demo, print_demo
    from interfaces.output import json_document
    from interfaces.progress import progress

    place = checked_place(output, force=force)
    with progress(verbose) as report:
        made = make_demo(place, report)
    if as_json:
        json_document(made)
    else:
        print_demo(made)
