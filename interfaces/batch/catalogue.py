"""What a batch works on: the songs and references that people name, as jobs that know nothing of one another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from interfaces.reference_argument import parse_reference
from mixer.audio import SUFFIXES
from mixer.errors import SessionError, UsageError
from mixer.naming import slug
from mixer.scan import natural_key
from mixer.session_file import FILE_NAME

Kind = Literal["session", "stems", "stereo"]
LISTS = (".txt", ".lst")


@dataclass(frozen=True, slots=True)
class Song:
    """A song of the catalogue: a session file, a folder of stems, or a stereo file that is separated first.

    ``id`` is the name of its folder in the output, and no other song's.
    """

    id: str
    kind: Kind
    path: Path


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of every song; plain data, for it travels to other processes. See ``interfaces.suggesting``."""

    prompt: str = ""
    intensity: tuple[str, ...] = ()
    loudness_lufs: float | None = None
    seed: int = 0
    separation: bool = True
    separator: str = ""
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One song after one reference (None where words alone are to go by)."""

    song: Song
    reference: str | None
    name: str
    wish: Wish

    @property
    def id(self) -> str:
        """Where its results lie: ``SONG/REFERENCE``."""
        return f"{self.song.id}/{self.name}"

    @property
    def key(self) -> str:
        """Changes with whatever would change the result, files aside: a job whose key is in the results is done."""
        told = {"song": str(self.song.path.resolve()), "kind": self.song.kind, "reference": self.reference}
        text = json.dumps(told | asdict(self.wish), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def songs_in(paths: Sequence[Path], *, whole: bool = False) -> list[Song]:
    """The songs that are named, in order.

    A file is a stereo song, a session (.json) or a list of paths (.txt, one a line). A folder is a song where a
    session or audio files lie in it, else a catalogue: its subfolders are looked into. With ``whole``, audio files in
    folders are stereo songs each, rather than the stems of one.

    Raises:
        UsageError: a path is not there, or nothing of it is a song.
    """
    found: list[tuple[Kind, Path]] = []
    for path in paths:
        inside = list(_below(path, whole=whole))
        if not inside:
            raise UsageError(
                f"{path}: holds no songs; name sessions, folders of stems, stereo files, or folders of them"
            )
        found += inside
    songs: list[Song] = []
    for kind, path in found:
        title = path.parent.name if kind == "session" and path.name == FILE_NAME else path.stem
        songs.append(Song(slug(title or "song", [song.id for song in songs]), kind, path))
    return songs


def jobs_of(songs: Sequence[Song], references: Sequence[str], wish: Wish) -> list[Job]:
    """Every song after every reference; folders among the references stand for the audio files in them.

    Raises:
        UsageError: there is nothing to go by, or a reference is misspelt or not there.
    """
    texts = [text for reference in references for text in _references(reference)]
    if not texts and not wish.prompt.strip():
        raise UsageError("nothing to go by: give songs to learn from (--reference FILE or FOLDER), or words (--prompt)")
    if wish.fast and not texts:
        raise UsageError("--fast: what answers at once hears a reference, so name one (--reference FILE or FOLDER)")
    names: list[str] = []
    for text in texts or [""]:
        names.append(slug(parse_reference(text).path.stem if text else "words", names))
    return [
        Job(song, text or None, name, wish) for song in songs for text, name in zip(texts or [""], names, strict=True)
    ]


def _references(text: str) -> list[str]:
    path = parse_reference(text).path
    if path.is_file():
        return [text]
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such reference; name an audio file, or a folder of them")
    inside = _audio_in(path)
    if not inside:
        raise UsageError(f"{path}: holds no audio files; name a reference, or a folder of them")
    rest = text[max(end for end in range(1, len(text) + 1) if Path(text[:end]) == path) :]  # ./refs/ is refs as well
    return [f"{file}{rest}" for file in inside]


def _below(path: Path, *, whole: bool) -> Iterator[tuple[Kind, Path]]:
    if path.is_file():
        yield from _file(path, whole=whole)
    elif not path.is_dir():
        raise UsageError(f"{path}: there is no such file or folder; name what is to be mixed")
    elif (path / FILE_NAME).is_file():
        yield "session", path / FILE_NAME
    else:
        files = _audio_in(path)
        if files and not whole:
            yield "stems", path
            return
        for file in files:
            yield "stereo", file
        for folder in sorted((p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")), key=natural_key):
            yield from _below(folder, whole=whole)


def _file(path: Path, *, whole: bool) -> Iterator[tuple[Kind, Path]]:
    if path.suffix.lower() == ".json":
        yield "session", path
    elif path.suffix.lower() in LISTS:
        try:
            lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise SessionError(f"{path}: cannot be read as a list of paths ({error}); write one path a line") from None
        for line in lines:
            if line and not line.startswith("#"):
                yield from _below(path.parent / line, whole=whole)
    else:
        yield "stereo", path  # what it really is, its own job finds out


def _audio_in(folder: Path) -> list[Path]:
    inside = [path for path in folder.iterdir() if path.suffix.casefold() in SUFFIXES and path.is_file()]
    return sorted((path for path in inside if not path.name.startswith(".")), key=natural_key)
