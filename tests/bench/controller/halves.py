"""The controller's own task: a mix of one half of a song is the reference for the other half.

The other engine mixes the whole; the first half of its mix is handed over, limited, with its stems or without, and the
second is the truth that a system's mix of the second half is judged by. Nothing in one half is in the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from mixer import audio
from mixer.loudness import integrated_loudness
from mixer.roles import Group
from separation.separate import separate
from style_transfer.stems import ReferenceStems
from tests.bench.mixbench import songs
from tests.bench.mixbench.engine import Finish, Mix, Taste, drawn_recipe, mixed
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.references import separator, written
from tests.bench.mixbench.songs import Multitrack, Part
from tests.bench.mixbench.systems import Reference, Stems

WHOLE_S = 24.0


@dataclass(frozen=True, slots=True)
class Halves:
    """One case: a reference on disk, the half of the song that is to sound like it, and how that was mixed."""

    name: str
    song: Multitrack
    reference: Reference
    truth: Mix


def halves(name: str, taste: Taste, seed: int, folder: Path) -> Halves:
    """Make the case.

    Raises:
        FileNotFoundError: the song is not on this machine.
    """
    with patch.object(songs, "EXCERPT_S", WHOLE_S):
        found, missing = songs.load([name])
    if missing:
        raise FileNotFoundError(missing[0])
    whole = found[0]
    middle = whole.frames // 2
    made = mixed(whole, drawn_recipe(whole, taste, seed), Finish.LIMITED)
    first, second = slice(0, middle), slice(middle, 2 * middle)
    sounding = [row for row, part in enumerate(whole.parts) if _sounds(part, first) and _sounds(part, second)]
    parts = tuple(_cut(whole.parts[row], second) for row in sounding)
    song = Multitrack(f"{name} {taste} {seed}, second half", whole.test, parts)
    there = set(song.groups)
    truth = Mix(
        made.audio[:, second],
        made.dry[:, second],
        made.tracks[sounding][:, :, second],
        {group: stem[:, second] for group, stem in made.groups.items() if group in there},
    )
    file = written(made.audio[:, first], Finish.LIMITED, folder)
    stems = {
        Stems.TRUE: _stems({group: stem[:, first] for group, stem in made.groups.items()}, folder / "true", None),
        Stems.SEPARATED: _separated(made, first, folder / "separated"),
    }
    return Halves(f"{name} {taste} {seed}", song, Reference(file, stems), truth)


def _sounds(part: Part, half: slice) -> bool:
    return integrated_loudness(part.audio[:, half], RATE) > songs.SILENCE_LUFS


def _cut(part: Part, half: slice) -> Part:
    return Part(part.name, part.role, np.ascontiguousarray(part.audio[:, half]))


def _separated(made: Mix, half: slice, folder: Path) -> ReferenceStems:
    about = separator().about
    found = separate(np.ascontiguousarray(made.audio[:, half]), RATE, separator())
    parts = {Group(name): np.asarray(stem) for name, stem in found.items()}
    return _stems(parts, folder, f"{about.name} {about.version}")


def _stems(parts: dict[Group, np.ndarray], folder: Path, made_by: str | None) -> ReferenceStems:
    folder.mkdir()
    files = {}
    for group, stem in parts.items():
        files[group] = folder / f"{group}.wav"
        audio.write(files[group], np.ascontiguousarray(stem), RATE, depth="float")
    return ReferenceStems(files, made_by)
