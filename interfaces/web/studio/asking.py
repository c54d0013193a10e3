"""What a page asks for that takes its time: a song, suggestions, pictures, files; and what it wants to know at once."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from interfaces.suggesting import suggestions
from interfaces.web.studio import reopening, songs
from interfaces.web.studio.answers import Refused
from interfaces.web.studio.body import Body
from interfaces.web.studio.jobs import Job
from interfaces.web.studio.labels import labelled
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.mixing import suggested
from interfaces.web.studio.outs import made_out, wish_of
from interfaces.web.studio.state import QUIET
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.wishes import request_of
from interfaces.web.studio.workspace import Snapshot, Workspace
from mixer.progress import Progress
from mixer.session import Session
from separation.cache import stems_kept_in
from style_transfer.prompt.guesses import guessed
from style_transfer.prompt.rows import confirmed
from style_transfer.prompt.understand import understand
from style_transfer.suggestion import Suggestion

STATE = "state"
"""As the result of a job: the state, as it is when somebody asks."""
_MOST_SEED = 2**31
_ONE_MODEL = threading.Lock()
"""The model for unknown words is loaded once, however fast somebody types."""
_NOBODY = Session(name="nothing", sample_rate=44100, tracks=[])


def understood(workspace: Workspace | None, body: Body, limits: Limits) -> dict[str, Any]:
    """A prompt as it is understood, about the tracks that there are."""
    prompt = body.text("prompt", most=limits.prompt_characters)
    mix = None if workspace is None else workspace.mix
    session = _NOBODY if mix is None else mix.session
    with _ONE_MODEL:
        told = guessed(understand(prompt, session), session)
    return (confirmed(told) if body.data.get("confirm") is True else told).model_dump(mode="json")


def new(studio: Studio, workspace: Workspace, body: Body) -> Job:
    """Another song."""
    work = _opening(studio, workspace, body)

    def opened(progress: Progress) -> str:
        work(progress)
        return STATE

    return studio.jobs.submit(workspace.key, "new", opened, workspace.called)


def measure(studio: Studio, workspace: Workspace, body: Body) -> Job:
    """How loud the song is unmixed. The page asks when it has its sound, for which it would wait longer otherwise."""
    del body
    key = workspace.playing().key
    for job in studio.jobs.of(workspace.key):
        if job.kind == QUIET:
            studio.jobs.cancel(job)

    def work(progress: Progress) -> str:
        songs.measure(workspace, key, progress)
        return STATE

    return studio.jobs.submit(workspace.key, QUIET, work, workspace.called)


def _opening(studio: Studio, workspace: Workspace, body: Body) -> Callable[[Progress], None]:
    """What opens a song of this kind; Refused (400) where something of it is missing."""
    origin, name = body.text("from"), body.text("name", most=studio.limits.name_characters)
    with workspace.lock:
        files = [workspace.file(item, "stem", "song") for item in body.items("files", studio.limits.stems)]
        saved = workspace.saved
    if origin == "demo":
        return partial(songs.demo, workspace)
    if origin == "stems" and files:
        return partial(songs.from_stems, workspace, files, name)
    if origin == "song" and len(files) == 1:
        return partial(songs.from_song, workspace, files[0], body.whole("stems", 4, 2, 4), name)
    if origin == "session" and saved is not None:
        return partial(reopening.from_files, workspace, saved, files)
    if origin == "given" and studio.given is not None:
        return partial(reopening.from_folder, workspace, studio.given)
    lacking = {
        "stems": "files: name the stems that were uploaded",
        "song": "files: name the one song that was uploaded",
        "session": "there is no session's file here: send it first",
        "given": "the studio was started without a session: `faderwise serve --session FILE` gives it one",
    }
    raise Refused(400, lacking.get(origin, "from is stems, song, session, given or demo"))


def suggest(studio: Studio, workspace: Workspace, body: Body) -> Job:
    """Suggestions by the stored wishes; the first one is applied."""
    limits = studio.limits
    count = body.whole("alternatives", 1, 1, limits.alternatives)
    seed = body.whole("seed", 0, 0, _MOST_SEED)
    snapshot = workspace.snapshot()
    request = request_of(snapshot, body, count if count > 1 else None, seed)

    def work(progress: Progress) -> str:
        then = snapshot.mix
        with stems_kept_in(workspace.folder / "stems"):
            made = suggestions(then.session, then.folder, request, progress)
        named = [_named(workspace, suggestion) for suggestion in made]
        with workspace.lock:
            now = workspace.playing()
            if now.key != then.key:
                raise Refused(409, "another song was opened meanwhile: ask for suggestions again")
            changed, notes = suggested(now, then.session, named)
            workspace.change(changed)
            workspace.notes = tuple(notes)
        return STATE

    return studio.jobs.submit(workspace.key, "suggest", _tidy(snapshot, work), workspace.called)


def _named(workspace: Workspace, suggestion: Suggestion) -> Suggestion:
    """The suggestion, with the names that the user's files have for the user."""
    return Suggestion.model_validate_json(labelled(suggestion.model_dump_json(), workspace.labels, in_json=True))


def look(studio: Studio, workspace: Workspace, body: Body) -> Job:
    """The measurements behind the pictures."""
    del body
    snapshot = workspace.snapshot()

    def work(progress: Progress) -> dict[str, Any]:
        with stems_kept_in(workspace.folder / "stems"):
            return workspace.looker.look(snapshot.mix, snapshot.compared(), progress)

    return studio.jobs.submit(workspace.key, "look", _tidy(snapshot, work), workspace.called)


def out(studio: Studio, workspace: Workspace, body: Body) -> Job:
    """A file to take away."""
    wish, snapshot = wish_of(body), workspace.snapshot()
    work = partial(made_out, workspace, snapshot, wish)
    return studio.jobs.submit(workspace.key, "out", _tidy(snapshot, work), workspace.called)


def _tidy(snapshot: Snapshot, work: Callable[[Progress], Any]) -> Callable[[Progress], Any]:
    """The work, after which its scratch folder is gone, however it ended."""

    def tidied(progress: Progress) -> Any:
        try:
            return work(progress)
        finally:
            shutil.rmtree(snapshot.scratch, ignore_errors=True)

    return tidied
