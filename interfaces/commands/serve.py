"""``serve``: the studio, a page on this machine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from interfaces.commands.options import Json


def serve(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where it listens; only this machine by default.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 7860,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Answer language models too, by the Model Context Protocol.")
    ] = False,
    session: Annotated[
        Path | None,
        typer.Option(metavar="SESSION", help="Open this session, or the one in this folder; the file stays as it is."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Open the studio: a page in which a song is mixed, with suggestions that can be heard at once.

    Everything stays on this machine, and everything is deleted when it ends: take what you want to keep with Export.
    """
    from interfaces.output import say
    from interfaces.web.studio.listening import LOOPBACK, address_of, listening, names_of
    from mixer.errors import UsageError

    if mcp and find_spec("mcp") is None:
        raise UsageError("--mcp: needs the package mcp; install it with `pip install 'faderwise[mcp]'`")
    given = None if session is None else _given(session)
    place = listening(host, port)
    try:
        if host not in LOOPBACK:
            too = "" if given is None else f" and hear {given.name}"
            say(f"warning: everybody who reaches {host} can use this studio{too}, without a password")
        say("starting")
        from interfaces.web.studio.server import run

        address = address_of(place, host)
        run(
            place,
            names_of(host),
            lambda: _ready(address, open_page, as_json),
            lambda: say("programs can connect too"),
            mcp=mcp,
            session=given,
        )
    finally:
        place.close()
    say("the studio is closed, and everything in it deleted")


def _given(session: Path) -> Path:
    """The session's file, where its audio is there and unchanged."""
    from interfaces.opened import open_session
    from interfaces.progress import progress

    opened = open_session(session)
    with progress() as report:
        opened.check_audio(report)
    return opened.path


def _ready(address: str, open_page: bool, as_json: bool) -> None:
    from interfaces.output import json_document, line

    if as_json:
        json_document({"address": address})
    else:
        line(f"the studio is open at {address} (Ctrl-C ends it)")
    if open_page:
        import webbrowser

        webbrowser.open(address)
