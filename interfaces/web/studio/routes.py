"""The studio's routes: requests in, the workspace asked or changed, JSON or files out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from anyio import CapacityLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from interfaces.web.studio import acts, asking
from interfaces.web.studio.answers import Refused
from interfaces.web.studio.body import Body
from interfaces.web.studio.jobs import Job
from interfaces.web.studio.reopening import receive_session
from interfaces.web.studio.state import state_document
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.studio_page import static_file, studio_page
from interfaces.web.studio.uploads import receive
from interfaces.web.studio.visit import Handler, Visit, answer, handled, set_cookie
from interfaces.web.studio.workspace import KINDS, Workspace

_POLL_S = 0.05


Act = Callable[[Workspace, Body], None]
Start = Callable[[Studio, Workspace, Body], Job]


async def page(visit: Visit) -> Response:
    """The page itself."""
    return HTMLResponse(studio_page(visit.studio.limits, visit.studio.given))


async def static(visit: Visit) -> Response:
    """A script or a style."""
    found = static_file(visit.request.path_params["name"])
    if found is None:
        raise Refused(404, "there is no such file")
    content, kind, tag = found
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


async def state(visit: Visit) -> Response:
    """All that the page shows."""
    return await visit.state()


def upload(turns: CapacityLimiter) -> Handler:
    """A file in; so many are decoded at once as there are turns."""

    async def taken(visit: Visit) -> Response:
        query, headers = visit.request.query_params, visit.request.headers
        kind = next((kind for kind in KINDS if kind == query.get("kind")), None)
        if kind is None:
            raise Refused(400, f"kind is one of {', '.join(KINDS)}")
        length = headers.get("content-length", "")
        announced = int(length) if length.isdecimal() and len(length) < 16 else None
        workspace = await visit.made()
        file = await receive(workspace, kind, query.get("name", ""), visit.request.stream(), announced, turns)
        workspace.touch()
        return answer({"file": file.document()})

    return taken


async def session(visit: Visit) -> Response:
    """A session's file in; its audio comes by itself."""
    workspace = await visit.made()
    await receive_session(workspace, visit.request.query_params.get("name", ""), visit.request.stream())
    return await visit.state()


async def delete_file(visit: Visit) -> Response:
    """A file out."""
    await run_in_threadpool(acts.delete_file, visit.workspace(), visit.request.path_params["file"])
    return await visit.state()


def act(do: Act) -> Handler:
    """What changes the workspace at once; answered by the state. 409 with the state where the page's is an old one."""

    async def acted(visit: Visit) -> Response:
        body, workspace = await visit.body(), await visit.made()
        try:
            await run_in_threadpool(do, workspace, body)
        except acts.StaleError as stale:
            now = await run_in_threadpool(state_document, workspace, visit.studio.jobs)
            return answer({"error": str(stale), "state": now}, 409)
        return await visit.state()

    return acted


def start(begin: Start) -> Handler:
    """What takes its time; answered by the job."""

    async def started(visit: Visit) -> Response:
        body, workspace = await visit.body(), await visit.made()
        job = await run_in_threadpool(begin, visit.studio, workspace, body)
        return answer({"job": job_document(visit, job)}, 202)

    return started


def job_document(visit: Visit, job: Job) -> dict[str, Any]:
    """A job as the page is told, with what came of it."""
    told = visit.studio.jobs.document(job)
    if job.status == "done":
        told["result"] = state_document(visit.found, visit.studio.jobs) if job.result == asking.STATE else job.result
    return told


async def job(visit: Visit) -> Response:
    """How far a job is; with ``?wait=SECONDS`` as soon as something has changed."""
    found = visit.studio.jobs.find(visit.owner.key, visit.request.path_params["job"])
    deadline = time.monotonic() + min(_seconds(visit.request, "wait") or 0.0, visit.studio.limits.wait_s)
    seen = found.changes
    while found.changes == seen and not found.over and time.monotonic() < deadline and not visit.studio.closing:
        await asyncio.sleep(_POLL_S)
    return answer(await run_in_threadpool(job_document, visit, found))


