"""Chromium without a window, spoken to over a pipe in its own DevTools protocol: no driver, no network."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import re
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

_TOOL = "chromium"
_LOWEST_DESCRIPTOR = 20
"""Chromium reads 3 and writes 4; ours must not be in the way while they are put there."""
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def needs_chromium() -> str:
    """The browser; the test is skipped where there is none, unless the machine is one that must have it."""
    found = shutil.which(_TOOL)
    if found is None:
        reason = f"{_TOOL} is not installed (Debian and Ubuntu: apt-get install chromium)"
        if os.environ.get("FADERWISE_NO_SKIP") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class PageError(AssertionError):
    """What a page threw."""


class Chromium:
    """One browser with one page. ``errors`` and ``requests`` tell what the page logged as errors and asked for."""

    def __init__(self, profile: Path) -> None:
        tool = needs_chromium()
        to_read, self._to = _pipe()
        self._from, to_write = _pipe()
        started = f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", started, tool, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._buffer = b""
        self._asked = 0
        self._session: str | None = None
        self.errors: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session = None
        with contextlib.suppress(PageError, TimeoutError, BrokenPipeError):
            self.call("Browser.close", timeout_s=5)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def call(self, method: str, *, timeout_s: float = 120, **params: Any) -> dict[str, Any]:
        """One command of the protocol and its answer."""
        self._asked += 1
        message: dict[str, Any] = {"id": self._asked, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        _write(self._to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + timeout_s
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._asked:
                if "error" in answer:
                    raise PageError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError("Chromium does not answer")
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise PageError("Chromium has ended")
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        read: dict[str, Any] = json.loads(message)
        return read

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(_thrown(params["exceptionDetails"]))
        elif event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])
        elif event.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def run(self, expression: str, *arguments: Any, timeout_s: float = 120) -> Any:
        """The value of a JavaScript expression, awaited; with arguments, of a function that is called with them."""
        if arguments:
            expression = f"({expression})({', '.join(json.dumps(argument) for argument in arguments)})"
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
            timeout_s=timeout_s,
        )
        if "exceptionDetails" in answer:
            raise PageError(_thrown(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait_for(self, condition: str, timeout_s: float = 60) -> None:
        """Until the expression is true."""
        deadline = time.monotonic() + timeout_s
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"this did not become true: {condition}")
            time.sleep(0.05)

    def version(self) -> str:
        """The browser's name and version."""
        return str(self._of_browser("Browser.getVersion")["product"])

    def cpu_seconds(self) -> float:
        """Processor time that pages have taken so far, all threads together."""
        return float(sum(process["cpuTime"] for process in self._pages()))

    def memory_mb(self) -> float:
        """What the largest page holds in memory that is its own."""
        texts = [Path(f"/proc/{process['id']}/status").read_text() for process in self._pages()]
        return max(int(text.split("RssAnon:")[1].split()[0]) for text in texts) / 1024

    def _pages(self) -> list[dict[str, Any]]:
        processes = self._of_browser("SystemInfo.getProcessInfo")["processInfo"]
        return [process for process in processes if process["type"] == "renderer"]

    def _of_browser(self, method: str) -> dict[str, Any]:
        """A command that is not about the page."""
        session, self._session = self._session, None
        try:
            return self.call(method)
        finally:
            self._session = session

    def resize(self, width: int, height: int, *, mobile: bool = False, dark: bool = False) -> None:
        """The size of the page in CSS pixels, and which colours it prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)

    def screenshot(self, path: Path) -> None:
        """The page as it is seen, as a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """A mouse event: mousePressed, mouseReleased, mouseMoved or mouseWheel."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def touch(self, kind: str, *place: float) -> None:
        """A finger: touchStart and touchMove at x and y, touchEnd."""
        points = [dict(zip("xy", place, strict=True))] if place else []
        self.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def click(self, selector: str, count: int = 1) -> None:
        """Press the middle of the first element that fits."""
        x, y = self.middle(selector)
        for press in range(1, count + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.mouse(kind, x, y, button="left", clickCount=press)

    def choose_files(self, selector: str, *paths: Path) -> None:
        """Take files in the dialog of a file field."""
        root = self.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path) for path in paths])

    def drop_files(self, selector: str, *paths: Path) -> None:
        """Let files or folders fall onto the middle of the first element that fits."""
        x, y = self.middle(selector)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def middle(self, selector: str) -> tuple[float, float]:
        """Where an element's middle is, in CSS pixels."""
        box = self.run(
            "(s) => { const e = document.querySelector(s); e.scrollIntoView({block: 'center', inline: 'center'});"
            " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; }",
            selector,
        )
        return box[0], box[1]

    def key(self, key: str, text: str = "", modifiers: int = 0) -> None:
        """A key that is pressed and let go; 8 is shift."""
        common: dict[str, Any] = {"key": key, "modifiers": modifiers, "windowsVirtualKeyCode": _CODES.get(key, 0)}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)


_CODES = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35, "PageUp": 33, "Tab": 9}


def _thrown(details: dict[str, Any]) -> str:
    said = str(details.get("exception", {}).get("description") or details.get("text"))
    return re.sub(r"data:text/javascript[^:\s]*", "script", said)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _pipe() -> tuple[int, int]:
    ends = []
    for end in os.pipe():
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _LOWEST_DESCRIPTOR))
        os.close(end)
    return ends[0], ends[1]
