"""Measure what a separator's stems say about the balance of a mix: writes ``style_transfer/data/separators.toml``.

Songs with known tracks are mixed anew many times (``make_calibration_mixes.py``), separated, and what is heard of each
stem group is put beside what is there: how its loudness reads, what is heard of it where it is absent, how far width
and place are off. Errors are those on songs that were left out of the fit; ``--test`` songs are in no fit at all.

    python datasets/make_separation_corpus.py corpus/
    python datasets/make_group_calibration.py songs/ --corpus corpus/ --instrumentals references/ --test country britpop

``songs/`` holds a folder of tracks for each song. Ten minutes for the default separator on one core. Seeded.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from fit_group_calibration import Row, errors_table, fitted, presence_table
from make_calibration_mixes import EXCERPT_S, RATE, Mix, Song, mixes_of, plain_sum, read_song, with_voices_of
from write_separators import write_table

from mixer import audio
from mixer.loudness import integrated_loudness
from mixer.roles import Group
from separation.registry import DEFAULT, about_separator, open_separator
from separation.separate import separate
from separation.separator import Options, Separator
from style_transfer.features import Shape
from style_transfer.stems.heard import GROUPS, StemHeard, StemsMeasurement

SEED = 7
DEMO = Path(__file__).parents[1] / "interfaces" / "demo" / "song"
VOICES = {"britpop": ("MusicDelta_Britpop_RAW_07_01", "MusicDelta_Britpop_RAW_08_01")}
MIXES = {"real": 24, "demo": 12, "arranged": 5}
"""How many of each song."""
WEIGHTS = {"real": 4.0, "demo": 1.5, "arranged": 0.7}
"""What a song counts: real recordings are what references are made of; the demo's voices are synthesised."""


@dataclass(frozen=True, slots=True)
class Material:
    """A song, and what it counts."""

    song: Song
    weight: float


def material(songs: Path, corpus: Path | None, test: Sequence[str]) -> Iterator[Material]:
    """The songs to fit on, then the test songs (with a weight of nought)."""
    real = {
        folder.name: read_song(folder, MIXES["real"], voices=VOICES.get(folder.name, ()))
        for folder in sorted(songs.iterdir())
        if folder.is_dir()
    }
    yield from (Material(song, WEIGHTS["real"]) for name, song in real.items() if name not in test)
    yield Material(read_song(DEMO, MIXES["demo"], name="demo"), WEIGHTS["demo"])
    singer = next(song for name, song in real.items() if name not in test)
    for folder in sorted(corpus.glob("[dt]e*/*")) if corpus is not None else ():  # development and test
        arranged = read_song(folder, MIXES["arranged"], name=f"arranged {folder.name}")
        yield Material(with_voices_of(arranged, singer), WEIGHTS["arranged"])
    yield from (Material(song, 0.0) for name, song in real.items() if name in test)


def heard_in(samples: audio.F32, separator: Separator) -> dict[Group, StemHeard]:
    """What is heard in the stems of a mix."""
    stems = separate(samples, RATE, separator)
    measured = StemsMeasurement(RATE)
    measured.push(np.stack([stems[group.value] for group in GROUPS]))
    return measured.heard("mix")


def rows_of(mix: Mix, weight: float, separator: Separator) -> Iterator[Row]:
    """What is heard beside what is there, one row for each group."""
    heard = heard_in(mix.mix, separator)
    total = integrated_loudness(plain_sum(mix.groups), RATE)
    for group, stem in heard.items():
        shape = Shape.of(stem.power, RATE)
        truth = true_width = true_imbalance = None
        if group in mix.groups:
            truth = integrated_loudness(mix.groups[group], RATE) - total
            measured = StemsMeasurement(RATE)
            measured.push(np.stack([mix.groups.get(g, np.zeros_like(mix.mix)) for g in GROUPS]))
            true_shape = Shape.of(measured.heard("mix")[group].power, RATE)
            true_width, true_imbalance = float(true_shape.width_db), float(true_shape.imbalance)
        yield Row(
            mix.song, weight, group, stem.loudness_lu, stem.share, stem.clearness, truth,
            float(shape.width_db), true_width, float(shape.imbalance), true_imbalance,
        )  # fmt: skip


def silent_voices(folder: Path, separator: Separator) -> Iterator[Row]:
    """What is heard of a voice in mixes without one."""
    for path in sorted(path for path in folder.iterdir() if path.suffix.casefold() in audio.SUFFIXES):
        samples, _ = audio.read(path, RATE, frames=round(2 * EXCERPT_S * RATE))
        stem = heard_in(samples, separator)[Group.VOCALS]
        yield Row(path.stem, 1.0, Group.VOCALS, stem.loudness_lu, stem.share, stem.clearness)


def listened(arguments: argparse.Namespace, separator: Separator) -> list[Row]:
    """Mix, separate and listen."""
    rows: list[Row] = []
    for one in material(arguments.songs, arguments.corpus, arguments.test):
        generator = np.random.default_rng([SEED, zlib.crc32(one.song.name.encode())])
        for mix in mixes_of(one.song, generator):
            rows += rows_of(mix, one.weight, separator)
        print(one.song.name, flush=True)
    return rows + (list(silent_voices(arguments.instrumentals, separator)) if arguments.instrumentals else [])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what a separator's stems say about a mix.")
    parser.add_argument("songs", type=Path, help="a folder with a folder of tracks for each song")
    parser.add_argument("--corpus", type=Path, help="what make_separation_corpus.py made")
    parser.add_argument("--instrumentals", type=Path, help="mixes in which nobody sings")
    parser.add_argument("--test", nargs="*", default=[], help="songs that are in no fit")
    parser.add_argument("--separator", default=DEFAULT)
    parser.add_argument("--weights", type=Path, help="of a separator that is not installed in the cache directory")
    parser.add_argument("--rows", type=Path, help="keep what was heard in this file, or read it if it is there")
    arguments = parser.parse_args()
    if arguments.rows is not None and arguments.rows.exists():
        about = about_separator(arguments.separator)
        rows = [Row(**{**fields, "group": Group(fields["group"])}) for fields in json.loads(arguments.rows.read_text())]
    else:
        separator = open_separator(arguments.separator, Options(weights=arguments.weights))
        about, rows = separator.about, listened(arguments, separator)
        if arguments.rows is not None:
            arguments.rows.write_text(json.dumps([asdict(row) for row in rows]))
    known = fitted(about.name, about.version, rows)
    write_table(known)
    print(errors_table(rows), presence_table(rows, known), sep="\n\n")


if __name__ == "__main__":
    main()
