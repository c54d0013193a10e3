"""Language models by the Model Context Protocol; skipped where its package is not installed."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.interfaces.conftest import Faderwise
from tests.interfaces.web.studio.served import serving
from tests.signals import RATE, sine

INSTALLED = find_spec("mcp") is not None


def spelt_out(hz: float) -> str:
    """A second of a tone as a ``data:`` URL."""
    file = io.BytesIO()
    soundfile.write(file, 0.3 * sine(hz, 1.0).T, RATE, format="FLAC")
    return f"data:audio/flac;base64,{base64.b64encode(file.getvalue()).decode()}"


async def conversation(address: str) -> tuple[set[str], Any]:
    """The tools that are offered, and what one of them answers."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    url = f"{address}gradio_api/mcp/"
    async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        tools = await session.list_tools()
        answer = await session.call_tool("session", {"stems": [spelt_out(100), spelt_out(200)], "name": "Song"})
        return {tool.name for tool in tools.tools}, answer


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED, reason="the package mcp is not installed (pip install 'faderwise[mcp]')")
def test_a_language_model_can_use_the_programs(tmp_path: Path) -> None:
    with serving(tmp_path, "--mcp") as served:
        tools, answer = asyncio.run(conversation(served.address))
        assert not served.called.exists()
    assert tools == {"session", "suggest", "render", "separate"}
    assert not answer.isError
    assert "faderwise-session/1" in answer.content[0].text
    assert str(tmp_path) not in json.dumps([part.text for part in answer.content])


@pytest.mark.skipif(INSTALLED, reason="the package mcp is installed")
def test_without_its_package_it_says_how_to_get_it(faderwise: Faderwise) -> None:
    ran = faderwise("serve", "--mcp")
    assert (ran.code, "pip install 'faderwise[mcp]'" in ran.error) == (2, True)
