"""``faderwise serve`` as a process of its own: what programs ask of it, whom it calls (nobody), and how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from mixer import audio
from mixer.session_file import check_audio, load
from tests.interfaces.conftest import Faderwise
from tests.interfaces.web.studio.served import Served, serving
from tests.signals import RATE, music

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[4] / "docs" / "api.md"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A studio in a process of its own."""
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two stems and a reference, where a program works."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stems").mkdir()
    for number, name in enumerate(("Kick", "LdVox"), 1):
        audio.write(tmp_path / "stems" / f"{name}.wav", np.float32(0.3) * music(5, 1, seed=number), RATE)
    audio.write(tmp_path / "hit.wav", np.float32(0.5) * music(6, 2, seed=9), RATE)
    return tmp_path


def client(served: Served, folder: Path) -> Any:
    """A Gradio client that keeps what it gets in the test's folder."""
    from gradio_client import Client

    return Client(served.address, verbose=False, analytics_enabled=False, download_files=folder / "got")


def test_the_documentations_program_runs(served: Served, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And leaves a mix that is as loud as it asked for."""
    from mixer.loudness import integrated_loudness

    (program,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert "http://127.0.0.1:7860" in program
    space: dict[str, Any] = {}
    exec(program.replace("http://127.0.0.1:7860", served.address), space)
    assert capsys.readouterr().out.count("\n") >= 3
    sound, rate = audio.read(folder / "mix.wav")
    assert integrated_loudness(sound, rate) == pytest.approx(-16, abs=0.05)
    (folder / "stems" / "faderwise.json").write_text(space["session"], encoding="utf-8")
    session = load(folder / "stems")
    check_audio(session, folder / "stems")
    assert session.history[-1].kind == "suggest"
    assert session.context.references[0].name == "hit.wav"


def test_a_song_is_separated(served: Served, folder: Path) -> None:
    from gradio_client import handle_file

    text, files = client(served, folder).predict(song=handle_file("hit.wav"), stems=2, api_name="/separate")
    session = json.loads(text)
    assert (session["name"], len(files)) == ("hit", 2)
    total = sum(audio.read(file)[0] for file in files)
    song, _ = audio.read(folder / "hit.wav")
    fader = session["tracks"][0]["settings"].get("fader", {"knobs": {"gain_db": {"value": 0.0}}})
    gain = 10 ** (fader["knobs"]["gain_db"]["value"] / 20)
    assert np.abs(gain * total - song).max() < 1e-4


def test_what_goes_wrong_is_one_line(served: Served, folder: Path) -> None:
    """A file that is no sound, a session whose file is missing, a file of this machine that was never sent."""
    from gradio_client import handle_file
    from gradio_client.exceptions import AppError

    asking = client(served, folder)
    (folder / "notes.wav").write_text("words")
    with pytest.raises(AppError, match=r"^notes.wav: is not audio"):
        asking.predict(stems=[handle_file("notes.wav")], api_name="/session")
    kick, voice = handle_file("stems/Kick.wav"), handle_file("stems/LdVox.wav")
    text, _ = asking.predict(stems=[kick, voice], api_name="/session")
    with pytest.raises(AppError, match="the file of the track 'LdVox' is not among the stems"):
        asking.predict(stems=[kick], session=text, api_name="/render")
    with pytest.raises(AppError, match="was not uploaded here"):
        asking.predict(stems=[{"path": "/etc/hostname"}], api_name="/session")
    with pytest.raises(AppError, match="nothing to go by"):
        asking.predict(stems=[kick], api_name="/suggest")
    with pytest.raises(AppError, match="is no session"):
        asking.predict(stems=[kick], session="[]", api_name="/render")


def test_links_are_not_followed(served: Served) -> None:
    """Neither by the way of a client nor by that of a plain request."""
    file = {"path": "https://example.com/a.wav", "meta": {"_type": "gradio.FileData"}}
    for path in ("queue/join", "call/session"):
        body = {"data": [[file], "x"], "fn_index": 0, "session_hash": "x"}
        answer = httpx.post(f"{served.address}gradio_api/{path}", json=body, timeout=60)
        assert (answer.status_code, "links are not followed" in answer.text) == (400, True)


def test_the_schema_names_types_and_no_places(served: Served) -> None:
    told = httpx.get(f"{served.address}gradio_api/info", timeout=60)
    endpoints = told.json()["named_endpoints"]
    assert set(endpoints) == {"/session", "/suggest", "/render", "/separate"}
    types = {one["parameter_name"]: one["python_type"]["type"] for one in endpoints["/suggest"]["parameters"]}
    assert (types["stems"], types["intensity"], types["prompt"]) == ("list[filepath]", "float", "str")
    assert all(endpoint["description"] for endpoint in endpoints.values())
    for text in (told.text, httpx.get(f"{served.address}config", timeout=60).text):
        assert not [
            place for place in (str(served.temporary), "/tmp", str(Path.home()), str(Path.cwd())) if place in text
        ]


def test_answers_name_no_places_either(served: Served) -> None:
    """Not even what Gradio says of an upload; and what it says is good for getting the file, for nothing else."""
    with httpx.Client(base_url=served.address, timeout=60) as asking:
        told = asking.post("/gradio_api/upload", files={"files": ("a b.wav", b"words")})
        (path,) = told.json()
        assert path.startswith("/faderwise/files")
        assert asking.get(f"/gradio_api/file={path}").content == b"words"
        root = path[: path.index("/", len("/faderwise/files"))]
        for wrong in (
            "/etc/hostname",
            f"{root}/../in-use",
            f"{root}/../../../../../etc/hostname",
            str(served.temporary),
        ):
            assert asking.get(f"/gradio_api/file={wrong}").status_code == 404, wrong
        assert asking.get("/gradio_api/file=http://127.0.0.1:1/").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "docs",
        "openapi.json",
        "gradio_api/openapi.json",
        "gradio_api/monitoring",
        "monitoring",
        "gradio_api/app_id",
        "runs",
        "gradio_api/startup-events",
        "gradio_api/queue/status",
        "static/img/logo.svg",
        "theme.css",
        "gradio_api/mcp/",
    ],
)
def test_what_is_not_needed_of_gradio_is_shut(served: Served, path: str) -> None:
    assert httpx.get(served.address + path, timeout=60).status_code == 404


def test_pages_of_other_sites_cannot_call(served: Served) -> None:
    """Gradio alone would let any page of this machine."""
    body = {"data": [], "session_hash": "x", "fn_index": 0}
    for origin in ("http://evil.example", "http://localhost:1"):
        answer = httpx.post(f"{served.address}gradio_api/queue/join", json=body, headers={"Origin": origin}, timeout=60)
        assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)


def test_an_interrupt_ends_it_with_nothing_left_and_nobody_called(served: Served) -> None:
    """While a page waits for news of a job, which must not hold it up."""
    with httpx.Client(base_url=served.address, headers={"X-Faderwise": "1"}, timeout=60) as page:
        page.post("/studio/new", json={"from": "demo"})
    assert list(served.temporary.glob("faderwise-studio-*"))
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(30) == 0
    assert list(served.temporary.glob("faderwise-studio-*")) == []
    assert not served.called.exists(), served.called.read_text()
    assert "Traceback" not in "".join(served.said)


def test_a_port_that_is_taken_is_one_line(faderwise: Faderwise) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = faderwise("serve", "--port", taken.getsockname()[1])
    assert (ran.code, "already in use" in ran.error, "--port" in ran.error) == (2, True, True)


def test_an_address_that_is_not_ours_is_one_line(faderwise: Faderwise) -> None:
    ran = faderwise("serve", "--host", "no such host")
    assert (ran.code, "no such address" in ran.error) == (2, True)
