"""A studio that really listens, and one that is spoken to without a network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from interfaces.web.studio import songs
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.listening import address_of, listening
from interfaces.web.studio.server import Server, studio_app
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.visit import COOKIE
from mixer.progress import silent

OURS = {"X-Faderwise": "1"}
HOST = "http://127.0.0.1"
PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Running:
    """A studio that listens on a free port of this machine."""

    address: str
    """As a browser opens it, with a slash at its end."""
    studio: Studio

    def demo_token(self) -> str:
        """The value of the cookie of a new browser in which the demo song is open already."""
        owner = self.studio.new_owner()
        songs.demo(self.studio.workspace(owner), silent)
        return owner.token

    def client(self, token: str | None = None) -> httpx.Client:
        """A browser without a window; that of a token, or a new one."""
        cookies = {} if token is None else {COOKIE: token}
        return httpx.Client(base_url=self.address, headers=OURS, cookies=cookies, timeout=60)


@pytest.fixture(scope="module")
def studio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server in a thread, on a port of its own; its workspaces are gone afterwards."""
    studio = Studio(parent=tmp_path_factory.mktemp("studio"))
    place = listening("127.0.0.1", 0)
    server = Server(studio, studio_app(studio))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_S
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    yield Running(address_of(place, "127.0.0.1"), studio)
    server.end()
    thread.join(20)
    place.close()


class Page:
    """One browser, spoken to without a network."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def state(self) -> dict[str, Any]:
        """The present state."""
        found: dict[str, Any] = self.client.get("/studio/state").json()
        return found

    def post(self, path: str, body: dict[str, Any] | None = None, expect: int = 200) -> dict[str, Any]:
        """An answer, which must have this status."""
        response = self.client.post(f"/studio/{path}", json=body or {})
        assert response.status_code == expect, response.text
        found: dict[str, Any] = response.json()
        return found

    def upload(self, content: bytes, name: str = "a.wav", kind: str = "stem", expect: int = 200) -> dict[str, Any]:
        """What becomes of a file."""
        response = self.client.post("/studio/upload", params={"kind": kind, "name": name}, content=content)
        assert response.status_code == expect, response.text
        found: dict[str, Any] = response.json()
        return found

    def job(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A job at its end, whatever that was."""
        return self.ended(self.post(path, body, expect=202)["job"]["id"])

    def ended(self, job_id: str) -> dict[str, Any]:
        """A job that is under way, at its end."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            job: dict[str, Any] = self.client.get(f"/studio/jobs/{job_id}", params={"wait": 10}).json()
            if job["status"] not in ("queued", "running"):
                return job
        raise AssertionError("the job does not end")

    def done(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of a job, which must not fail."""
        job = self.job(path, body)
        assert job["status"] == "done", job
        found: dict[str, Any] = job["result"]
        return found


Open = Callable[[], Page]


@pytest.fixture
def small_limits() -> Limits:
    """What the studio of a test takes; a test module may have others."""
    return Limits()


@pytest.fixture
def studio(tmp_path: Path, small_limits: Limits) -> Iterator[Studio]:
    """A studio without a server."""
    made = Studio(small_limits, parent=tmp_path)
    yield made
    made.close()


@pytest.fixture
def browser_window(studio: Studio) -> Iterator[Open]:
    """Opens pages of the studio, each as another browser."""
    app = studio_app(studio)
    opened: list[TestClient] = []

    def window() -> Page:
        opened.append(TestClient(app, base_url=HOST, headers=OURS))
        return Page(opened[-1])

    yield window
    for client in opened:
        client.close()


@pytest.fixture
def page(browser_window: Open) -> Page:
    """One browser."""
    return browser_window()
