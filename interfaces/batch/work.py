"""One job, from a song to a mix: separate if needed, suggest, render. What a worker does, with or without Ray."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from interfaces.batch.catalogue import Job, Song
from interfaces.batch.results import Row, failed, keep
from mixer.errors import FaderwiseError
from mixer.session import Session
from mixer.session_file import FILE_NAME, check_audio, load, save
from separation.separator import Separator

WORKPLACE = ".work"
"""Folder in the output where unfinished results lie; what a killed worker leaves there is swept by the next run."""
STEMS = "stems"


def do(job: Job, output: Path) -> Row:
    """Do a job and keep its row. Whatever goes wrong with it is in the row; nothing is raised but an interrupt."""
    started, worker = time.perf_counter(), f"{os.uname().nodename}:{os.getpid()}"
    try:
        row = _done(job, output, started, worker)
    except FaderwiseError as error:
        row = failed(job, str(error), time.perf_counter() - started, worker)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        row = failed(job, f"{place}{error.strerror or error}", time.perf_counter() - started, worker)
    except Exception as error:  # a bug with one song must not take the others with it
        said = f"this is a bug ({type(error).__name__}: {error}); please report it"
        row = failed(job, said, time.perf_counter() - started, worker)
    keep(output, job, row)
    return row


def _done(job: Job, output: Path, started: float, worker: str) -> Row:
    from interfaces.suggesting import Request, chosen, suggestions
    from mixer.render import render
    from style_transfer.suggestion import apply_suggestion

    wish = job.wish
    folder = output / job.song.id
    with _locked(output, job.song.id):
        session = prepared(job.song, folder, output / WORKPLACE, wish.separator)
    request = Request(
        references=() if job.reference is None else (job.reference,),
        separation=wish.separation,
        prompt=wish.prompt,
        fast=wish.fast,
        intensity=wish.intensity,
        loudness_lufs=wish.loudness_lufs,
        seed=wish.seed,
    )
    with _locked(output, f"reference {job.reference}"):
        _separate_reference(job)
    made = chosen(suggestions(session, folder, request), request)
    after = apply_suggestion(session, made)
    mix = output / WORKPLACE / f"{os.getpid()}-{job.name}.flac"
    mix.parent.mkdir(exist_ok=True)
    rendered = render(after, folder, mix)
    mix.replace(folder / f"{job.name}.flac")
    save(after, folder / f"{job.name}.json")
    report = made.report
    return Row(
        song=job.song.id,
        reference=job.name,
        status="done",
        error="",
        kind=job.song.kind,
        tracks=len(session.tracks),
        changes=len(made.changes),
        distance_before_db=None if report is None else report.distance_before_db,
        distance_after_db=None if report is None else report.distance_after_db,
        loudness_lufs=rendered.loudness_lufs,
        true_peak_db=rendered.true_peak_db,
        seconds=round(time.perf_counter() - started, 2),
        memory_mb=peak_mb(),
        worker=worker,
        session=f"{job.id}.json",
        mix=f"{job.id}.flac",
        key=job.key,
    )


def prepared(song: Song, folder: Path, workplace: Path, separator: str) -> Session:
    """The song's session, in its folder of the output with its tracks beside it; made at its first job.

    Tracks are links to the song's own files where the disk can do that, else copies; nothing of the song's is changed.

    Raises:
        FaderwiseError: the song cannot be read or separated.
    """
    if (folder / FILE_NAME).is_file():
        session = load(folder)
        check_audio(session, folder)
        return session
    making = workplace / f"{os.getpid()}-{song.id}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    session = _gathered(song, making, separator)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / STEMS, ignore_errors=True)
    if (making / STEMS).is_dir():
        (making / STEMS).replace(folder / STEMS)
    save(session, folder)  # last: a folder with a session is whole
    shutil.rmtree(making)
    return session


def _gathered(song: Song, making: Path, separator: str) -> Session:
    """The session with its tracks under ``making/stems``."""
    from mixer.scan import scan
    from separation.registry import DEFAULT
    from separation.song import Format, separate_song

    stems = making / STEMS
    if song.kind == "stereo":
        form = Format(".flac", "24")
        separated = separate_song(song.path, stems, loaded(separator or DEFAULT), format=form).session
        (stems / FILE_NAME).unlink()
        return _moved(separated, {track.path: track.path for track in separated.tracks})
    stems.mkdir()
    if song.kind == "stems":
        session, source = scan(song.path).session, song.path
    else:
        session, source = load(song.path), song.path.parent
        check_audio(session, source)
    names: dict[str, str] = {}
    for number, track in enumerate(session.tracks, start=1):
        names[track.path] = f"{number:02} {Path(track.path).name}"
        _link(source / track.path, stems / names[track.path])
    return _moved(session, names)


def _moved(session: Session, names: dict[str, str]) -> Session:
    """The session with its tracks in the folder of stems; context and history refer to files that stayed behind."""
    tracks = [track.model_copy(update={"path": f"{STEMS}/{names[track.path]}"}) for track in session.tracks]
    fresh = Session(name=session.name, sample_rate=session.sample_rate, tracks=tracks)
    return session.model_copy(update={"tracks": tracks, "context": fresh.context, "history": fresh.history})


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


@cache
def loaded(name: str) -> Separator:
    """A separator, loaded once in this process."""
    from separation.registry import open_separator

    return open_separator(name)


def _separate_reference(job: Job) -> None:
    """Have the reference's stems in the cache, where the other workers find them."""
    from interfaces.reference_argument import parse_reference
    from interfaces.reference_stems import with_stems

    if job.reference is not None and job.wish.separation:
        with_stems([parse_reference(job.reference)])


@contextmanager
def _locked(output: Path, what: str) -> Iterator[None]:
    """Only one worker is in this block for the same thing; a lock dies with the process that holds it."""
    import fcntl

    place = output / WORKPLACE
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"{hashlib.sha256(what.encode()).hexdigest()[:16]}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def peak_mb() -> float:
    """The most memory that this process has held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
