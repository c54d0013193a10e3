"""The state of a workspace as the page is told; everything that the page shows is made from it."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

from interfaces.web.player import session_document
from interfaces.web.studio.jobs import Jobs
from interfaces.web.studio.mixing import Mix, standing
from interfaces.web.studio.reopening import asked_after, file_name
from interfaces.web.studio.workspace import SavedSession, Wishes, Workspace
from mixer.session import Session
from style_transfer.suggestion import KIND

QUIET = "measure"
"""The kind of job that the page need not show."""


_telling, _told_at = threading.Lock(), 0


def _stamp() -> int:
    """Microseconds, later each time: answers overtake one another on their way, and the page keeps the last told."""
    global _told_at
    with _telling:
        _told_at = max(_told_at + 1, time.time_ns() // 1000)
        return _told_at


def state_document(workspace: Workspace | None, jobs: Jobs) -> dict[str, Any]:
    """The state; that of a browser that has nothing here yet, where there is no workspace."""
    if workspace is None:
        return {"told_at": _stamp(), **_EMPTY}
    running = [jobs.document(job) for job in jobs.of(workspace.key) if job.kind != QUIET]
    with workspace.lock:
        mix = workspace.mix
        return {
            "told_at": _stamp(),
            "revision": workspace.revision,
            "song": None if mix is None else _song(mix),
            "session": None if mix is None else session_document(mix.session),
            "files": [file.document() for file in workspace.files.values()],
            "saved": None if workspace.saved is None else saved_document(workspace.saved),
            "context": context_document(workspace.wishes),
            "history": [] if mix is None else history_document(mix.session),
            "can_undo": mix is not None and bool(mix.session.history),
            "can_redo": mix is not None and bool(mix.undone),
            "suggestions": [] if mix is None else _suggestions(mix),
            "standing": {} if mix is None else standing(mix),
            "loudness": _loudness(workspace),
            "jobs": running,
            "notes": list(workspace.notes),
        }


def context_document(wishes: Wishes) -> dict[str, Any]:
    """What suggestions go by."""
    return {
        "references": [
            {
                "file": wish.file,
                "segment": None if wish.segment is None else list(wish.segment),
                "roles": list(wish.roles),
                "weight": wish.weight,
                "separation": wish.separation,
            }
            for wish in wishes.references
        ],
        "rough_mix": wishes.rough_mix,
        "rough_keeps": list(wishes.rough_keeps),
        "prompt": wishes.prompt,
        "confirm": wishes.confirm,
    }


_EMPTY: dict[str, Any] = {
    "revision": 0,
    "song": None,
    "session": None,
    "files": [],
    "saved": None,
    "context": context_document(Wishes()),
    "history": [],
    "can_undo": False,
    "can_redo": False,
    "suggestions": [],
    "standing": {},
    "loudness": {"mix": None, "raw": None, "references": {}},
    "jobs": [],
    "notes": [],
}


def saved_document(saved: SavedSession) -> dict[str, Any]:
    """A session's file that waits for its audio: what it is called, and the files that belong to it."""
    session = saved.session
    return {
        "name": saved.name,
        "song": session.name,
        "tracks": list(dict.fromkeys(file_name(track.path) for track in session.tracks)),
        "references": [file.name for file in asked_after(session)],
    }


def _song(mix: Mix) -> dict[str, Any]:
    session = mix.session
    return {"name": session.name, "sample_rate": session.sample_rate, "seconds": mix.seconds, "key": mix.key}


def history_document(session: Session) -> list[dict[str, Any]]:
    """The steps from 1."""
    return [{"n": n, "kind": step.kind, "title": step.title} for n, step in enumerate(session.history, 1)]


def _suggestions(mix: Mix) -> list[dict[str, Any]]:
    chosen = mix.chosen()
    return [offer.document | {"index": index, "chosen": index == chosen} for index, offer in enumerate(mix.offers)]


def _loudness(workspace: Workspace) -> dict[str, Any]:
    return {
        "mix": None if workspace.mix is None else _mix_lufs(workspace.mix),
        "raw": _known(workspace.raw_lufs),
        "references": {file.id: file.loudness_lufs for file in workspace.files.values() if file.kind == "reference"},
    }


def _mix_lufs(mix: Mix) -> float | None:
    """What was measured on the chosen suggestion, as long as nothing was moved after it."""
    chosen, history = mix.chosen(), mix.session.history
    moved = next((step for step in reversed(history) if step.edits), None)
    if chosen is None or moved is None or moved.kind != KIND:
        return None
    report = mix.offers[chosen].suggestion.report
    return None if report is None else _known(report.loudness_after_lufs)


def _known(lufs: float | None) -> float | None:
    return lufs if lufs is not None and math.isfinite(lufs) else None
