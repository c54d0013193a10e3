"""``faderwise serve`` as a process of its own, whose connections to anywhere else are written down and refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from separation.models import CACHE_VARIABLE

START_S = 300.0
GUARDED = """
import socket, sys
real_connect, real_look = socket.socket.connect, socket.getaddrinfo
def note(what):
    with open(sys.argv[1], "a") as file:
        file.write(f"{what}\\n")
def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
        note(address)
        raise OSError("nobody is called")
    return real_connect(self, address)
def look(host, *rest, **more):
    if host not in ("127.0.0.1", "::1", "localhost", None):
        note(host)
    return real_look(host, *rest, **more)
socket.socket.connect, socket.getaddrinfo = connect, look
from interfaces.cli import main
sys.exit(main(sys.argv[2:]))
"""


@dataclass
class Served:
    """A running studio: its process, its address, and what it said on stderr."""

    process: subprocess.Popen[str]
    address: str
    temporary: Path
    called: Path
    said: list[str] = field(default_factory=list)


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """A studio on a free port that programs can reach; it is killed afterwards, if it has not ended by itself."""
    temporary, called = folder / "temporary", folder / "called.txt"
    temporary.mkdir()
    environment = os.environ | {"TMPDIR": str(temporary), CACHE_VARIABLE: str(temporary / "cache")}
    process = subprocess.Popen(
        [sys.executable, "-c", GUARDED, str(called), "serve", "--port", "0", "--json", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    text = ""
    while not text.endswith("}\n"):
        read = process.stdout.readline()
        assert read, process.stderr.read()
        text += read
    running = Served(process, json.loads(text)["address"], temporary, called)
    loaded = threading.Event()

    def listen(lines: Any) -> None:
        for line in lines:
            running.said.append(line.strip())
            if "programs can connect" in line:
                loaded.set()

    listener = threading.Thread(target=listen, args=(process.stderr,), daemon=True)
    listener.start()
    assert loaded.wait(START_S), running.said
    yield running
    process.kill()
    process.wait()
    listener.join(10)
    process.stdout.close()
    process.stderr.close()
