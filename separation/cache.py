"""Separated songs kept for the next time: by what is in the file and by what separated it, up to a size.

An entry is an ordinary folder of stems with its session, which is written last: an entry without one is not whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from os import PathLike
from pathlib import Path

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
    about = about_separator(separator)
    progress(0.0, "looking into the cache")
    folder = stems_folder() / _key(audio.sha256(song), about, options, segment)
    if _is_whole(folder):
        os.utime(folder / FILE_NAME)
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        separate_song(
            song,
            folder,
            open_separator(separator, options),
            format=_FORMAT,
            segment=segment,
            shifts=options.shifts,
            overwrite=True,
            progress=progress,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    make_room(limit_mb, keep=folder)
    return folder


def stems_folder() -> Path:
    """Where the entries lie."""
    return cache_folder() / "stems"


def make_room(limit_mb: float, keep: Path | None = None) -> None:
    """Remove the entries that were not used longest until the rest fits; ``keep`` stays in any case."""
    root = stems_folder()
    entries = sorted((path for path in root.iterdir() if path.is_dir()), key=_last_used) if root.is_dir() else []
    sizes = {entry: sum(file.stat().st_size for file in entry.rglob("*") if file.is_file()) for entry in entries}
    total = sum(sizes.values())
    for entry in entries:
        if total <= limit_mb * 1e6:
            return
        if entry != keep:
            shutil.rmtree(entry, ignore_errors=True)
            total -= sizes[entry]


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
