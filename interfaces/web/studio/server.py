"""The studio as a server: its routes and its programs behind one gate, and how it starts and ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp

from interfaces.web.studio.answers import BUG
from interfaces.web.studio.gate import Gate
from interfaces.web.studio.listening import LOOPBACK
from interfaces.web.studio.program_routes import Programs
from interfaces.web.studio.routes import routes
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.visit import answer
from mixer.session import Session
from style_transfer.prompt.understand import understand

_SWEEP_S = 60.0
_PATIENCE_S = 2
"""How long connections may go on after the server was told to end."""


def studio_app(
    studio: Studio,
    hosts: Iterable[str] | None = LOOPBACK,
    programs: Callable[[], None] | None = None,
    *,
    mcp: bool = False,
) -> ASGIApp:
    """The ASGI application.

    Args:
        hosts: the names that requests may call the server by; None for any.
        programs: called when Gradio's endpoints are there, which are loaded in the background for seconds; without it
            there are none.
        mcp: whether they answer language models by the Model Context Protocol too.
    """
    api = None if programs is None else Programs(studio, programs, mcp=mcp)

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        del app
        tasks = [asyncio.create_task(_sweep(studio))]
        if api is not None:
            tasks.append(asyncio.create_task(api.live()))
        threading.Thread(target=_warm, daemon=True).start()
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(studio.close)

    rest = [] if api is None else [Mount("/", api)]
    app = Starlette(routes=[*routes(studio), *rest], lifespan=life)
    app.add_exception_handler(404, _not_found)
    app.add_exception_handler(405, _not_found)
    app.add_exception_handler(Exception, _bug)
    return Gate(app, hosts)


async def _sweep(studio: Studio) -> None:
    while True:
        await asyncio.sleep(_SWEEP_S)
        await asyncio.to_thread(studio.expire)


def _warm() -> None:
    """The first prompt is understood as quickly as the others."""
    understand("vocals up", Session(name="nothing", sample_rate=44100, tracks=[]))


async def _not_found(request: Request, error: Exception) -> Response:
    del request, error
    return answer({"error": "there is nothing at this address: open the studio at /"}, 404)


async def _bug(request: Request, error: Exception) -> Response:
    del request, error
    return answer({"error": BUG}, 500)


class Server(uvicorn.Server):
    """Runs the application until it is interrupted; work that goes on is told first."""

    def __init__(self, studio: Studio, app: ASGIApp, ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="critical",
                access_log=False,
                server_header=False,
                date_header=False,
                lifespan="on",
                timeout_graceful_shutdown=_PATIENCE_S,
                ws="none",
            )
        )
        self._studio, self._ready = studio, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C, or a kind request to end; a second one does not wait for anybody."""
        del sig, frame
        self.force_exit = self.should_exit
        self.end()

    def end(self) -> None:
        """Take no more work, and end."""
        self._studio.closing = True
        self.should_exit = True


def run(
    place: socket.socket,
    hosts: Iterable[str] | None,
    ready: Callable[[], None],
    programs: Callable[[], None],
    *,
    mcp: bool = False,
    session: Path | None = None,
) -> None:
    """Serve at a socket until it is interrupted; ``ready`` and ``programs`` are called when page and API can come.

    Args:
        session: the file of one that pages open by themselves.
    """
    studio = Studio(given=session)
    try:
        server = Server(studio, studio_app(studio, hosts, programs, mcp=mcp), ready)
        server.run(sockets=[place])
    finally:
        studio.close()
