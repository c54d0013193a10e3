"""Make songs for a corpus from tracker modules that Debian carries: one track a channel, as their authors panned them.

A channel plays whatever instrument its author put there, so its role is what the product hears in it. The mix is the
module's own.

    apt-get install xmp pingus-data fb-music-high
    python datasets/make_tracker_songs.py corpus/
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from corpus_manifest import UNPLACED, NotThisSongError, Played, command_line, make_songs
from take_excerpt import cut, fullest_part, heard_role, plays, read_all, whole_mix

from style_transfer.corpus import Recipe

PINGUS = Path("/usr/share/games/pingus/data/music")
BUBBLE = Path("/usr/share/games/frozen-bubble/snd")
LONGEST_S = 240
MOST_TRACKS = 24
AUTHORS = {PINGUS: ("GPL-2.0-or-later", "the Pingus authors"), BUBBLE: ("GPL-2.0-or-later", "Matthias Le Bidan")}


def modules() -> list[Path]:
    """The modules that are installed."""
    files = [*PINGUS.glob("*.it"), *PINGUS.glob("*.s3m"), *BUBBLE.glob("*.xm"), *BUBBLE.glob("*.it")]
    return sorted(files, key=lambda file: file.name)


def recipe_of(module: Path) -> Recipe:
    """One song a module; those of one game stay together."""
    name = re.sub("[^a-z0-9]+", "-", module.stem.lower())
    key = f"tracker-{'pingus' if module.parent == PINGUS else 'frozen-bubble'}"
    return Recipe(f"tracker-{name}", "tracker", "game chiptune", "electronic", UNPLACED, key, 0)


def make(files: dict[str, Path], recipe: Recipe, folder: Path) -> Sequence[Played]:
    """The channels of one module that are heard."""
    module = files[recipe.id]
    licence, author = AUTHORS[module.parent]
    rendered = [_render(module, folder / "mix.wav", [])]
    rendered += [_render(module, folder / f"{n}.wav", ["-S", str(n)]) for n in range(_channels(module))]
    mix, *channels = read_all(rendered)
    part = fullest_part(channels)
    heard = [(n, cut(channel, part)) for n, channel in enumerate(channels)]
    heard = [(n, channel) for n, channel in heard if plays(channel)]
    if not 3 <= len(heard) <= MOST_TRACKS:
        raise NotThisSongError(f"{len(heard)} of its channels play")
    tracks = [
        Played(f"Channel {n + 1}", heard_role("", channel), channel, licence, author, module.name)
        for n, channel in heard
    ]
    return [*tracks, whole_mix(cut(mix, part), licence, author, module.name)]


def _channels(module: Path) -> int:
    said = subprocess.run(["xmp", "--load-only", "-v", module], capture_output=True, text=True, errors="replace")
    found = re.search(r"Channels\s*:\s*(\d+)", said.stdout + said.stderr)
    if found is None:
        raise NotThisSongError("xmp cannot read it")
    return int(found[1])


def _render(module: Path, target: Path, options: Sequence[str]) -> Path:
    command = ["xmp", "-q", *options, "-t", str(LONGEST_S), "-o", str(target), str(module)]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return target


def main() -> None:
    arguments = command_line("Make songs from tracker modules for a corpus.").parse_args()
    files = {recipe_of(module).id: module for module in modules()}
    recipes = [recipe_of(module) for module in files.values()]
    make_songs(arguments.corpus, recipes, partial(make, files), arguments.songs)


if __name__ == "__main__":
    main()
