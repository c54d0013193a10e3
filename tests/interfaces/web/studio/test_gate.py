"""Pages of other sites, other names for this machine, and what is nowhere: turned away before anything is done."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from interfaces.web.studio.server import studio_app
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.visit import COOKIE
from tests.interfaces.web.studio.conftest import HOST, OURS, Page

AT = {"revision": 0, "set": []}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::2]", "a b"]
)
def test_another_name_for_this_machine_is_not_answered(page: Page, host: str) -> None:
    """What a rebound DNS name looks like to us."""
    response = page.client.get("/studio/state", headers={"Host": host})
    assert (response.status_code, COOKIE in response.cookies) == (403, False)


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:80"])
def test_the_names_of_this_machine_are(page: Page, host: str) -> None:
    assert page.client.get("/studio/state", headers={"Host": host}).status_code == 200


def test_a_studio_that_is_open_to_a_network_goes_by_any_name(studio: Studio) -> None:
    client = TestClient(studio_app(studio, None), base_url="http://studio.example")
    assert client.get("/studio/state").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_cannot_ask(page: Page, headers: dict[str, str]) -> None:
    """Also one that another program serves on this machine."""
    assert page.client.post("/studio/understand", json={}, headers=headers).status_code == 403
    assert page.client.get("/studio/state", headers=headers).status_code == 403


def test_a_form_cannot_send_what_our_page_sends(studio: Studio) -> None:
    client = TestClient(studio_app(studio), base_url=HOST)
    for path in ("edit", "new", "forget", "upload?kind=stem&name=a"):
        assert client.post(f"/studio/{path}", content=b"{}").status_code == 403
    assert client.delete("/studio/files/x").status_code == 403


def test_a_link_to_the_page_works_from_anywhere(page: Page) -> None:
    assert page.client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_the_cookie_is_for_this_page_alone(studio: Studio) -> None:
    said = TestClient(studio_app(studio), base_url=HOST).get("/").headers["set-cookie"]
    parts = {part.strip().casefold() for part in said.split(";")}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_the_page_may_load_nothing_from_elsewhere_and_run_nothing_that_stands_in_it(page: Page) -> None:
    response = page.client.get("/")
    policy = dict(part.strip().partition(" ")[::2] for part in response.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["form-action"]) == ("'none'", "'none'")
    assert "http://" not in response.text.replace("http://www.w3.org", "")
    assert "https://" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/studio/static/../studio/server.py",
        "/studio/static/..%2f..%2fcli.py",
        "/studio/static/%2e%2e/%2e%2e/cli.py",
        "/studio/static/",
        "/studio/static/player.py",
        "/studio/static/studio.js/",
        "/studio/downloads/..%2f..%2fin-use",
        "/studio/audio/..%2f..%2fetc%2fpasswd",
        "/studio",
        "/studio/",
        "/docs",
        "/openapi.json",
        "/config",
        "/gradio_api/info",
        "/.git/config",
    ],
)
def test_what_is_nowhere_is_not_found(page: Page, path: str) -> None:
    response = page.client.get(path, follow_redirects=False)
    assert response.status_code in (307, 404)
    assert response.status_code == 307 or "error" in response.json()


def test_scripts_and_styles_come_with_their_types_and_are_kept(page: Page) -> None:
    for name, kind in (
        ("studio.js", "text/javascript"),
        ("console.css", "text/css"),
        ("worklet.js", "text/javascript"),
    ):
        response = page.client.get(f"/studio/static/{name}")
        assert response.headers["content-type"].startswith(kind)
        again = page.client.get(f"/studio/static/{name}", headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "content",
    [
        b"no json",
        b"[]",
        b'"text"',
        b'{"set": NaN}',
        b'{"revision": 1e999}',
        b'{"revision": 99999999999999999999999999}',
        b"[" * 100_000,
        b'{"title": "\\ud800"}',
        b"\xff\xfe",
        b'{"set": {}}',
        b'{"set": [["a"]]}',
        b'{"set": [[1, 2]]}',
        b'{"title": []}',
    ],
)
def test_a_request_that_is_none_is_refused_in_one_line(page: Page, content: bytes) -> None:
    response = page.client.post("/studio/edit", content=content)
    assert response.status_code == 400
    assert len(response.json()["error"].splitlines()) == 1


def test_a_request_that_is_too_large_is_refused(page: Page) -> None:
    response = page.client.post("/studio/edit", content=b'{"title": "' + b"x" * 2**20 + b'"}')
    assert response.status_code == 413


def test_methods_that_are_not_meant_do_nothing(page: Page) -> None:
    assert page.client.put("/studio/state").status_code == 404
    assert page.client.get("/studio/edit").status_code == 404
    assert page.client.options("/studio/edit", headers=OURS).status_code == 404
