"""Write a corpus song by song, so that a recipe that is killed goes on where it was, and two builds are the same.

What a corpus is, and the reader of its manifest, is ``style_transfer.corpus``. A song comes into being under a hidden
name beside the others and is renamed when it is whole; its rows lie with it, and the manifest is all songs' rows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.arrays import F32
from mixer.roles import Role
from style_transfer.corpus import MANIFEST, Recipe

RATE = 44_100
ROWS = "rows.jsonl"
UNPLACED = "unplaced"
"""Region of a style that belongs to no place."""
CEILING = 0.97
"""Peak amplitude above which the tracks of a song are turned down, all alike: 16 bit files clip."""


@dataclass(frozen=True, slots=True)
class Played:
    """A track as it was played: ``audio`` is float32 ``[1 or 2, time]`` at ``RATE``; role None means a mix."""

    name: str
    role: Role | None
    audio: F32
    licence: str
    author: str
    played_with: str


class NotThisSongError(Exception):
    """A song that cannot be made here, with the reason."""


def command_line(description: str) -> argparse.ArgumentParser:
    """What all recipes for songs are told: where to, and how many songs."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--songs", type=int, metavar="N", help="so many, spread over all; without it, all")
    return parser


def make_songs(
    corpus: Path,
    recipes: Sequence[Recipe],
    make: Callable[[Recipe, Path], Sequence[Played]],
    most: int | None = None,
) -> None:
    """Make the songs that are not there yet; ``make`` gets a song and a folder for files in between.

    A song that raises NotThisSongError is said and left out. With ``most``, so many of them, spread over all. Recipes
    of different sources may run at the same time.
    """
    if most is not None and most < len(recipes):
        recipes = [recipes[place * len(recipes) // most] for place in range(most)]
    songs = corpus / "songs"
    songs.mkdir(parents=True, exist_ok=True)
    for source in {recipe.source for recipe in recipes}:
        for left in songs.glob(f".making-{source}-*"):  # by a recipe that was killed
            shutil.rmtree(left)
    for recipe in recipes:
        if (songs / recipe.id).is_dir():
            continue
        with tempfile.TemporaryDirectory(dir=songs, prefix=f".making-{recipe.source}-") as scratch:
            try:
                played = make(recipe, Path(scratch))
            except NotThisSongError as reason:
                print(f"left out: {recipe.id}: {reason}", flush=True)
                continue
            whole = Path(scratch) / "whole"
            whole.mkdir()
            _write_song(whole, recipe, played)
            whole.rename(songs / recipe.id)
        write_manifest(corpus)
        print(songs / recipe.id, flush=True)
    write_manifest(corpus)


def write_manifest(corpus: Path) -> None:
    """Put together the manifest from the songs that are whole; it is replaced in one go."""
    rows = [file.read_text(encoding="utf-8") for file in sorted((corpus / "songs").glob(f"[!.]*/{ROWS}"))]
    fresh = corpus / f".{MANIFEST}"
    fresh.write_text("".join(rows), encoding="utf-8")
    fresh.replace(corpus / MANIFEST)


def _write_song(folder: Path, recipe: Recipe, played: Sequence[Played]) -> None:
    length = max(track.audio.shape[1] for track in played)
    peak = max((float(np.abs(track.audio).max()) for track in played if track.role is not None), default=0.0)
    rows = []
    for number, track in enumerate(played):
        file = folder / ("mix.flac" if track.role is None else f"{number:02}-{track.role}.flac")
        samples = np.pad(track.audio, ((0, 0), (0, length - track.audio.shape[1])))
        if len(samples) == 2 and np.array_equal(samples[0], samples[1]):
            samples = samples[:1]
        loudest = peak if track.role is not None else float(np.abs(samples).max())
        audio.write(file, samples * np.float32(min(1.0, CEILING / max(loudest, CEILING))), RATE, depth="16")
        rows.append(
            {
                "song": recipe.id,
                "file": f"songs/{recipe.id}/{file.name}",
                "role": "mix" if track.role is None else str(track.role),
                "name": track.name,
                "licence": track.licence,
                "author": track.author,
                "source": recipe.source,
                "style": recipe.style,
                "family": recipe.family,
                "region": recipe.region,
                "split_key": recipe.split_key,
                "seed": recipe.seed,
                "played_with": track.played_with,
                "sha256": audio.sha256(file),
                "seconds": round(length / RATE, 3),
                "sample_rate": RATE,
                "channels": len(samples),
            }
        )
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / ROWS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
