"""What a page changes or reads at once: each is one look at, or one change of, a workspace."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from interfaces.web.player import session_document
from interfaces.web.sound import NEAR, encoded, fits, track_file
from interfaces.web.studio.answers import Refused
from interfaces.web.studio.body import Body
from interfaces.web.studio.mixing import Mix, edited, with_alternative
from interfaces.web.studio.wishes import read_wishes
from interfaces.web.studio.workspace import Workspace
from mixer import audio
from style_transfer import verdict

PEAKS = 600
"""Points of the picture that a segment is picked on."""
_TITLE = 200
_PAUSE_S = 2.0
"""Who moves the same knob again within it is still at the same move."""


class StaleError(Exception):
    """The page did not know the last change when it asked for its own."""


def _current(workspace: Workspace, body: Body) -> Mix:
    """The song, if the page's state is the present one (or does not say which it has)."""
    if body.has("revision") and body.whole("revision", 0, 0, 2**53) != workspace.revision:
        raise StaleError("the song was changed meanwhile, by a suggestion or in another window: look, and do it again")
    return workspace.playing()


def edit(workspace: Workspace, body: Body) -> None:
    """Knobs and flags set by hand: one step of the history."""
    pairs = []
    for pair in body.items("set", workspace.limits.edits):
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
            raise Refused(400, "set is a list of pairs, each an address and a value")
        if isinstance(pair[1], str) and len(pair[1]) > workspace.limits.name_characters:
            raise Refused(413, f"{pair[0]}: use at most {workspace.limits.name_characters} characters")
        pairs.append((pair[0], pair[1]))
    title = body.text("title", most=_TITLE)
    with workspace.lock:
        mix = _current(workspace, body)
        now = time.monotonic()
        going_on, workspace.moved = now - workspace.moved < _PAUSE_S, now
        _put(workspace, mix.with_session(edited(mix.session, pairs, title, going_on=going_on)))


def _put(workspace: Workspace, mix: Mix) -> None:
    if mix is not workspace.mix:
        workspace.change(mix)


def undo(workspace: Workspace, body: Body) -> None:
    """One step back."""
    with workspace.lock:
        _put(workspace, _current(workspace, body).undo())


def redo(workspace: Workspace, body: Body) -> None:
    """What was undone last, again."""
    with workspace.lock:
        _put(workspace, _current(workspace, body).redo())


def accept(workspace: Workspace, body: Body) -> None:
    """Keep these parts of the chosen suggestion; with ``"rest": "refuse"`` the others are refused at once."""
    addresses = body.texts("addresses", workspace.limits.edits)
    with workspace.lock:
        mix, refuse_rest = _current(workspace, body), body.text("rest") == "refuse"
        _put(workspace, mix.with_session(verdict.accept(mix.session, addresses, refuse_rest=refuse_rest)))


def refuse(workspace: Workspace, body: Body) -> None:
    """Take these parts of the chosen suggestion back."""
    addresses = body.texts("addresses", workspace.limits.edits)
    with workspace.lock:
        mix = _current(workspace, body)
        _put(workspace, mix.with_session(verdict.refuse(mix.session, addresses)))


def choose(workspace: Workspace, body: Body) -> None:
    """Another alternative in the place of the chosen one."""
    index = body.whole("index", -1, 0, 1000)
    with workspace.lock:
        changed, notes = with_alternative(_current(workspace, body), index)
        workspace.change(changed)
        workspace.notes = tuple(workspace.called(note) for note in notes)


def context(workspace: Workspace, body: Body) -> None:
    """What suggestions go by."""
    with workspace.lock:
        workspace.wishes = read_wishes(body, workspace)


def delete_file(workspace: Workspace, file_id: str) -> None:
    """A file goes, and so does what was wished of it."""
    with workspace.lock:
        file, wishes = workspace.file(file_id), workspace.wishes
        del workspace.files[file.id]
        workspace.wishes = replace(
            wishes,
            references=tuple(wish for wish in wishes.references if wish.file != file.id),
            rough_mix=None if wishes.rough_mix == file.id else wishes.rough_mix,
        )
    file.path.unlink(missing_ok=True)


def leave_session(workspace: Workspace, body: Body) -> None:
    """The session's file that waits for its audio is not to be opened after all."""
    del body
    with workspace.lock:
        workspace.saved = None


def at_step(workspace: Workspace, number: int) -> dict[str, Any]:
    """The session as it was after a step of its history, without history."""
    with workspace.lock:
        mix = workspace.playing()
    return session_document(mix.at_step(number))


def track_sound(workspace: Workspace, track_id: str, start_s: float, length_s: float | None) -> Path:
    """A track as browsers take it, or a part of it."""
    with workspace.lock:
        mix = workspace.playing()
    track = next((track for track in mix.session.tracks if track.id == track_id), None)
    if track is None:
        raise Refused(404, "there is no such track")
    place, rate = mix.folder / track.path, mix.session.sample_rate
    if length_s:
        return _part(workspace, place, rate, track.channels, start_s, length_s)

    def whole(target: Path) -> Path:
        return track_file(track, rate, mix.folder, target, endings=NEAR).path

    return _once(workspace, f"{place.stem}-{rate}-{track.channels}", whole)


def reference_sound(workspace: Workspace, file_id: str, start_s: float, length_s: float | None) -> Path:
    """A file that was uploaded, at the session's rate where there is one, or a part of it."""
    with workspace.lock:
        file, mix = workspace.file(file_id), workspace.mix
    rate = file.sample_rate if mix is None else mix.session.sample_rate
    if length_s:
        return _part(workspace, file.path, rate, file.channels, start_s, length_s)

    def whole(target: Path) -> Path:
        if fits(file.path, rate, file.channels, NEAR):
            return file.path
        return encoded(lambda: audio.blocks(file.path, rate), rate, target)

    return _once(workspace, f"{file.id}-{rate}", whole)


def _part(workspace: Workspace, path: Path, rate: int, channels: int, start_s: float, length_s: float) -> Path:
    start, frames = round(start_s * rate), round(length_s * rate)

    def part(target: Path) -> Path:
        sound, _ = audio.read(path, rate, start=start, frames=frames)
        if not sound.shape[1]:
            raise Refused(400, "this part lies behind the end: ask for an earlier one")
        return encoded(lambda: iter([np.ascontiguousarray(sound[:channels])]), rate, target)

    return _once(workspace, f"{path.stem}-{rate}-{channels}-{start}-{frames}", part)


def _once(workspace: Workspace, name: str, make: Callable[[Path], Path]) -> Path:
    """A file made for the page, or as it was made before; two who ask at once do not see each other's half."""
    kept = workspace.folder / "sound"
    for suffix in (".flac", ".wav"):
        if (made := kept / f"{name}{suffix}").is_file():
            return made
    path = make(kept / f"{uuid.uuid4().hex}.part")
    return path if path.parent != kept else path.replace(kept / f"{name}{path.suffix}")


def overview(workspace: Workspace, file_id: str) -> dict[str, Any]:
    """The peaks of a file along its length, 0 to 1."""
    with workspace.lock:
        file = workspace.file(file_id)
    frames = max(1, round(file.seconds * file.sample_rate))
    peaks, at = np.zeros(PEAKS), 0
    for block in audio.blocks(file.path):
        places = np.minimum((at + np.arange(block.shape[1])) * PEAKS // frames, PEAKS - 1)
        np.maximum.at(peaks, places, np.abs(block).max(axis=0))
        at += block.shape[1]
    return {"seconds": file.seconds, "peaks": [round(min(1.0, float(peak)), 4) for peak in peaks]}
