"""Session files: read with care, written whole or not at all, and their audio checked against its SHA-256."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mixer import audio
from mixer._parallel import cores, parallel_map
from mixer.errors import SessionError, UsageError
from mixer.knobs import first_problem
from mixer.progress import Progress, silent
from mixer.session import VERSION, Session

FILE_NAME = "faderwise.json"
_LARGEST_BYTES = 256 * 2**20  # a thousand tracks with a long history stay far below
_FORMAT = re.compile(r"faderwise-session/([1-9]\d{0,8})")

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""For each version before the present one, what turns a file of it into a file of the next."""


def session_path(path: str | PathLike[str]) -> Path:
    """The session file that a path means: itself, or ``faderwise.json`` in it if it is a folder."""
    path = Path(path)
    return path / FILE_NAME if path.is_dir() else path


def load(path: str | PathLike[str]) -> Session:
    """The session in a file, or in the ``faderwise.json`` of a folder. Its audio is not looked at: see ``check_audio``.

    Raises:
        SessionError: the file is missing, is no session, or a newer one; it has unknown fields or knobs, or values out
            of range; or an audio path leads outside its folder, links included.
    """
    file = session_path(path)
    data = _parse(file, _read(file))
    version = _version(file, data)
    try:
        for old in range(version, VERSION):
            data = MIGRATIONS[old](data)
        session = Session.model_validate(data)
        check_links([track.path for track in session.tracks], file.parent)
        check_links(_context_paths(session), file.parent)
    except ValidationError as error:
        raise SessionError(f"{file}: {first_problem(error)}; mend the file or run `faderwise new` again") from None
    except (UsageError, SessionError) as error:
        raise SessionError(f"{file}: {error}") from None
    return session


def _read(file: Path) -> str:
    try:
        if file.exists() and not file.is_file():
            raise SessionError(f"{file}: is a device or a pipe; name a session file")
        if file.stat().st_size > _LARGEST_BYTES:
            raise SessionError(f"{file}: is no session, it is too large; name a {FILE_NAME} or its folder")
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SessionError(f"{file}: there is no such session; make one with `faderwise new FOLDER`") from None
    except UnicodeDecodeError:
        raise SessionError(f"{file}: is no session, it is not text; name a {FILE_NAME} or its folder") from None
    except OSError as error:
        raise SessionError(
            f"{file}: cannot be read ({error.strerror or error}); check the path and its rights"
        ) from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SessionError(f"{file}: is no JSON at {where} ({error.msg}); mend it or restore a copy") from None
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise SessionError(f"{file}: cannot be read, {why}; mend it or restore a copy") from None
    if not isinstance(data, dict) or not _FORMAT.fullmatch(str(data.get("schema"))):
        raise SessionError(f"{file}: is no Faderwise session; make one with `faderwise new FOLDER`")
    return data


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"{literal} is no number that a session may hold")
    return number


def _version(file: Path, data: dict[str, Any]) -> int:
    version = int(data["schema"].rpartition("/")[2])
    if version > VERSION:
        raise SessionError(
            f"{file}: was written by a newer Faderwise (session version {version}, this one reads up to {VERSION}); "
            "update with `pip install --upgrade faderwise`"
        )
    return version


def _context_paths(session: Session) -> list[str]:
    files = [*session.context.references, *([session.context.rough_mix] if session.context.rough_mix else [])]
    return [file.path for file in files if file.path is not None]


def check_links(paths: Sequence[str], folder: Path) -> None:
    """SessionError if a path inside the session's folder is a link to somewhere outside it."""
    root = folder.resolve()
    for path in paths:
        if not (root / path).resolve().is_relative_to(root):
            raise SessionError(
                f"{path!r} is a link that leads outside the session's folder: copy the file itself there"
            )


def save(session: Session, path: str | PathLike[str]) -> Path:
    """Write a session, all or nothing, and say where: to the file, or to ``faderwise.json`` in the folder.

    The same session gives the same bytes. A link is followed, so that the file it points to is replaced.

    Raises:
        SessionError: it cannot be written (no folder, no right, a full disk). What was there before still is.
    """
    file = session_path(path).resolve()
    try:
        text = json.dumps(session.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False, allow_nan=False)
        content = f"{text}\n".encode()
    except ValueError as error:
        raise SessionError(f"{file}: not saved, a value in the session cannot be written ({error})") from None
    try:
        if file.exists() and not os.access(file, os.W_OK):
            raise PermissionError(13, "the file is write-protected")
        _replace(file, content)
    except OSError as error:
        kept = ", the file is as it was" if file.exists() else ""
        raise SessionError(
            f"{file}: cannot be saved ({error.strerror or error}){kept}; free the way and save again"
        ) from None
    return file


def _replace(file: Path, content: bytes) -> None:
    """Put the content in the file's place in one step, on the disk before it is seen."""
    temporary = file.with_name(f".faderwise-{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():
            temporary.chmod(file.stat().st_mode & 0o777)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def check_audio(session: Session, folder: str | PathLike[str], progress: Progress = silent) -> None:
    """Make sure that the tracks' files are there and are those that the session was made from.

    Args:
        folder: where the session's audio paths start: the folder of its file.

    Raises:
        SessionError: files are missing or differ; the line names the first three.
        AudioError: a file cannot be read.
    """
    folder, tracks = Path(folder), session.tracks
    missing = [track.path for track in tracks if not (folder / track.path).is_file()]
    if missing:
        raise SessionError(
            f"{folder}: {some(missing)} missing: restore the audio, or run `faderwise new` on the folder"
        )
    changed: list[str] = []
    for start in range(0, len(tracks), cores()):
        batch = tracks[start : start + cores()]
        sums = parallel_map(lambda i, batch=batch: audio.sha256(folder / batch[i].path), len(batch))  # type: ignore[misc]
        changed += [track.path for track, found in zip(batch, sums, strict=True) if found != track.sha256]
        progress((start + len(batch)) / len(tracks), "checking audio files")
    if changed:
        raise SessionError(
            f"{folder}: {some(changed)} not the audio that the session was made from (another SHA-256): "
            "restore it, or run `faderwise new` on the folder"
        )


def some(names: Sequence[str], most: int = 3) -> str:
    """The first of the names and how many more, with the verb.

    >>> some(["a.wav"]), some(["a.wav", "b.wav", "c.wav", "d.wav", "e.wav"])
    ('a.wav is', 'a.wav, b.wav, c.wav and 2 more are')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more} {'is' if len(names) == 1 else 'are'}"
