"""A project that we did not write, as a new session: its tracks' audio gathered, its faders and pans taken."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory

import numpy as np

from interfaces.daw.daw_session import Clip, DawSession, DawStrip
from interfaces.daw.importer import Imported, into_session
from interfaces.daw.names import plain_names
from mixer import audio
from mixer.arrays import F32
from mixer.edits import apply
from mixer.errors import AudioError, SessionError
from mixer.progress import Progress, silent, span
from mixer.scan import scan
from mixer.session import RATES_HZ, Edit

_LONGEST_S = 3 * 3600.0
_WHOLE_S = 0.002
"""A clip that lacks less than this of its file is all of it."""


def as_session(project: DawSession, folder: Path, *, progress: Progress = silent) -> Imported:
    """A session of the project's tracks, whose audio is put into ``folder`` (existing, without audio in it).

    A track of one whole file at the start is copied; of one with several clips a single file is made, fades left out.

    Raises:
        SessionError: no track has audio that is there and can be read.
    """
    left: list[str] = []
    placed = _gather_all(project, folder, left, span(progress, 0, 0.7))
    taken_ids = {id(strip) for strip in placed.values()}
    left += [f"{strip.name}: {what}" for strip in project.tracks if id(strip) not in taken_ids for what in strip.left]
    if not placed:
        reasons = f" ({left[0]})" if left else ""
        raise SessionError(f"{project.path}: no track has audio that can be read{reasons}; look for its audio files")
    rate = project.sample_rate
    usable = rate if rate is not None and RATES_HZ[0] <= rate <= RATES_HZ[1] else None
    result = scan(folder, name=project.name, sample_rate=usable, progress=span(progress, 0.7, 1))
    session = result.session
    titles = {track.id: placed[track.path].name for track in session.tracks}
    renames = [Edit(address=f"{track_id}.name", before=None, after=title) for track_id, title in titles.items()]
    session = apply(session, renames, "import", f"tracks of {project.path.name}")
    known = replace(
        project,
        tracks=[replace(strip, mark="", clips=[Clip(file)]) for file, strip in placed.items()],
    )
    taken = into_session(session, known)
    return replace(taken, left=[*left, *taken.left, *result.notes])


def _gather_all(project: DawSession, folder: Path, left: list[str], progress: Progress) -> dict[str, DawStrip]:
    """The audio of all tracks, put into the folder: each file's name, and the track that it is."""
    names = plain_names((strip.name for strip in project.tracks), forbidden='/\\:*?"<>|.', longest_bytes=80)
    placed: dict[str, DawStrip] = {}
    with _sources(project) as find:
        for index, (strip, name) in enumerate(zip(project.tracks, names, strict=True), 1):
            progress(index / len(project.tracks), "gathering audio")
            try:
                file = _gather(strip, find, folder, f"{index:02d} {name}", project.sample_rate)
            except AudioError as error:
                left.append(f"{strip.name}: {error}")
                continue
            if file is None:
                left.append(f"{strip.name}: has no audio, so it is no track here")
            else:
                placed[file.name] = strip
    return placed


@contextmanager
def _sources(project: DawSession) -> Iterator[dict[str, Path]]:
    """Every file that the tracks play, as they name it, and where it lies; what is in an archive is unpacked."""
    files = {clip.file for strip in project.tracks for clip in strip.clips}
    if project.path.suffix.lower() != ".dawproject":
        yield {file: found for file in files if (found := _find(project.path.parent, file)) is not None}
        return
    with TemporaryDirectory(prefix="faderwise-") as scratch, zipfile.ZipFile(project.path) as archive:
        unpacked: dict[str, Path] = {}
        for number, file in enumerate(sorted(files & set(archive.namelist()))):
            target = Path(scratch) / f"{number}{Path(file).suffix}"
            with archive.open(file) as source, target.open("wb") as written:
                shutil.copyfileobj(source, written)
            unpacked[file] = target
        outside = {file: found for file in files - unpacked.keys() if (found := _find(project.path.parent, file))}
        yield unpacked | outside


def _find(folder: Path, file: str) -> Path | None:
    """Where a file lies that a project names: by its path, else by its name beside the project."""
    plain = file.replace("\\", "/")
    name = PureWindowsPath(file).name
    candidates = [folder / plain, folder / name, folder / "Media" / name, folder / "Audio" / name]
    candidates += sorted(folder.glob(f"interchange/*/audiofiles/{_escaped(name)}"))
    return next((path for path in candidates if path.is_file()), None)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _gather(strip: DawStrip, find: dict[str, Path], folder: Path, stem: str, rate: int | None) -> Path | None:
    there = [clip for clip in strip.clips if clip.file in find]
    strip.left += [f"the audio {clip.file} is not there" for clip in strip.clips if clip.file not in find]
    if not there:
        return None
    first = audio.probe(find[there[0].file])
    if len(there) == 1 and _is_whole(there[0], first.frames / first.sample_rate):
        source = find[there[0].file]
        if source.suffix.lower() in audio.SUFFIXES:
            return Path(shutil.copyfile(source, folder / f"{stem}{source.suffix.lower()}"))
    target = folder / f"{stem}.wav"
    audio.write(target, _assembled(there, find, rate or first.sample_rate), rate or first.sample_rate, depth="float")
    return target


def _is_whole(clip: Clip, seconds: float) -> bool:
    starts = clip.position_s < _WHOLE_S and clip.offset_s < _WHOLE_S
    return starts and (clip.length_s is None or clip.length_s > seconds - _WHOLE_S)


def _assembled(clips: list[Clip], find: dict[str, Path], rate: int) -> F32:
    """The clips at their places, added where they overlap: ``[1 or 2, time]``."""
    pieces: list[tuple[int, F32]] = []
    for clip in clips:
        frames = None if clip.length_s is None else round(clip.length_s * rate)
        if clip.position_s + (clip.length_s or 0) > _LONGEST_S:
            raise AudioError(f"{clip.file}: ends after more than {_LONGEST_S / 3600:.0f} hours; shorten the project")
        sound, _ = audio.read(find[clip.file], rate, start=round(clip.offset_s * rate), frames=frames)
        pieces.append((round(clip.position_s * rate), sound))
    channels = max(sound.shape[0] for _, sound in pieces)
    whole = np.zeros((channels, max(1, *(start + sound.shape[1] for start, sound in pieces))), np.float32)
    for start, sound in pieces:
        whole[:, start : start + sound.shape[1]] += sound
    return whole
