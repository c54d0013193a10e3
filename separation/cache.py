"""Separated songs kept for the next time: by what is in the file and by what separated it, up to a size.

An entry is an ordinary folder of stems with its session. It is made beside its place and renamed when it is whole, so
that programs that want the same song at the same time do the work twice at worst.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from mixer import audio
from mixer.errors import FaderwiseError
from mixer.progress import Progress, silent
from mixer.session_file import FILE_NAME, load
from separation.models import cache_folder
from separation.registry import DEFAULT, about_separator, open_separator
from separation.separator import About, Options
from separation.song import Format, separate_song

LIMIT_MB = 4000.0
"""Some forty songs of four minutes in four stems."""
_FORMAT = Format(".flac", "24")
_MAKING = ".making-"
_ABANDONED_S = 86_400.0
"""After which what was being made was left by a program that was killed."""
_PLACE: ContextVar[Path | None] = ContextVar("stems_folder", default=None)


def cached_stems(
    song: str | PathLike[str],
    separator: str = DEFAULT,
    options: Options | None = None,
    *,
    segment: tuple[float, float] | None = None,
    limit_mb: float = LIMIT_MB,
    progress: Progress = silent,
) -> Path:
    """The folder of a song's stems and session, separated now unless the same content was before.

    Songs that were not asked for longest make room when all of them are more than ``limit_mb``.

    Args:
        separator: by its name; its model is loaded only if it has work to do.
        segment: start and end in seconds, where only a part of the song is wanted.

    Raises:
        AudioError, ModelError, UsageError: as ``open_separator`` and ``separate_song``.
    """
    options = options or Options()
    progress(0.0, "looking into the cache")
    folder = _entry(song, separator, options, segment)
    if _is_whole(folder):
        os.utime(folder / FILE_NAME)
        return folder
    stems_folder().mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=_MAKING, dir=stems_folder()) as scratch:
        made = Path(scratch) / "stems"
        separate_song(
            song,
            made,
            open_separator(separator, options),
            format=_FORMAT,
            segment=segment,
            shifts=options.shifts,
            progress=progress,
        )
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # somebody else was quicker just now
                made.rename(folder)
    make_room(limit_mb, keep=folder)
    return folder


def kept_stems(
    song: str | PathLike[str], separator: str = DEFAULT, *, segment: tuple[float, float] | None = None
) -> Path | None:
    """What ``cached_stems`` would give at once; None where it would have to separate.

    Raises:
        AudioError: the song cannot be read.
    """
    folder = _entry(song, separator, Options(), segment)
    return folder if _is_whole(folder) else None


def stems_folder() -> Path:
    """Where the entries lie."""
    return _PLACE.get() or cache_folder() / "stems"


@contextmanager
def stems_kept_in(folder: Path) -> Iterator[None]:
    """Entries lie in this folder while the block runs, in this thread: for songs that may not outlast their owner."""
    token = _PLACE.set(folder)
    try:
        yield
    finally:
        _PLACE.reset(token)


def make_room(limit_mb: float, keep: Path | None = None) -> None:
    """Remove the entries that were not used longest until the rest fits; ``keep`` stays in any case."""
    root, now = stems_folder(), time.time()
    entries = sorted(filter(Path.is_dir, root.iterdir()), key=_last_used) if root.is_dir() else []
    for path in entries:
        if path.name.startswith(_MAKING) and now - path.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(path, ignore_errors=True)
    entries = [path for path in entries if not path.name.startswith(_MAKING)]
    sizes = {entry: sum(file.stat().st_size for file in entry.rglob("*") if file.is_file()) for entry in entries}
    total = sum(sizes.values())
    for entry in entries:
        if total <= limit_mb * 1e6:
            return
        if entry != keep:
            shutil.rmtree(entry, ignore_errors=True)
            total -= sizes[entry]


def _entry(song: str | PathLike[str], separator: str, options: Options, segment: tuple[float, float] | None) -> Path:
    return stems_folder() / _key(audio.sha256(song), about_separator(separator), options, segment)


def _key(sha256: str, about: About, options: Options, segment: tuple[float, float] | None) -> str:
    how = (about.version, options.shifts, options.segment_s, options.overlap, str(options.weights or ""), segment)
    return f"{sha256[:24]}-{about.name}-{hashlib.sha256(repr(how).encode()).hexdigest()[:12]}"


def _is_whole(folder: Path) -> bool:
    try:
        session = load(folder)
    except FaderwiseError:
        return False
    return all((folder / track.path).is_file() for track in session.tracks)


def _last_used(entry: Path) -> float:
    session = entry / FILE_NAME
    return session.stat().st_mtime if session.exists() else entry.stat().st_mtime
