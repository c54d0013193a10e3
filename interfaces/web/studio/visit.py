"""One request: whose it is, what it says, and how it is answered."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from interfaces.web.studio.answers import Refused, for_the_page, status_of
from interfaces.web.studio.body import Body
from interfaces.web.studio.state import state_document
from interfaces.web.studio.studio import Owner, Studio
from interfaces.web.studio.workspace import Workspace
from mixer.errors import FaderwiseError

COOKIE = "faderwise"

Handler = Callable[["Visit"], Awaitable[Response]]


class Visit:
    """One request, and whose it is."""

    def __init__(self, studio: Studio, request: Request) -> None:
        self.studio, self.request = studio, request
        names = (COOKIE, f"{COOKIE}-{request.url.port or 80}")
        tokens = {name: studio.owner(request.cookies.get(name, "")) for name in names}
        found = next(((name, owner) for name, owner in tokens.items() if owner is not None), None)
        self.is_new = found is None
        # Browsers share cookies among all ports: another studio on this machine may own the plain name.
        self.cookie, self.owner = found or (names[COOKIE in request.cookies], studio.new_owner())

    @property
    def found(self) -> Workspace | None:
        """The browser's workspace, if it has one."""
        return self.studio.find(self.owner)

    def workspace(self) -> Workspace:
        """The browser's workspace; Refused (404) where it has none, so that there is nothing to be found."""
        found = self.found
        if found is None:
            raise Refused(404, "there is nothing of yours here: load the page again")
        return found

    async def made(self) -> Workspace:
        """The browser's workspace, made if it has none yet."""
        return await run_in_threadpool(self.studio.workspace, self.owner)

    async def body(self) -> Body:
        """What the request says."""
        return await Body.of(self.request, self.studio.limits.body_bytes)

    async def state(self) -> Response:
        """The state as an answer."""
        return answer(await run_in_threadpool(state_document, self.found, self.studio.jobs))


def answer(data: Mapping[str, Any], status: int = 200) -> Response:
    """JSON, with nothing in it that JSON does not know."""
    return Response(json.dumps(data, ensure_ascii=False, allow_nan=False), status, media_type="application/json")


def set_cookie(response: Response, name: str, owner: Owner) -> None:
    """Remember the browser by its token, which no script and no other site sees."""
    response.set_cookie(name, owner.token, httponly=True, samesite="strict", path="/")


async def handled(studio: Studio, request: Request, handler: Handler) -> Response:
    """The answer of a handler, or the one line that says why there is none."""
    visit = Visit(studio, request)
    try:
        response = await handler(visit)
    except Refused as refusal:
        response = answer({"error": for_the_page(str(refusal))}, refusal.status)
    except ClientDisconnect:
        response = answer({"error": "the connection was lost"}, 400)
    except FaderwiseError as error:
        said = visit.found.called(str(error)) if visit.found else str(error)
        response = answer({"error": for_the_page(said)}, status_of(error))
    except OSError as error:
        response = answer({"error": f"this machine's disk does not take it ({error.strerror}); free some space"}, 507)
    if visit.is_new:
        set_cookie(response, visit.cookie, visit.owner)
    return response
