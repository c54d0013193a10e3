"""What stands in front of every request: whose page it comes from, by which name, and what may be done with the answer.

A page of another site must not reach a server on this machine through the user's own browser: requests by a foreign
name (DNS rebinding), from a foreign page, or without the header that no form can send are turned away here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interfaces.web.studio.studio_page import POLICY

HEADER = "x-faderwise"
_PROGRAMS = "/gradio_api"
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Gate:
    """ASGI middleware.

    Args:
        hosts: the names that the server goes by, without ports; None where it is open to a network, by any name.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, marked)
        else:
            await refuse(marked, *refusal)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            return 403, "this name is not the studio's: open the address that `faderwise serve` printed"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "this request comes from another site's page: open the studio's own"
        alone = scope["method"] in ("GET", "HEAD")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not (
            alone and scope["path"] == "/"
        ):
            return 403, "this request comes from another site's page: open the studio's own"
        if not alone and not scope["path"].startswith(_PROGRAMS) and HEADER not in headers:
            return 403, "the header X-Faderwise is missing: send it with whatever changes something"
        return None


def _name(host: str) -> str:
    """The name in a Host header, without its port; empty where it is none.

    >>> _name("localhost:7860"), _name("[::1]:7860"), _name("a b")
    ('localhost', '::1', '')
    """
    try:
        return (urlsplit(f"//{host}").hostname or "") if " " not in host else ""
    except ValueError:
        return ""


async def refuse(send: Send, status: int, line: str) -> None:
    """Answer with one line."""
    body = json.dumps({"error": line}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
