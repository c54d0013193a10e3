"""Files that programs send and get: each call works in a folder of its own, which is gone when the call is over."""

from __future__ import annotations

import base64
import json
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.labels import label, labelled
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.uploads import checked_sound, place_file
from mixer import audio
from mixer.errors import UsageError
from mixer.scan import scan
from mixer.session import Session
from mixer.session_file import FILE_NAME, load
from separation.cache import stems_kept_in

FileData = Mapping[str, Any]
"""A file as Gradio tells of it: ``path`` where it lies, ``orig_name`` what its owner calls it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The folder of one call. ``uploads`` is where files may come from."""

    folder: Path
    uploads: Path
    limits: Limits
    labels: dict[str, str] = field(default_factory=dict)

    def take(self, given: object) -> Path:
        """A file that was sent, decoded to its end, under a name of ours.

        Raises:
            Refused: it may not be used, or is not there.
        """
        if isinstance(given, str) and given.startswith("data:"):
            return self._kept(self._spelt_out(given), "file")
        place = given.get("path") if isinstance(given, Mapping) else None
        if not isinstance(place, str):
            raise Refused(400, "a file is missing: send it with handle_file, or as a data: URL")
        path = Path(place).resolve()
        if not path.is_relative_to(self.uploads.resolve()) or not path.is_file():
            raise Refused(404, "this file was not uploaded here, or is gone: send it again")
        name = given.get("orig_name") if isinstance(given, Mapping) else None
        return self._kept(path, name if isinstance(name, str) else path.name)

    def _spelt_out(self, url: str) -> Path:
        """The file that stands in a ``data:`` URL."""
        kind, _, content = url.partition(",")
        path = self.folder.parent / uuid.uuid4().hex
        try:
            path.write_bytes(base64.b64decode(content, validate=True) if kind.endswith(";base64") else b"")
        except ValueError:
            raise Refused(400, "a data: URL is damaged: write it as data:audio/flac;base64,...") from None
        return path

    def _kept(self, path: Path, name: str) -> Path:
        token, called = uuid.uuid4().hex, label(name, self.limits.name_characters)
        suffix, _, _ = checked_sound(path, called, self.limits.file_seconds, loudness=False)
        self.labels[token] = called
        place_file(path, self.folder / f"{token}{suffix}")
        return self.folder / f"{token}{suffix}"

    def take_all(self, given: object, most: int, what: str) -> list[Path]:
        """So many files at most."""
        files = given if isinstance(given, Sequence) and not isinstance(given, str) else []
        if len(files) > most:
            raise Refused(413, f"{len(files)} {what}: {most} are the most")
        return [self.take(each) for each in files]

    def elsewhere(self) -> Desk:
        """The same for files that are no tracks: a scan of the folder does not find them."""
        folder = self.folder.with_name("context")
        folder.mkdir(exist_ok=True)
        return replace(self, folder=folder)

    def called(self, text: str, *, in_json: bool = False) -> str:
        """Text with the names that the files have for their owner."""
        return labelled(text, self.labels, in_json=in_json)

    def session(self, stems: Sequence[Path], sent: str, name: str) -> tuple[Session, list[str]]:
        """The session of these stems: a new one, or one that was sent along with them, as JSON.

        Raises:
            UsageError: a track's file is not among the stems.
            SessionError: what was sent is no session.
        """
        if not stems:
            raise UsageError("there are no stems: send at least one audio file")
        if not sent.strip():
            names = {path.name: self.labels[path.stem] for path in stems}
            found = scan(self.folder, name=name or "song", names=names)
            return found.session, [self.called(note) for note in found.notes]
        return self._opened(stems, sent), []

    def _opened(self, stems: Sequence[Path], sent: str) -> Session:
        """A session whose tracks are known by their content, wherever their files were."""
        try:
            document = json.loads(sent)
            tracks = [(str(track["name"]), track) for track in document["tracks"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise UsageError("session is no session: send the text that /session gave") from None
        files = {audio.sha256(path): path.name for path in stems}
        for name, track in tracks:
            if track.get("sha256") not in files:
                raise UsageError(f"the file of the track {name!r} is not among the stems: send all of them")
            track["path"] = files[track["sha256"]]
        file = self.folder / FILE_NAME
        file.write_text(json.dumps(document), encoding="utf-8")
        return load(file)

    def text(self, session: Session) -> str:
        """The session as JSON, with the owner's names of files as its paths, so that it can be saved beside them."""
        told: dict[str, Any] = json.loads(self.called(session.model_dump_json(by_alias=True), in_json=True))
        taken: set[str] = set()
        for track in told["tracks"]:
            path, count = track["path"], 1
            while path.casefold() in taken:
                count += 1
                path = f"{Path(track['path']).stem} {count}{Path(track['path']).suffix}"
            taken.add(path.casefold())
            track["path"] = path
        return json.dumps(told, ensure_ascii=False, indent=1)


@contextmanager
def desk(studio: Studio, uploads: Path) -> Iterator[Desk]:
    """A folder for one call."""
    folder = studio.scratch()
    (folder / "audio").mkdir()
    try:
        with stems_kept_in(folder / "stems"):
            yield Desk(folder / "audio", uploads, studio.limits)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
