"""Getting weights: from a server on this machine that can break off, lie and refuse."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mixer.errors import ModelError, UsageError
from separation.download import get_model
from separation.models import CACHE_VARIABLE, MODELS, Model, WeightsFile, cache_folder, weights_files
from separation.registry import open_separator, separators

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves ``CONTENT`` and remembers what was asked for.

    Attributes:
        breaks_after: bytes after which the next answer breaks off.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges: list[str | None] = []
        self.breaks_after: int | None = None
        self.knows_ranges = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/model.th"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        if "absent" in self.path:
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.knows_ranges else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        stop, self.server.breaks_after = self.server.breaks_after, None
        self.wfile.write(CONTENT[start : len(CONTENT) if stop is None else start + stop])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv("FADERWISE_OFFLINE", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


def model(url: str, sha256: str = SHA256[:8], *, commercial: bool = True) -> Model:
    return Model("small", (WeightsFile("model.th", url, sha256),), "CC BY-NC", commercial, "Not for profit.", 1)


def test_a_download_lands_whole_and_only_once(server: Server, cache: Path) -> None:
    told: list[tuple[float, str]] = []
    (path,) = get_model(model(server.url), progress=lambda *what: told.append(what))
    assert path == cache / "models" / "small" / "model.th"
    assert path.read_bytes() == CONTENT
    assert told[-1] == (1.0, "downloading model.th")
    get_model(model(server.url))
    assert len(server.ranges) == 1


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_broken_download_is_resumed(server: Server, cache: Path, knows_ranges: bool) -> None:
    server.breaks_after, server.knows_ranges = 300_000, knows_ranges
    with pytest.raises(ModelError, match="again to resume"):
        get_model(model(server.url))
    assert [path.name for path in (cache / "models" / "small").iterdir()] == ["model.th.part"]
    (path,) = get_model(model(server.url))
    assert server.ranges == [None, "bytes=300000-"]
    assert path.read_bytes() == CONTENT


def test_what_was_complete_but_not_renamed_is_not_asked_for_again(server: Server, cache: Path) -> None:
    folder = cache / "models" / "small"
    folder.mkdir(parents=True)
    (folder / "model.th.part").write_bytes(CONTENT)
    assert get_model(model(server.url))[0].read_bytes() == CONTENT


def test_other_content_is_refused_and_removed(server: Server, cache: Path) -> None:
    with pytest.raises(ModelError, match="SHA-256"):
        get_model(model(server.url, "0" * 64))
    assert list((cache / "models" / "small").iterdir()) == []


def test_a_licence_has_to_be_accepted_first(server: Server) -> None:
    limited = model(server.url, commercial=False)
    with pytest.raises(UsageError, match=r"Not for profit.*--accept-license"):
        get_model(limited)
    assert server.ranges == []
    get_model(limited, accept_license=True)


def test_offline_means_offline(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="network is not to be used"):
        get_model(model(server.url), offline=True)
    monkeypatch.setenv("FADERWISE_OFFLINE", "1")
    with pytest.raises(ModelError, match="network is not to be used"):
        get_model(model(server.url))
    assert server.ranges == []


def test_servers_that_fail_are_named(server: Server) -> None:
    with pytest.raises(ModelError, match="404"):
        get_model(model(server.url.replace("model", "absent")))
    with pytest.raises(ModelError, match="cannot be downloaded"):
        get_model(model("http://127.0.0.1:9/model.th"))  # nothing listens on the discard port


def test_a_local_file_can_be_the_source(tmp_path: Path) -> None:
    (tmp_path / "published.th").write_bytes(CONTENT)
    (path,) = get_model(model((tmp_path / "published.th").as_uri()))
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["htdemucs", "umxl"])
def test_absent_weights_are_an_error_that_says_how_to_get_them(name: str) -> None:
    if name == "htdemucs":
        pytest.importorskip("demucs", reason="needs pip install 'faderwise[demucs]'")
    with pytest.raises(ModelError, match=f"faderwise models get {name}"):
        open_separator(name)


def test_changed_weights_in_the_cache_are_refused(cache: Path) -> None:
    folder = cache / "models" / "htdemucs"
    folder.mkdir(parents=True)
    (folder / MODELS["htdemucs"].files[0].name).write_bytes(b"something else")
    with pytest.raises(ModelError, match="SHA-256"):
        weights_files("htdemucs")


def test_every_separator_tells_its_licence_and_origin() -> None:
    known = separators()
    assert next(iter(known)) == "spleeter-4"
    for name, about in known.items():
        assert about.name == name
        assert about.rest in about.stems
        assert about.code_license
        assert about.weights_license
        assert about.origin
    assert {name for name, about in known.items() if about.commercial} == {"spleeter-4", "spleeter-2"}
    assert set(MODELS) == set(known) - {"spleeter-4", "spleeter-2"}


def test_the_cache_is_where_it_is_asked_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "faderwise"
