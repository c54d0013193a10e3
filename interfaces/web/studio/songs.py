"""How a song comes into the studio: from stems, from one stereo file that is separated, or the demo."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path, PurePath

from interfaces.separating import TWO_STEMS
from interfaces.web.player import raw_loudness
from interfaces.web.studio.answers import Refused
from interfaces.web.studio.labels import labelled
from interfaces.web.studio.mixing import Mix
from interfaces.web.studio.workspace import ReferenceWish, StoredFile, Wishes, Workspace
from mixer import audio
from mixer.loudness import LoudnessMeter
from mixer.progress import Progress
from mixer.scan import ScanResult, scan
from mixer.session import Session
from separation.outputs import each_stem
from separation.registry import DEFAULT, open_separator
from separation.separator import Options
from separation.song import Format, separate_song

DEMO_NAME = "Demo song"
_NEW_NAME = "New song"
SEPARATORS = {2: TWO_STEMS, 4: DEFAULT}
"""Which separator gives so many stems."""
_FORMAT = Format(".flac", "24")
_REFERENCE = "Demo reference.ogg"


def from_stems(workspace: Workspace, stems: Sequence[StoredFile], name: str, progress: Progress) -> None:
    """A song of uploaded stems; roles are guessed from what the files were called, and from their sound."""
    folder = workspace.new_folder("songs")
    for stem in stems:
        place_file(stem.path, folder / stem.path.name)
    _open(workspace, folder, scan(folder, name=name or _NEW_NAME, names=_names(stems), progress=progress))


def from_song(workspace: Workspace, song: StoredFile, count: int, name: str, progress: Progress) -> None:
    """A song of the stems that one stereo file is separated into."""
    if count not in SEPARATORS:
        raise Refused(400, f"a song is separated into 2 or 4 stems, not {count}")
    folder = workspace.new_folder("songs")
    try:
        separator = open_separator(SEPARATORS[count], Options())
        outputs = each_stem(separator.about.stems)
        made = separate_song(song.path, folder, separator, outputs, format=_FORMAT, progress=progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    told = labelled(made.session.model_dump_json(by_alias=True), {song.id: song.name}, in_json=True)
    session = Session.model_validate_json(told)
    session = session.model_copy(update={"name": name or PurePath(song.name).stem})
    _open(workspace, folder, ScanResult(session, []))


def demo(workspace: Workspace, progress: Progress) -> None:
    """The demo song, raw, with its reference beside it."""
    folder, names = workspace.new_folder("songs"), dict[str, str]()
    with as_file(files("interfaces") / "demo") as bundled:
        for stem in sorted((bundled / "song").glob("*.ogg")):
            token = uuid.uuid4().hex
            shutil.copyfile(stem, folder / f"{token}.ogg")
            names[f"{token}.ogg"] = workspace.labels[token] = stem.name
        reference = _demo_reference(workspace, bundled / "reference.ogg")
    result = scan(folder, name=DEMO_NAME, names=names, progress=progress)
    with workspace.lock:
        workspace.files[reference.id], workspace.labels[reference.id] = reference, reference.name
        workspace.wishes = Wishes((ReferenceWish(reference.id),))
        _open(workspace, folder, result)


def _demo_reference(workspace: Workspace, bundled: Path) -> StoredFile:
    token = uuid.uuid4().hex
    path = workspace.folder / "files" / f"{token}.ogg"
    shutil.copyfile(bundled, path)
    info, meter = audio.probe(path), LoudnessMeter(audio.probe(path).sample_rate, 2, true_peak=False)
    for block in audio.blocks(path):
        meter.push(block)
    size = path.stat().st_size
    shape = (info.seconds, info.sample_rate, info.channels, size)
    return StoredFile(token, "reference", _REFERENCE, path, *shape, meter.integrated)


def measure(workspace: Workspace, key: str, progress: Progress) -> None:
    """How loud the plain sum of the tracks is, so that raw and mix can be heard equally loud."""
    mix = workspace.playing()
    if mix.key != key:
        return
    lufs = raw_loudness(mix.session, mix.folder, progress)
    with workspace.lock:
        if workspace.mix is not None and workspace.mix.key == key:
            workspace.raw_lufs = lufs


def _names(stored: Iterable[StoredFile]) -> dict[str, str]:
    return {file.path.name: file.name for file in stored}


def place_file(file: Path, target: Path) -> None:
    """The same file at another name; a copy where the disk has no second names."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def _open(workspace: Workspace, folder: Path, result: ScanResult) -> None:
    """Put a song in the place of the present one."""
    with workspace.lock:
        old = workspace.mix
        workspace.change(Mix(uuid.uuid4().hex, folder, result.session))
        workspace.raw_lufs = None
        workspace.notes = tuple(workspace.called(note) for note in result.notes)
        workspace.wishes = replace(workspace.wishes, rough_mix=None)
    if old is not None:
        shutil.rmtree(old.folder, ignore_errors=True)
