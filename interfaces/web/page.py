"""Pages that need nothing else: scripts, styles and data inside one HTML file, which also opens from disk."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

_IMPORT = re.compile(r'from "\./([\w.]+)"')


def static_text(name: str) -> str:
    """A file of ``static/``."""
    return (files("interfaces") / "web" / "static" / name).read_text(encoding="utf-8")


def script_url(text: str) -> str:
    """A script as a ``data:`` URL: what browsers take as a module or a worklet from a page on disk, unlike blobs."""
    return f"data:text/javascript;base64,{base64.b64encode(text.encode()).decode()}"


@cache
def module_text(name: str) -> str:
    """A module of ``static/``, those that it imports inside it as ``data:`` URLs.

    The same text gives the same URL, so that a module that two others import is still one module.
    """
    return _IMPORT.sub(lambda found: f'from "{script_url(module_text(found[1]))}"', static_text(name))


def json_for_html(data: Mapping[str, Any]) -> str:
    """JSON that may stand in a ``<script>``: nothing in it can end that early."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def page_html(title: str, body: str, styles: list[str], module: str, given: Mapping[str, Any]) -> str:
    """A page of our own module, with the data that it finds in ``#given``.

    ``body`` is HTML, ``title`` plain text. The policy forbids every request but for files beside the page.
    """
    policy = (
        "default-src 'none'; script-src 'self' 'unsafe-inline' data: blob: file:; worker-src data: blob:; "
        "style-src 'unsafe-inline'; connect-src data: blob:; img-src data: blob:"
    )
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>{escape(title)}</title>",
            '<link rel="icon" href="data:,">',
            f"<style>{''.join(static_text(name) for name in styles)}</style>",
            f'</head><body class="fw">{body}',
            f'<script type="application/json" id="given">{json_for_html(given)}</script>',
            f'<script type="module" src="{script_url(module_text(module))}"></script>',
            "</body></html>\n",
        ]
    )
