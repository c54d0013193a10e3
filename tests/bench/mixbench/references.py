"""The references as files, as a user would have them: finished, coded, with or without stems."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from mixer import audio
from mixer.arrays import F32
from mixer.loudness import integrated_loudness
from mixer.roles import Group
from separation.registry import DEFAULT, open_separator
from separation.separate import separate
from separation.separator import Separator
from style_transfer.stems import ReferenceStems
from tests.bench.mixbench.cases import Case, Table
from tests.bench.mixbench.engine import Finish, Mix, drawn_recipe, mixed
from tests.bench.mixbench.places import RATE, REFERENCES
from tests.bench.mixbench.songs import Multitrack
from tests.bench.mixbench.systems import Reference, Stems

LEAD_IN_S = 0.37
"""Silence before a lossy reference: nobody's bounce begins on the same sample."""
CODED = {Finish.OGG: ("OGG", "VORBIS"), Finish.MP3: ("MP3", "MPEG_LAYER_III")}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reference on disk; its audio as decoded ``[2, time]``, and the truth where there is one."""

    given: Reference
    audio: F32
    truth: Mix | None
    loudness_lufs: float


@cache
def separator() -> Separator:
    """The default one, loaded once."""
    return open_separator(DEFAULT)


def prepared(case: Case, other: Multitrack | None, folder: Path, stems: frozenset[Stems]) -> Prepared:
    """Make and write the reference of a case; ``other`` is the song that it is a mix of, if it is one of ours."""
    if other is None:
        file = REFERENCES / f"{case.reference}.flac"
        heard = audio.read(file, RATE)[0]
        truth = None
    else:
        truth = mixed(other, drawn_recipe(other, case.taste, case.seed), case.finish)
        file = written(truth.audio, case.finish, folder)
        heard = audio.read(file, RATE)[0]
    made: dict[Stems, ReferenceStems] = {}
    if Stems.SEPARATED in stems and case.table is not Table.PAIRED:
        found = separate(heard, RATE, separator())
        about = separator().about
        parts = {Group(name): stem for name, stem in found.items()}
        made[Stems.SEPARATED] = _stems(parts, folder / "separated", f"{about.name} {about.version}")
    if Stems.TRUE in stems and truth is not None and case.table is Table.KNOWN:
        made[Stems.TRUE] = _stems(truth.groups, folder / "true", None)
    level = integrated_loudness(heard if truth is None else truth.audio, RATE)
    return Prepared(Reference(file, made), heard, truth, level)


def written(mix: F32, finish: Finish, folder: Path) -> Path:
    """The mix as the file that somebody hands over."""
    if finish not in CODED:
        audio.write(folder / "reference.flac", mix, RATE, depth="24")
        return folder / "reference.flac"
    kind, subtype = CODED[finish]
    file = folder / f"reference.{kind.lower()}"
    late = np.pad(mix, ((0, 0), (round(LEAD_IN_S * RATE), 0)))
    with soundfile.SoundFile(file, "w", RATE, 2, format=kind, subtype=subtype) as target:
        for start in range(0, late.shape[1], 65_536):  # libsndfile's Vorbis writer overflows its stack on long writes
            target.write(late[:, start : start + 65_536].T)
    return file


def _stems(parts: dict[Group, F32], folder: Path, made_by: str | None) -> ReferenceStems:
    folder.mkdir()
    files = {}
    for group, stem in parts.items():
        files[group] = folder / f"{group}.wav"
        audio.write(files[group], stem, RATE, depth="float")
    return ReferenceStems(files, made_by)
