"""A saved session in the studio again: its file and its audio find each other by what they hold, wherever they lay."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.labels import label
from interfaces.web.studio.mixing import Mix, Offer, standing
from interfaces.web.studio.songs import stand
from interfaces.web.studio.uploads import place_file, taken_in
from interfaces.web.studio.workspace import ReferenceWish, SavedSession, StoredFile, Wishes, Workspace
from mixer import audio
from mixer.errors import SessionError
from mixer.progress import Progress, span
from mixer.session import FileContext, ReferenceContext, Session
from mixer.session_file import check_audio, load, session_path, some
from style_transfer.suggestion import last_suggestion

_NAMED = 8
"""Missing files that are named in one line."""


async def receive_session(workspace: Workspace, name: str, body: AsyncIterator[bytes]) -> SavedSession:
    """Take a session's file in; it waits for its audio, in the place of one that waited before.

    Raises:
        Refused: it is too large (413).
        SessionError: it is no session, or one that cannot be opened.
    """
    called, content = label(name, workspace.limits.name_characters), bytearray()
    async for piece in body:
        content += piece
        if len(content) > workspace.limits.session_bytes:
            raise Refused(413, f"{called}: is too large for a session; choose the .json file that was saved")
    saved = await run_in_threadpool(_read, workspace, called, bytes(content))
    with workspace.lock:
        workspace.saved = saved
    return saved


def _read(workspace: Workspace, called: str, content: bytes) -> SavedSession:
    place = workspace.folder / "files" / f"{uuid.uuid4().hex}.json"
    try:
        place.write_bytes(content)
        return SavedSession(called, _loaded(place, called))
    finally:
        place.unlink(missing_ok=True)


def _loaded(place: Path, called: str) -> Session:
    try:
        session = load(place)
        standing(Mix("", place.parent, session))
    except SessionError as error:
        raise SessionError(str(error).replace(str(place), called)) from None
    except ValidationError:
        raise SessionError(f"{called}: its history does not fit its settings; take an older copy of it") from None
    if not session.tracks:
        raise SessionError(f"{called}: has no tracks; choose another session")
    return session


def from_files(workspace: Workspace, saved: SavedSession, files: Sequence[StoredFile], progress: Progress) -> None:
    """The session with files that were sent, each known by its SHA-256.

    Raises:
        SessionError: tracks are without their audio; the line names their files.
    """
    found = {file.heard.sha256: file.path for file in files}
    lost = [file_name(track.path) for track in saved.session.tracks if track.sha256 not in found]
    _complain(list(dict.fromkeys(lost)), {file.name for file in files})
    _reopen(workspace, saved.session, found, progress)


def _complain(lost: Sequence[str], sent: set[str]) -> None:
    missing, other = [name for name in lost if name not in sent], [name for name in lost if name in sent]
    said = [f"{some(missing, _NAMED)} missing"] if missing else []
    said += [f"{some(other, _NAMED)} not the audio that the session was saved with (another SHA-256)"] if other else []
    if said:
        which = "what it was saved with" if other else "it" if len(missing) == 1 else "them"
        raise SessionError(f"{', and '.join(said)}: drop {which} too")


def from_folder(workspace: Workspace, file: Path, progress: Progress) -> None:
    """The session of a file on this machine, with the audio that its paths lead to; all of it stays as it is.

    Raises:
        SessionError: it is no session, or its audio is not there, or another.
        AudioError: a file cannot be read.
    """
    place = session_path(file)
    session, folder = _loaded(place, place.name), place.parent
    check_audio(session, folder, span(progress, 0, 0.5))
    found = {track.sha256: (folder / track.path).resolve() for track in session.tracks}
    for path in (folder / each.path for each in asked_after(session) if each.path is not None):
        if path.is_file():
            found.setdefault(audio.sha256(path), path.resolve())
    _reopen(workspace, session, found, span(progress, 0.5, 1))


def file_name(path: str) -> str:
    """What a file of a session is called, without its folder."""
    return PurePosixPath(path).name


def asked_after(session: Session) -> list[FileContext]:
    """The references and the rough mix that the session's suggestions went by."""
    context = session.context
    return [*context.references, *([context.rough_mix] if context.rough_mix else [])]


def _reopen(workspace: Workspace, session: Session, found: Mapping[str, Path], progress: Progress) -> None:
    """The song, with all that the session holds; ``found`` has files by their SHA-256."""
    folder, tracks = workspace.new_folder("songs"), []
    try:
        for track in session.tracks:
            source, token = found[track.sha256], uuid.uuid4().hex
            place_file(source, folder / f"{token}{source.suffix}")
            with workspace.lock:
                workspace.labels[token] = label(file_name(track.path), workspace.limits.name_characters)
            tracks.append(track.model_copy(update={"path": f"{token}{source.suffix}"}))
        wishes, notes = _wishes(workspace, session, found, progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    paths = {track.id: track.path for track in session.tracks}
    last = last_suggestion(session)
    offers = () if last is None else (replace(Offer.of(last[1]), step=last[0]),)
    opened = session.model_copy(update={"tracks": tracks})
    mix = Mix(uuid.uuid4().hex, folder, opened, offers=offers, paths=paths)
    stand(workspace, mix, wishes, notes)


def _wishes(
    workspace: Workspace, session: Session, found: Mapping[str, Path], progress: Progress
) -> tuple[Wishes, list[str]]:
    """What the last suggestion went by, as far as its files are there; and which are not."""
    limits, context = workspace.limits, session.context
    references, notes = list[ReferenceWish](), list[str]()
    rough = None
    wanted = asked_after(session)
    for number, each in enumerate(wanted, 1):
        path = found.get(each.sha256)
        if path is None:
            notes.append(f"{each.name} is not among the files: add it again to ask for more after it.")
            continue
        try:
            if not isinstance(each, ReferenceContext):
                rough = taken_in(workspace, path, "rough", each.name).id
            elif len(references) < limits.references:
                references.append(_wish(each, taken_in(workspace, path, "reference", each.name)))
        except Refused as no:
            notes.append(f"{no}.")
        progress(number / len(wanted), "listening to the references")
    return Wishes(tuple(references), rough, prompt=context.prompt[: limits.prompt_characters]), notes


def _wish(said: ReferenceContext, file: StoredFile) -> ReferenceWish:
    segment = said.segment
    if segment is not None:
        segment = (segment[0], min(segment[1], file.seconds))
    if segment is not None and not segment[0] < segment[1]:
        segment = None
    return ReferenceWish(file.id, segment, tuple(role.value for role in said.roles), said.weight)
