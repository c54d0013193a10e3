"""Make songs for a corpus from the song packs of a guitar game: a recorded guitar, and the rest of the band.

Performances by people, which no other free source here has; two tracks a song, already produced, and their sum as mix.

    apt-get install fretsonfire-songs-muldjord fretsonfire-songs-sectoid
    python datasets/make_fretsonfire_songs.py corpus/
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from corpus_manifest import Played, command_line, make_songs
from take_excerpt import cut, fullest_part, read_all, whole_mix

from mixer.roles import Role
from style_transfer.corpus import Recipe

PACKS = Path("/usr/share/games/fretsonfire/data/songs")
AUTHORS = {
    "muldjord": ("CC-BY-SA-3.0", "El Senator (Muldjord)", "Europe"),
    "sectoid": ("MIT", "Carlos Viola Iborra (Sectoid)", "Europe"),
}


def recipe_of(folder: Path) -> Recipe:
    """One song a folder; those of one band stay together."""
    band = folder.parent.name
    name = re.sub("[^a-z0-9]+", "-", folder.name.lower())
    return Recipe(f"fretsonfire-{band}-{name}", "fretsonfire", "metal", "rock", AUTHORS[band][2], f"band-{band}", 0)


def make(folders: dict[str, Path], recipe: Recipe, _: Path) -> Sequence[Played]:
    """The guitar, the rest and both together."""
    folder = folders[recipe.id]
    licence, author, _region = AUTHORS[folder.parent.name]
    guitar, rest = read_all([folder / "guitar.ogg", folder / "song.ogg"])
    part = fullest_part([guitar, rest])
    guitar, rest = cut(guitar, part), cut(rest, part)
    return [
        Played("Guitar", Role.GUITAR, guitar, licence, author, "performance"),
        Played("Rest of the band", Role.OTHER, rest, licence, author, "performance"),
        whole_mix(guitar + rest, licence, author, "performance"),
    ]


def main() -> None:
    arguments = command_line("Make songs from a guitar game's packs for a corpus.").parse_args()
    found = [folder.parent for band in AUTHORS for folder in sorted((PACKS / band).glob("*/guitar.ogg"))]
    folders = {recipe_of(folder).id: folder for folder in found}
    make_songs(arguments.corpus, [recipe_of(folder) for folder in found], partial(make, folders), arguments.songs)


if __name__ == "__main__":
    main()
