"""Take mixes for a corpus from the music of games that Debian carries: references, without tracks.

Finished music by people, under free licences, in styles that arranging programs do not know. Half a minute of each
piece, where it is fullest; names that ``LEFT_OUT`` holds are references of the project's own benchmarks.

    apt-get install wesnoth-1.16-music hyperrogue-music singularity-music supertux-data hedgewars-data warzone2100-music
    python datasets/make_reference_mixes.py corpus/
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from corpus_manifest import UNPLACED, NotThisSongError, Played, command_line, make_songs
from take_excerpt import cut, fullest_part, plays, read_all, whole_mix

from style_transfer.corpus import Recipe

SECONDS = 30.0
MOST_OF_ONE = 12
LEFT_OUT = frozenset({"Media Threat.ogg", "hr3-desert.ogg", "siege_of_laurelmor.ogg", "Beach.ogg", "Freeway.ogg"})


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
SUPERTUX = Path("/usr/share/games/supertux2/music")
HEDGEWARS = Path("/usr/share/games/hedgewars/Data/Music")
WARZONE = Path("/usr/share/games/warzone2100/music/albums")
SHARE_ALIKE, GPL_2, GPL_LATER = "CC-BY-SA-3.0", "GPL-2.0-only", "GPL-2.0-or-later"
AMERICA, EUROPE = "North America", "Europe"
# fmt: off
ALBUMS = (
    Album("wesnoth", WESNOTH, "*.ogg", GPL_LATER, "the Wesnoth musicians", "film score", "orchestral", EUROPE),
    Album("parrotte", HYPERROGUE, "hr3-*.ogg", SHARE_ALIKE, "Shawn Parrotte", "ambient", "electronic", AMERICA),
    Album("savino", HYPERROGUE, "hr-savino-*.ogg", SHARE_ALIKE, "Will Savino", "game score", "orchestral", AMERICA),
    Album("domina", HYPERROGUE, "hr-domina-*.ogg", SHARE_ALIKE, "Lincoln Domina", "game score", "orchestral", AMERICA),
    Album("mccracken", SINGULARITY, "*.ogg", SHARE_ALIKE, "Max McCracken", "downtempo", "electronic", AMERICA),
    Album("supertux", SUPERTUX, "antarctic/*.ogg", GPL_LATER, "SuperTux's musicians", "game pop", "pop", UNPLACED),
    Album("supertux", SUPERTUX, "[cft]*/*.ogg", GPL_LATER, "SuperTux's musicians", "game pop", "pop", UNPLACED),
    Album("hedgewars", HEDGEWARS, "*.ogg", GPL_2, "the Hedgewars musicians", "game score", "pop", UNPLACED),
    Album("warzone", WARZONE, "o*/*.opus", GPL_LATER, "Martin Severn", "industrial", "electronic", EUROPE),
    Album("warzone", WARZONE, "l*/*.opus", GPL_LATER, "LupusMechanicus", "industrial", "electronic", UNPLACED),
    Album("warzone", WARZONE, "a*/*.opus", GPL_LATER, "LupusMechanicus", "industrial", "electronic", UNPLACED),
)
# fmt: on


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
    arguments = command_line("Take mixes from the music of games for a corpus.").parse_args()
    found = {recipe_of(album, file).id: (album, file) for album, file in pieces()}
    recipes = [recipe_of(album, file) for album, file in found.values()]
    make_songs(arguments.corpus, recipes, partial(make, found), arguments.songs)


if __name__ == "__main__":
    main()
