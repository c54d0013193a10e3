"""What ``new`` does around the library's ``scan``: where the session goes, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import relpath
from pathlib import Path
from typing import Any

from interfaces.output import line, table
from mixer.errors import SessionError, UsageError
from mixer.progress import Progress, silent
from mixer.scan import ScanResult, scan
from mixer.session import Track
from mixer.session_file import FILE_NAME, session_path

_ORIGINS = {"name": "its name", "audio": "its sound", "none": "nothing: please say", "user": "you"}


def session_target(folder: Path, output: Path | None, *, force: bool) -> Path:
    """Where the session of a folder of stems goes.

    Raises:
        SessionError: there is no such folder.
        UsageError: the place is neither the folder nor above it, is no .json file, or holds a session already.
    """
    if not folder.is_dir():
        what = "is a file, not a folder of stems" if folder.exists() else "there is no such folder"
        raise SessionError(f"{folder}: {what}; name the folder that holds the stems")
    target = session_path(output) if output is not None else folder / FILE_NAME
    if not target.parent.is_dir():
        raise UsageError(f"{target}: there is no folder {target.parent}; create it or choose another place")
    if not folder.resolve().is_relative_to(target.parent.resolve()):
        raise UsageError(
            f"{target}: a session lies in the folder of its stems or above it, for it holds paths from there on: "
            f"choose {folder / target.name}"
        )
    if target.suffix.lower() != ".json":
        raise UsageError(f"{target}: a session is a .json file: choose {target.with_suffix('.json')}")
    if target.exists() and not force:
        raise UsageError(f"{target}: is there already; --force replaces it and its history")
    return target


def scanned(
    folder: Path, target: Path, *, name: str | None = None, rate: int | None = None, progress: Progress = silent
) -> ScanResult:
    """The folder as a session whose paths start where its file will lie; raises as ``mixer.scan.scan``."""
    result = scan(folder, name=name, sample_rate=rate, progress=progress)
    below = Path(relpath(folder.resolve(), target.parent.resolve()))
    tracks = [track.model_copy(update={"path": (below / track.path).as_posix()}) for track in result.session.tracks]
    return ScanResult(result.session.model_copy(update={"tracks": tracks}), result.notes)


def new_document(result: ScanResult, target: Path, *, saved: bool) -> Mapping[str, Any]:
    """The new session as JSON tells it."""
    session = result.session
    return {
        "session": str(target),
        "saved": saved,
        "name": session.name,
        "sample_rate": session.sample_rate,
        "tracks": [
            track.model_dump(mode="json", exclude={"settings", "mute", "solo", "locked"})
            | {"seconds": track.frames / track.sample_rate}
            for track in session.tracks
        ],
        "notes": result.notes,
    }


def print_new(result: ScanResult, target: Path, *, saved: bool) -> None:
    """The tracks as a table, what is to be known, and where it went."""
    session = result.session
    table(
        ("Track", "Id", "Role", "Guessed from", "Sure", "Channels", "Length"),
        [_row(track) for track in session.tracks],
        right=("Sure", "Length"),
        title=f"{session.name}: {len(session.tracks)} tracks at {session.sample_rate} Hz",
    )
    for note in result.notes:
        line(f"note: {note}")
    line(f"saved {target}" if saved else f"not saved (--dry-run): {target}")


def _row(track: Track) -> tuple[str, ...]:
    channels = "mono" if track.channels == 1 else "stereo"
    sure = f"{100 * track.role_confidence:.0f} %"
    length = clock(track.frames / track.sample_rate)
    return track.name, track.id, track.role.value, _ORIGINS[track.role_origin], sure, channels, length


def clock(seconds: float) -> str:
    """A length as a person reads it.

    >>> clock(62.34), clock(3723), clock(0.0213)
    ('1:02.3', '1:02:03.0', '0:00.02')
    """
    digits = 1 if seconds >= 1 else 2
    rounded = round(seconds, digits)
    minutes, rest = divmod(rounded, 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{rest:0{3 + digits}.{digits}f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
