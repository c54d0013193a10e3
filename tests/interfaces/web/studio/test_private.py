"""What one browser has is its own, lies in a private place, and is gone when it should be."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.run_folder import RunFolder, sweep
from interfaces.web.studio.server import studio_app
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.visit import COOKIE
from tests.interfaces.web.studio.conftest import HOST, OURS, Open, Page
from tests.interfaces.web.studio.test_songs import opened, wav
from tests.signals import sine

TONE = wav(0.3 * sine(100, 4.0))


def folders(studio: Studio) -> list[Path]:
    """Of all workspaces."""
    return [path for path in studio.run.path.iterdir() if path.is_dir()]


def test_two_browsers_never_see_each_others_things(browser_window: Open) -> None:
    """Not by any id of the other's: tracks, files, jobs, downloads, wishes."""
    one, other = browser_window(), browser_window()
    opened(one)
    file = one.upload(TONE, "secret.wav", "reference")["file"]["id"]
    job = one.post("out", {"what": "sheet"}, expect=202)["job"]["id"]
    download = one.ended(job)["result"]["download"]["id"]
    assert one.client.get(f"/studio/downloads/{download}").status_code == 200
    empty = other.state()
    assert (empty["song"], empty["files"], empty["jobs"]) == (None, [], [])
    other.upload(TONE, "mine.wav", "reference")
    for path in (
        f"jobs/{job}",
        f"downloads/{download}",
        f"overview/{file}",
        f"audio/reference/{file}",
        "audio/kick",
    ):
        assert other.client.get(f"/studio/{path}").status_code in (400, 404), path
    assert other.post(f"jobs/{job}/cancel", expect=404)
    assert other.client.delete(f"/studio/files/{file}").status_code == 404
    other.post("context", {"references": [{"file": file}]}, expect=404)
    other.post("new", {"from": "stems", "files": [file]}, expect=404)
    assert "secret" not in json.dumps(other.state())
    assert one.client.get(f"/studio/overview/{file}").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "0" * 64, f"{'0' * 64}.{'0' * 64}", "../../etc", "é.é"])
def test_a_token_that_this_studio_did_not_give_is_nobodys(studio: Studio, token: str) -> None:
    assert studio.owner(token) is None


def test_a_token_is_known_until_the_studio_ends(studio: Studio, tmp_path: Path) -> None:
    owner = studio.new_owner()
    assert studio.owner(owner.token) == owner
    another = Studio(parent=tmp_path)
    assert another.owner(owner.token) is None
    another.close()


def test_two_studios_on_one_machine_keep_a_browser_apart(page: Page, studio: Studio, tmp_path: Path) -> None:
    """Browsers send the same cookies to every port."""
    other = Studio(parent=tmp_path)
    elsewhere = TestClient(studio_app(other), base_url=f"{HOST}:7861", headers=OURS)
    opened(page)
    elsewhere.cookies = page.client.cookies
    elsewhere.get("/studio/state")
    elsewhere.post("/studio/understand", json={})
    assert {f"{COOKIE}-7861", COOKIE} == set(elsewhere.cookies)
    page.client.cookies = elsewhere.cookies
    assert page.state()["song"]["name"] == "New song"
    assert other.owner(elsewhere.cookies[f"{COOKIE}-7861"]) is not None
    assert studio.owner(page.client.cookies[COOKIE]) is not None
    other.close()


def test_workspaces_are_for_their_owner_alone(studio: Studio, page: Page) -> None:
    page.upload(TONE)
    for path in studio.run.path.rglob("*"):
        if path.is_dir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(studio.run.path.stat().st_mode) == 0o700


def test_looking_makes_no_workspace(studio: Studio, page: Page) -> None:
    """Or whoever looks often could push others out."""
    for path in ("/", "/studio/state", "/studio/audio/kick", "/studio/static/studio.js"):
        page.client.get(path)
    assert folders(studio) == []


def test_forgetting_deletes_at_once(studio: Studio, page: Page) -> None:
    opened(page)
    token = page.client.cookies[COOKIE]
    state = page.post("forget")
    assert (state["song"], state["files"], folders(studio)) == (None, [], [])
    assert page.client.cookies[COOKIE] != token


def test_a_workspace_that_nobody_uses_is_deleted(tmp_path: Path) -> None:
    studio = Studio(Limits(idle_s=0.2), parent=tmp_path)
    studio.workspace(studio.new_owner())
    busy = studio.workspace(studio.new_owner())
    busy.receiving["upload"] = 1
    time.sleep(0.3)
    studio.expire()
    assert folders(studio) == [busy.folder]
    studio.close()


def test_the_idlest_gives_way_and_the_busy_do_not(tmp_path: Path) -> None:
    studio = Studio(Limits(workspaces=2, idle_s=1000), parent=tmp_path)
    first, second = (studio.workspace(studio.new_owner()) for _ in range(2))
    with pytest.raises(Refused, match="try again later"):
        studio.workspace(studio.new_owner())
    first.used, second.used = time.monotonic() - 900, time.monotonic() - 800
    first.receiving["upload"] = 1
    studio.workspace(studio.new_owner())
    assert first.folder.is_dir()
    assert not second.folder.exists()
    studio.close()


def test_closing_leaves_nothing(tmp_path: Path) -> None:
    studio = Studio(parent=tmp_path)
    studio.workspace(studio.new_owner())
    studio.close()
    assert list(tmp_path.iterdir()) == []


def test_a_studio_that_was_killed_is_swept_by_the_next(tmp_path: Path) -> None:
    """One that lives is left alone, and so is what only looks like one."""
    code = (
        "import os, signal, sys; from pathlib import Path; from interfaces.web.studio.run_folder import RunFolder;"
        "run = RunFolder(Path(sys.argv[1])); (run.path / 'song').mkdir(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=60)
    assert done.returncode < 0
    (dead,) = tmp_path.iterdir()
    foreign = tmp_path / "faderwise-studio-of-mine"
    foreign.mkdir()
    (tmp_path / "faderwise-studio-link").symlink_to(foreign)
    living = RunFolder(tmp_path)
    assert not dead.exists()
    sweep(tmp_path)
    assert living.path.is_dir()
    assert foreign.is_dir()
    living.delete()


def test_no_answer_names_a_place_on_this_machine(studio: Studio, page: Page) -> None:
    """Whatever is asked, rightly or wrongly."""
    places = (str(studio.run.path), "/tmp/", str(Path.home()), str(Path.cwd()))
    state = opened(page)
    page.post("edit", {"set": [["kick.mute", True]]})
    track = state["session"]["tracks"][0]
    said = [page.client.get("/").text, json.dumps(page.state())]
    said += [json.dumps(page.job("out", {"what": what})) for what in ("sheet", "session", "explanation", "stems")]
    said += [
        json.dumps(page.job("suggest", {"intensity": ["lots"]}))
        for _ in range(1)
        if page.post("context", {"prompt": "x"})
    ]
    (studio.run.path / "x").touch()
    for file in studio.run.path.rglob(track["path"]):
        file.unlink()
    said += [json.dumps(page.job("out", {"what": "mix"})), page.client.get(f"/studio/audio/{track['id']}").text]
    for text in said:
        assert not [place for place in places if place in text], text[:500]
