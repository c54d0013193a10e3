"""Gradio's side of the studio: its queue and its files, reduced to what programs need, with no place on this machine.

Gradio's protocol tells clients where it keeps their files. Here that folder goes by another name of the same length, in
what is answered and in what is asked, so that nothing else of either has to change.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.gate import refuse
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.studio import Studio

PREFIX = "/gradio_api"
_FILE = f"{PREFIX}/file="
_ALLOWED = {
    "GET": re.compile(rf"/config|{PREFIX}/(info|queue/data|heartbeat/[\w-]+|call/\w+/\w+)"),
    "POST": re.compile(rf"{PREFIX}/(upload|queue/join|cancel|reset|call/(v2/)?\w+)"),
}
_MCP = re.compile(rf"{PREFIX}/mcp/?")
_BODY_BYTES = 32 * 2**20
"""Of a call: sessions with a long history are large, files go another way."""
_UPLOAD_SHARE = 2
_FRESH_S, _OLD_S = 600, 3600
"""How often Gradio looks for files that are older than an hour, and deletes them."""
_CALLS = 16
_LOADING_S = 60.0


def gradio_app(studio: Studio, uploads: Path, *, mcp: bool) -> FastAPI:
    """The application of Gradio; importing it takes seconds. It calls nobody: no analytics, no look for updates."""
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": str(uploads), "GRADIO_MCP_SERVER": "False"}
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gradio as gr
    from gradio.events import api

    from interfaces.web.studio.programs import Programs

    with gr.Blocks(mode="server", analytics_enabled=False, delete_cache=(_FRESH_S, _OLD_S)) as blocks:
        for name, function in Programs(studio, uploads).endpoints().items():
            api(function, api_name=name, concurrency_limit=studio.limits.workers, concurrency_id="work")
    blocks.queue(max_size=_CALLS, api_open=False)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        pwa=False,
        footer_links=[],
        max_file_size=studio.limits.file_bytes,
        show_error=True,
        mcp_server=mcp,
    )
    return app


class ProgramGate:
    """ASGI middleware in front of Gradio: lets through what a client needs, and renames the folder of the files."""

    def __init__(self, app: ASGIApp, uploads: Path, limits: Limits, *, mcp: bool) -> None:
        self._app, self._uploads, self._limits, self._mcp = app, uploads, limits, mcp
        self._real = str(uploads).encode()
        self._alias = alias_of(uploads).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        inner = dict(scope)
        inner["headers"] = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        if path.startswith(_FILE):
            inner |= self._file(path, scope["method"])
            await self._app(inner, receive, send)
            return
        allowed = _ALLOWED.get(scope["method"])
        to_mcp = self._mcp and _MCP.fullmatch(path)
        if not to_mcp and (allowed is None or not allowed.fullmatch(path)):
            raise Refused(404, "there is nothing at this address: see docs/api.md for what programs may ask")
        if path == f"{PREFIX}/upload":
            self._room()
        elif scope["method"] == "POST":
            receive = await self._renamed(receive)

        async def renaming(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = bytes(message.get("body", b"")).replace(self._real, self._alias)
                message = {**message, "body": body}
            await send(message)

        await self._app(inner, receive, renaming)

    def _file(self, path: str, method: str) -> dict[str, object]:
        """Of the request for a file: where it really lies."""
        asked = path.removeprefix(_FILE)
        alias = self._alias.decode()
        if method not in ("GET", "HEAD") or not asked.startswith(f"{alias}/") or ".." in Path(asked).parts:
            raise Refused(404, "there is no such file here, or no more: make it again")
        real = _FILE + str(self._uploads) + asked.removeprefix(alias)
        return {"path": real, "raw_path": real.encode()}

    def _room(self) -> None:
        used = sum(file.stat().st_size for file in self._uploads.rglob("*") if file.is_file())
        if used > self._limits.workspace_bytes * _UPLOAD_SHARE:
            raise Refused(413, "too many files of programs are here: wait an hour, until older ones are deleted")

    async def _renamed(self, receive: Receive) -> Receive:
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                break
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > _BODY_BYTES:
                raise Refused(413, "the request is too large: send files with handle_file")
        told = bytes(body).replace(self._alias, self._real)
        if _holds_a_link(told):
            raise Refused(400, "files are sent here, links are not followed: use handle_file with a file")
        pieces: Iterable[Message] = iter([{"type": "http.request", "body": told, "more_body": False}])

        async def replayed() -> Message:
            for piece in pieces:
                return piece
            return await receive()

        return replayed


def _holds_a_link(body: bytes) -> bool:
    """Whether a file in a call lies elsewhere: Gradio would go and get it, and this machine calls nobody."""
    try:
        waiting: list[object] = [json.loads(body)]
    except (ValueError, RecursionError):
        return False
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            path = value.get("path")
            if isinstance(path, str) and "://" in path:
                return True
        elif isinstance(value, list):
            waiting += value
    return False


def alias_of(folder: Path) -> str:
    """What programs are told instead of a folder: as long as its real place, and nowhere.

    >>> alias_of(Path("/anywhere/studio-12345678/programs"))
    '/faderwise/files__________________'
    """
    return "/faderwise/files".ljust(len(str(folder)), "_")


class Programs:
    """Gradio as an ASGI application that is loaded while the page is served already; what comes before then waits."""

    def __init__(self, studio: Studio, ready: Callable[[], None], *, mcp: bool) -> None:
        self._studio, self._ready, self._mcp = studio, ready, mcp
        self._gate: ProgramGate | None = None
        self._loaded = asyncio.Event()

    async def live(self) -> None:
        """Load it, and keep it alive until this is cancelled."""
        uploads = self._studio.run.path / "programs"
        uploads.mkdir(mode=0o700)
        app = await asyncio.to_thread(gradio_app, self._studio, uploads, mcp=self._mcp)
        async with app.router.lifespan_context(app):
            self._gate = ProgramGate(app, uploads, self._studio.limits, mcp=self._mcp)
            self._loaded.set()
            self._ready()
            await asyncio.Event().wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] != "/config" and not scope["path"].startswith(PREFIX):
                raise Refused(404, "there is nothing at this address: open the studio at /")
            async with asyncio.timeout(_LOADING_S):
                await self._loaded.wait()
            if self._gate is not None:
                await self._gate(scope, receive, send)
        except TimeoutError:
            await refuse(send, 503, "what programs need is still being loaded: try again")
        except Refused as refusal:
            await refuse(send, refusal.status, str(refusal))
