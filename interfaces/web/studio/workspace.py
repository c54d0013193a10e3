"""What one browser has in the studio: its files, its song, what it asked for, and what came of that."""

from __future__ import annotations

import math
import shutil
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.labels import labelled
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.look import Compared, Looker
from interfaces.web.studio.mixing import Mix
from mixer.scan import Heard
from mixer.session import Session
from style_transfer.reference_file import ReferenceFile

FileKind = Literal["stem", "song", "reference", "rough"]
KINDS: tuple[FileKind, ...] = ("stem", "song", "reference", "rough")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An audio file that was taken in: decoded to its end, under a name of ours."""

    id: str
    kind: FileKind
    name: str
    path: Path
    heard: Heard
    bytes: int
    loudness_lufs: float | None
    """Of two sides; None where it was not measured, or is silent."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.heard.frames / self.sample_rate

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self.heard.info.sample_rate

    @property
    def channels(self) -> int:
        """As the file has them."""
        return self.heard.info.channels

    def document(self) -> dict[str, Any]:
        """As the page is told."""
        names = ("id", "kind", "name", "seconds", "sample_rate", "channels", "bytes")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class ReferenceWish:
    """A reference, and what it is asked for."""

    file: str
    segment: tuple[float, float] | None = None
    roles: tuple[str, ...] = ()
    weight: float = 1.0
    separation: bool = True


@dataclass(frozen=True, slots=True)
class Wishes:
    """What suggestions go by."""

    references: tuple[ReferenceWish, ...] = ()
    rough_mix: str | None = None
    rough_keeps: tuple[str, ...] = ("level", "pan")
    prompt: str = ""
    confirm: bool = False
    """Whether what is only guessed from the prompt is meant, too."""


@dataclass(frozen=True, slots=True)
class SavedSession:
    """A session's file that was sent, and waits for its audio."""

    name: str
    """Of the file."""
    session: Session


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was made for the user to take away."""

    id: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A workspace as it stood when work on it began."""

    mix: Mix
    files: Mapping[str, StoredFile]
    wishes: Wishes
    scratch: Path
    """An empty folder for the work, on the disk of the workspace."""

    def compared(self) -> list[Compared]:
        """The references that are asked for, as they are looked at beside the mix."""
        found = [(self.files[wish.file], wish) for wish in self.wishes.references if wish.file in self.files]
        return [
            Compared(file.id, file.name, ReferenceFile(file.path, wish.segment, wish.weight)) for file, wish in found
        ]


@dataclass(eq=False)
class Workspace:
    """Everything of one browser. Its fields are changed under ``lock``, and none of what they hold ever is."""

    key: str
    folder: Path
    limits: Limits
    lock: threading.RLock = field(default_factory=threading.RLock)
    files: dict[str, StoredFile] = field(default_factory=dict)
    saved: SavedSession | None = None
    wishes: Wishes = Wishes()
    mix: Mix | None = None
    looker: Looker = field(default_factory=Looker)
    raw_lufs: float | None = None
    downloads: dict[str, Download] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    revision: int = 0
    """Counts changes of the song; what is uploaded, wished for or measured leaves it."""
    labels: dict[str, str] = field(default_factory=dict)
    receiving: dict[str, int] = field(default_factory=dict)
    """Bytes of each upload that is under way."""
    used: float = field(default_factory=time.monotonic)
    moved: float = -math.inf
    """When a knob was last moved by hand, on the same clock."""
    gone: bool = False

    def __post_init__(self) -> None:
        for name in ("files", "songs", "sound", "stems", "out", "scratch"):
            (self.folder / name).mkdir(mode=0o700)

    def touch(self) -> None:
        """It is in use now."""
        self.used = time.monotonic()

    def called(self, text: str) -> str:
        """Text with the user's names of files."""
        return labelled(text, self.labels)

    def file(self, file_id: object, *kinds: FileKind) -> StoredFile:
        """A file by its id; Refused (404) where there is none of these kinds (any kind, if none is given)."""
        found = self.files.get(file_id) if isinstance(file_id, str) else None
        if found is None or (kinds and found.kind not in kinds):
            raise Refused(404, "there is no such file: upload it again")
        return found

    def playing(self) -> Mix:
        """The song; Refused (400) where there is none yet."""
        if self.mix is None:
            raise Refused(400, "there is no song yet: drop stems or a song, or open the demo")
        return self.mix

    def change(self, mix: Mix) -> None:
        """Put another state of the song in place of the present one."""
        with self.lock:
            if self.gone:
                raise Refused(404, "this workspace was deleted: load the page again")
            self.mix = mix
            self.revision += 1

    def snapshot(self) -> Snapshot:
        """The state for work that takes its time; Refused where there is no song."""
        with self.lock:
            return Snapshot(self.playing(), dict(self.files), self.wishes, self.new_folder("scratch"))

    def new_folder(self, place: str) -> Path:
        """A new folder with a name of ours."""
        folder = self.folder / place / uuid.uuid4().hex
        folder.mkdir(mode=0o700)
        return folder

    def bytes_used(self) -> int:
        """What lies in the folder, hard links counted once, and what is on its way into it."""
        sizes = {}
        for path in self.folder.rglob("*"):
            try:
                stat = path.lstat()
            except FileNotFoundError:
                continue
            sizes[stat.st_ino] = stat.st_size
        return sum(sizes.values())

    def delete(self) -> None:
        """Take everything away."""
        with self.lock:
            self.gone = True
            self.files, self.downloads, self.mix = {}, {}, None
        shutil.rmtree(self.folder, ignore_errors=True)
