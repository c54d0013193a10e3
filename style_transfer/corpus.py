"""A corpus of songs to learn from: a folder with a manifest, the same whatever its songs were made of.

    CORPUS/manifest.jsonl          one line a file, songs in the order of their names
    CORPUS/songs/SONG/*.flac       the tracks of a song, all of one length; ``mix.flac`` where there is a mix of them

The recipes that write such folders lie beside the project's packages, in ``datasets/``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from os import PathLike
from pathlib import Path
from typing import Any

from mixer.errors import SessionError
from mixer.roles import Role

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """One audio file of a song.

    Attributes:
        path: where it is.
        role: what the track is; None for a mix of the song.
        name: what to call it.
        licence: of the sound in it, as an SPDX expression where there is one.
        author: who made what is heard.
        sha256: of the file's bytes.
        seconds: its length.
        sample_rate: in Hz.
        channels: 1 or 2.
        played_with: what made its sound: a sound font, a voice, a recording.
    """

    path: Path
    role: Role | None
    name: str
    licence: str
    author: str
    sha256: str
    seconds: float
    sample_rate: int
    channels: int
    played_with: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is known of a song before it is made.

    Attributes:
        id: name of its folder.
        source: the recipe that made it: ``mma``, ``lmms``, ``tracker`` ...
        style: as a listener would call it: ``samba``.
        family: of styles: ``latin``.
        region: of the world where the style comes from.
        split_key: songs that share it have something in common (tune, groove, author) that a test must not meet
            again: keep them on one side of a split.
        seed: of what was drawn at random.
    """

    id: str
    source: str
    style: str
    family: str
    region: str
    split_key: str
    seed: int


@dataclass(frozen=True, slots=True)
class Song(Recipe):
    """What belongs together: tracks that start and end at the same time, or a mix, or both.

    Attributes:
        tracks: as recorded, not balanced; empty where only a mix is free.
        mix: as its author mixed it, or None.
    """

    tracks: tuple[CorpusFile, ...]
    mix: CorpusFile | None

    @property
    def seconds(self) -> float:
        """Its length."""
        files = self.tracks or ((self.mix,) if self.mix else ())
        return max((file.seconds for file in files), default=0.0)


def read_manifest(folder: str | PathLike[str]) -> list[Song]:
    """The songs of a corpus, in the order of their names; those that are there while it is still being made.

    Files are not opened. Raises:
        SessionError: there is no manifest, or a line of it is not understood.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        said = error.strerror or error
        raise SessionError(f"{path}: cannot be read ({said}); name a folder that the recipes made") from None
    rows = [_row(text, number, path) for number, text in enumerate(lines, start=1)]
    return [_song(folder, list(group), path) for _, group in groupby(rows, key=lambda row: row["song"])]


def _row(text: str, number: int, path: Path) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(text)
        return {"song": str(row["song"])} | row
    except (ValueError, KeyError, TypeError) as error:
        raise SessionError(f"{path}: line {number} is not understood ({error}); make the manifest again") from None


def _song(folder: Path, rows: Sequence[dict[str, Any]], path: Path) -> Song:
    try:
        files = [_file(folder, row) for row in rows]
        first = rows[0]
        return Song(
            id=first["song"],
            source=first["source"],
            style=first["style"],
            family=first["family"],
            region=first["region"],
            split_key=first["split_key"],
            seed=int(first["seed"]),
            tracks=tuple(file for file in files if file.role is not None),
            mix=next((file for file in files if file.role is None), None),
        )
    except (ValueError, KeyError) as error:
        raise SessionError(
            f"{path}: song {rows[0]['song']} is not understood ({error}); make the manifest again"
        ) from None


def _file(folder: Path, row: dict[str, Any]) -> CorpusFile:
    return CorpusFile(
        path=folder / row["file"],
        role=None if row["role"] == "mix" else Role(row["role"]),
        name=row["name"],
        licence=row["licence"],
        author=row["author"],
        sha256=row["sha256"],
        seconds=float(row["seconds"]),
        sample_rate=int(row["sample_rate"]),
        channels=int(row["channels"]),
        played_with=row["played_with"],
    )
