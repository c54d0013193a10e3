"""Make songs for a corpus from LMMS's demo projects: one track an instrument, and the mix that its author made.

Tracks come as the project plays them alone: with the author's levels, pans and effects. ``lmms_projects.toml`` says
whose they are. LMMS plays some instruments with chance; ``lmms_without_chance.c`` makes it the same chance each time.
A few projects differ all the same, and some were not tried: those are made only if asked for.

    apt-get install lmms gcc libc6-dev
    python datasets/make_lmms_songs.py corpus/
"""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from corpus_manifest import UNPLACED, NotThisSongError, Played, command_line, make_songs
from take_excerpt import cut, fullest_part, heard_role, plays, read_all, whole_mix

from style_transfer.corpus import Recipe

TABLE = Path(__file__).with_name("lmms_projects.toml")
WITHOUT_CHANCE = Path(__file__).with_name("lmms_without_chance.c")
PROJECTS = Path("/usr/share/lmms/projects")
PATIENCE_S = 900
MOST_TRACKS = 32


def recipe_of(name: str, table: dict[str, Any]) -> Recipe:
    """One song a project; those of one author stay together."""
    plain = re.sub("[^a-z0-9]+", "-", Path(name).stem.lower()).strip("-")
    key = f"lmms-{re.sub('[^a-z0-9]+', '-', table['author'].lower()).strip('-')}"
    region = table.get("region", UNPLACED)
    return Recipe(f"lmms-{plain}", "lmms", table["style"], table["family"], region, key, 0)


def make(projects: dict[str, tuple[str, dict[str, Any]]], recipe: Recipe, folder: Path) -> Sequence[Played]:
    """The tracks of one project that are heard."""
    name, table = projects[recipe.id]
    if not (PROJECTS / name).is_file():
        raise NotThisSongError("this LMMS does not have it")
    (folder / "tracks").mkdir()
    library = without_chance(folder)
    _lmms("rendertracks", PROJECTS / name, folder / "tracks", library)
    _lmms("render", PROJECTS / name, folder / "mix.wav", library)
    files = sorted((folder / "tracks").iterdir(), key=lambda file: int(file.name.partition("_")[0]))
    mix, *tracks = read_all([folder / "mix.wav", *files])
    part = fullest_part(tracks)
    names = [file.stem.partition("_")[2] for file in files]
    heard = [(title, cut(track, part)) for title, track in zip(names, tracks, strict=True)]
    heard = [(title, track) for title, track in heard if plays(track)]
    if not 3 <= len(heard) <= MOST_TRACKS:
        raise NotThisSongError(f"{len(heard)} of its tracks play")
    licence, author = table["licence"], table["author"]
    made = [Played(title, heard_role(title, track), track, licence, author, "LMMS") for title, track in heard]
    return [*made, whole_mix(cut(mix, part), licence, author, "LMMS")]


def without_chance(folder: Path) -> Path:
    """Compile what makes a program of LMMS's kind draw the same each time; to be preloaded."""
    library = folder / "without_chance.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(WITHOUT_CHANCE)], check=True)
    return library


def _lmms(action: str, project: Path, target: Path, library: Path) -> None:
    command = ["lmms", "--allowroot", action, str(project), "-f", "wav", "-s", "44100", "-x", "1", "-a", "-o"]
    quiet = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LD_PRELOAD": str(library.resolve())}
    try:
        subprocess.run(
            [*command, str(target)],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            env=quiet,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise NotThisSongError(f"LMMS could not render it ({type(error).__name__})") from None


def main() -> None:
    parser = command_line("Make songs from LMMS's demo projects for a corpus.")
    parser.add_argument("--unproven", action="store_true", help="those too that may come out otherwise each time")
    arguments = parser.parse_args()
    known = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    tables = known["projects"] | (known["unproven"] if arguments.unproven else {})
    projects = {recipe_of(name, table).id: (name, table) for name, table in tables.items()}
    recipes = [recipe_of(name, table) for name, table in tables.items()]
    make_songs(arguments.corpus, recipes, partial(make, projects), arguments.songs)


if __name__ == "__main__":
    main()
