"""Take mixes for a corpus from the music of games that Debian carries: references, without tracks.

Finished music by people, under free licences, in styles that arranging programs do not know. Half a minute of each
piece, where it is fullest; names that ``LEFT_OUT`` holds are references of the project's own benchmarks.

    apt-get install wesnoth-1.16-music hyperrogue-music singularity-music
    python datasets/make_reference_mixes.py corpus/
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from corpus_manifest import NotThisSongError, Played, make_songs
from take_excerpt import cut, fullest_part, plays, read_all, whole_mix

from style_transfer.corpus import Recipe

SECONDS = 30.0
MOST_OF_ONE = 12
LEFT_OUT = frozenset({"Media Threat.ogg", "hr3-desert.ogg", "siege_of_laurelmor.ogg"})


@dataclass(frozen=True, slots=True)
class Album:
    """The music of a game: files that match, whose they are, and what they are."""

    name: str
    folder: Path
    pattern: str
    licence: str
    author: str
    style: str
    family: str
    region: str


WESNOTH = Path("/usr/share/games/wesnoth/1.16/data/core/music")
HYPERROGUE = Path("/usr/share/hyperrogue/music")
SINGULARITY = Path("/usr/share/games/singularity/music")
ALBUMS = (
    Album(
        "wesnoth", WESNOTH, "*.ogg", "GPL-2.0-or-later", "the Wesnoth musicians", "film score", "orchestral", "Europe"
    ),
    Album(
        "parrotte", HYPERROGUE, "hr3-*.ogg", "CC-BY-SA-3.0", "Shawn Parrotte", "ambient", "electronic", "North America"
    ),
    Album(
        "savino",
        HYPERROGUE,
        "hr-savino-*.ogg",
        "CC-BY-SA-3.0",
        "Will Savino",
        "game score",
        "orchestral",
        "North America",
    ),
    Album(
        "domina",
        HYPERROGUE,
        "hr-domina-*.ogg",
        "CC-BY-SA-3.0",
        "Lincoln Domina",
        "game score",
        "orchestral",
        "North America",
    ),
    Album(
        "mccracken", SINGULARITY, "*.ogg", "CC-BY-SA-3.0", "Max McCracken", "downtempo", "electronic", "North America"
    ),
)


def pieces() -> list[tuple[Album, Path]]:
    """What is installed, a few of each album."""
    found = []
    for album in ALBUMS:
        files = [file for file in sorted(album.folder.glob(album.pattern)) if file.name not in LEFT_OUT]
        found += [(album, file) for file in files[:MOST_OF_ONE]]
    return found


def recipe_of(album: Album, file: Path) -> Recipe:
    """One song a piece; those of one album stay together."""
    name = re.sub("[^a-z0-9]+", "-", file.stem.lower()).strip("-")
    key = f"album-{album.name}"
    return Recipe(f"mix-{album.name}-{name}", "mixes", album.style, album.family, album.region, key, 0)


def make(found: dict[str, tuple[Album, Path]], recipe: Recipe, _: Path) -> Sequence[Played]:
    """The excerpt."""
    album, file = found[recipe.id]
    (sound,) = read_all([file])
    if sound.shape[0] == 1 or not plays(sound):
        raise NotThisSongError("it is mono, or next to silent")
    return [whole_mix(cut(sound, fullest_part([sound], SECONDS)), album.licence, album.author, file.name)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Take mixes from the music of games for a corpus.")
    parser.add_argument("corpus", type=Path)
    corpus: Path = parser.parse_args().corpus
    found = {recipe_of(album, file).id: (album, file) for album, file in pieces()}
    make_songs(corpus, [recipe_of(album, file) for album, file in found.values()], partial(make, found))


if __name__ == "__main__":
    main()