async def cancel(visit: Visit) -> Response:
    """A job is to stop."""
    found = visit.studio.jobs.find(visit.owner.key, visit.request.path_params["job"])
    visit.studio.jobs.cancel(found)
    return answer(await run_in_threadpool(job_document, visit, found))


async def understand(visit: Visit) -> Response:
    """A prompt as it is understood."""
    body, found = await visit.body(), visit.found
    return answer(await run_in_threadpool(asking.understood, found, body, visit.studio.limits))


def sound(*names: str) -> Handler:
    """A track, or a reference, as browsers take it; a part of it with ``?start=&seconds=``."""

    async def sounding(visit: Visit) -> Response:
        request, workspace = visit.request, visit.workspace()
        begin, length = _seconds(request, "start") or 0.0, _seconds(request, "seconds")
        find = acts.track_sound if names == ("track",) else acts.reference_sound
        path = await run_in_threadpool(find, workspace, request.path_params[names[0]], begin, length)
        tag = f'"{path.name}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        kind = {".flac": "audio/flac", ".ogg": "audio/ogg"}.get(path.suffix, "audio/wav")
        return FileResponse(path, media_type=kind, headers=headers)

    return sounding


async def overview(visit: Visit) -> Response:
    """A picture of a file, to pick a part of it."""
    workspace, file = visit.workspace(), visit.request.path_params["file"]
    return answer(await run_in_threadpool(acts.overview, workspace, file))


async def history(visit: Visit) -> Response:
    """The session as it was after some step."""
    return answer(await run_in_threadpool(acts.at_step, visit.workspace(), visit.request.path_params["n"]))


async def download(visit: Visit) -> Response:
    """What was made, to take away."""
    made = visit.workspace().downloads.get(visit.request.path_params["id"])
    if made is None:
        raise Refused(404, "there is no such file any more: make it again")
    return FileResponse(made.path, filename=made.name, content_disposition_type="attachment")


async def forget(visit: Visit) -> Response:
    """Everything of this browser goes, its name too."""
    await visit.body()
    await run_in_threadpool(visit.studio.forget, visit.owner)
    response = answer(await run_in_threadpool(state_document, None, visit.studio.jobs))
    set_cookie(response, visit.cookie, visit.studio.new_owner())
    return response


def _seconds(request: Request, name: str) -> float | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1e6:
        raise Refused(400, f"{name} is a number of seconds")
    return seconds


def routes(studio: Studio) -> list[Route]:
    """All of them."""
    turns = CapacityLimiter(studio.limits.uploads)

    def route(path: str, handler: Handler, method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            return await handled(studio, request, handler)

        return Route(path, endpoint, methods=[method])

    changes: dict[str, Act] = {
        "edit": acts.edit,
        "undo": acts.undo,
        "redo": acts.redo,
        "accept": acts.accept,
        "refuse": acts.refuse,
        "context": acts.context,
        "choose": acts.choose,
        "session/leave": acts.leave_session,
    }
    works: dict[str, Start] = {
        "new": asking.new,
        "measure": asking.measure,
        "suggest": asking.suggest,
        "out": asking.out,
        "look": asking.look,
    }
    return [
        route("/", page),
        route("/studio/static/{name}", static),
        route("/studio/state", state),
        route("/studio/upload", upload(turns), "POST"),
        route("/studio/session", session, "POST"),
        route("/studio/files/{file}", delete_file, "DELETE"),
        *(route(f"/studio/{name}", act(do), "POST") for name, do in changes.items()),
        *(route(f"/studio/{name}", start(begin), "POST") for name, begin in works.items()),
        route("/studio/understand", understand, "POST"),
        route("/studio/forget", forget, "POST"),
        route("/studio/jobs/{job}", job),
        route("/studio/jobs/{job}/cancel", cancel, "POST"),
        route("/studio/audio/reference/{file}", sound("file")),
        route("/studio/audio/{track}", sound("track")),
        route("/studio/overview/{file}", overview),
        route("/studio/history/{n:int}", history),
        route("/studio/downloads/{id}", download),
    ]
