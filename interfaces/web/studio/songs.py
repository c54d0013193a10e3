"""How a song comes into the studio: from stems, from one stereo file that is separated, or the demo."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path, PurePath

from interfaces.separating import TWO_STEMS
from interfaces.web.player import raw_loudness
from interfaces.web.studio.answers import Refused
from interfaces.web.studio.labels import labelled
from interfaces.web.studio.mixing import Mix
from interfaces.web.studio.uploads import place_file, taken_in
from interfaces.web.studio.workspace import ReferenceWish, StoredFile, Wishes, Workspace
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
    names = {file.path.name: file.name for file in stems}
    heard = {file.path.name: file.heard for file in stems}
    _open(workspace, folder, scan(folder, name=name or _NEW_NAME, names=names, heard=heard, progress=progress))


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
        reference = taken_in(workspace, bundled / "reference.ogg", "reference", _REFERENCE)
    result = scan(folder, name=DEMO_NAME, names=names, progress=progress)
    with workspace.lock:
        workspace.wishes = Wishes((ReferenceWish(reference.id),))
        _open(workspace, folder, result)


def measure(workspace: Workspace, key: str, progress: Progress) -> None:
    """How loud the plain sum of the tracks is, so that raw and mix can be heard equally loud."""
    mix = workspace.playing()
    if mix.key != key or workspace.raw_lufs is not None:
        return
    lufs = raw_loudness(mix.session, mix.folder, progress)
    with workspace.lock:
        if workspace.mix is not None and workspace.mix.key == key:
            workspace.raw_lufs = lufs


def _open(workspace: Workspace, folder: Path, result: ScanResult) -> None:
    """A new song, for which what was wished before still holds, but for a rough mix of another."""
    mix = Mix(uuid.uuid4().hex, folder, result.session)
    stand(workspace, mix, replace(workspace.wishes, rough_mix=None), result.notes)


def stand(workspace: Workspace, mix: Mix, wishes: Wishes, notes: Sequence[str]) -> None:
    """Put a song in the place of the present one."""
    with workspace.lock:
        old = workspace.mix
        workspace.change(mix)
        workspace.raw_lufs = workspace.saved = None
        workspace.notes = tuple(workspace.called(note) for note in notes)
        workspace.wishes = wishes
    if old is not None:
        shutil.rmtree(old.folder, ignore_errors=True)
