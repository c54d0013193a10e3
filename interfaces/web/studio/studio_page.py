"""The page of the studio: its scripts and styles come as files of their own, its contents from the server's state."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from interfaces.dsp.worklet_script import schema, worklet_text
from interfaces.web.page import json_for_html, static_text
from interfaces.web.player import colours_document
from interfaces.web.studio.limits import Limits
from mixer.roles import Group, Role
from mixer.session import LOUDNESS
from style_transfer.controller.weights import has_weights

STATIC = "/studio/static"
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load: nothing from anywhere else, and no script that stands in the page itself."""
_STYLES = ("console.css", "studio.css", "suggestions.css", "look.css")
_WORKLETS = {"worklet.js": "console", "response.js": "response"}
_TYPES = {"js": "text/javascript", "css": "text/css"}


def studio_page(limits: Limits, session: Path | None = None) -> str:
    """The page, as text of HTML; ``session`` is the file that the studio was started with."""
    given = {
        "schema": schema(),
        "colours": colours_document(),
        "urls": {"worklet": f"{STATIC}/worklet.js", "response": f"{STATIC}/response.js"},
        "roles": {group.value: [role.value for role in Role if role.group is group] for group in Group},
        "groups": [group.value for group in Group],
        "limits": limits.document(),
        "fast": has_weights(),
        "session": None if session is None else session.name,
        "loudness": {"low": LOUDNESS.low, "high": LOUDNESS.high},
        "version": version("faderwise"),
    }
    styles = [f'<link rel="stylesheet" href="{STATIC}/{name}">' for name in _STYLES if name in static_names()]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<title>Faderwise</title>",
            '<link rel="icon" href="data:,">',
            *styles,
            '</head><body class="fw"><noscript>This page mixes in the browser: allow its scripts.</noscript>',
            f'<script type="application/json" id="given">{json_for_html(given)}</script>',
            f'<script type="module" src="{STATIC}/studio.js"></script>',
            "</body></html>\n",
        ]
    )


@cache
def static_names() -> frozenset[str]:
    """Every script and style that the page may ask for."""
    folder = files("interfaces") / "web" / "static"
    found = {file.name for file in folder.iterdir() if file.name.rpartition(".")[2] in _TYPES}
    return frozenset(found | set(_WORKLETS))


@cache
def static_file(name: str) -> tuple[bytes, str, str] | None:
    """Content, type and tag of a script or style; None where there is none of this name."""
    if name not in static_names():
        return None
    content = (worklet_text(_WORKLETS[name]) if name in _WORKLETS else static_text(name)).encode()
    return content, _TYPES[name.rpartition(".")[2]], f'"{hashlib.sha256(content).hexdigest()[:32]}"'
