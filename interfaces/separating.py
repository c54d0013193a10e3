"""What ``separate``, ``separators`` and ``models`` do around the library: songs found, files named, results told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast, get_args

from interfaces.output import line, number, table
from mixer.audio import SUFFIXES, Depth
from mixer.errors import AudioError, FaderwiseError, UsageError
from mixer.progress import Progress, span
from mixer.scan import natural_key
from separation.models import MODELS, is_installed, model_folder
from separation.outputs import Output, each_stem, two_stems, with_levels, without
from separation.registry import DEFAULT, open_separator, separators
from separation.separator import About, Options
from separation.song import Format, Separated, separate_song

TWO_STEMS = "spleeter-2"
"""The quickest way to a voice and the rest."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a song is wanted; at most one of these is given."""

    stems: str | None = None
    two_stems: str | None = None
    minus: str | None = None
    keep: str | None = None

    def __post_init__(self) -> None:
        given = [name for name in ("stems", "two_stems", "minus", "keep") if getattr(self, name) is not None]
        if len(given) > 1:
            named = " and ".join(f"--{name.replace('_', '-')}" for name in given)
            raise UsageError(f"{named} exclude each other; give one of them")

    def separator(self, asked: str | None) -> str:
        """The separator that was asked for, or the quickest of the default ones that gives what is wanted."""
        if asked is not None:
            return asked
        stems = [word.strip().casefold() for word in (self.stems or "").split(",") if word.strip()]
        voice_alone = "vocals" in (self.two_stems, self.minus) or "accompaniment" in stems
        return TWO_STEMS if voice_alone or stems == ["vocals"] else DEFAULT

    def outputs(self, about: About) -> list[Output]:
        """The files to write of a separator's stems."""
        if self.two_stems is not None:
            return two_stems(self.two_stems, about.stems)
        if self.minus is not None:
            return [without(self.minus, about.stems)]
        if self.keep is not None:
            return [with_levels(self.keep, about.stems)]
        wanted = None if self.stems is None else [word for word in self.stems.split(",") if word.strip()]
        return each_stem(about.stems, wanted)


def checked_format(kind: str, bits: str | None, name: str) -> Format:
    """The format of the stems; float for WAV and 24 bit for FLAC unless another depth is asked for."""
    suffix = f".{kind.casefold().removeprefix('.')}"
    depth = bits or ("24" if suffix == ".flac" else "float")
    if depth not in get_args(Depth):
        raise UsageError(f"--bits {depth}: use 16, 24 or float")
    return Format(suffix, cast(Depth, depth), name)


def songs_in(paths: Sequence[Path]) -> list[Path]:
    """The files named, and those in the folders named.

    Raises:
        AudioError: a path is not there, or a folder holds no audio.
    """
    songs: list[Path] = []
    for path in paths:
        if not path.is_dir():
            songs.append(path)
            continue
        inside = [
            file for file in path.iterdir() if file.suffix.casefold() in SUFFIXES and not file.name.startswith(".")
        ]
        if not inside:
            raise AudioError(f"{path}: holds no audio files; name songs, or a folder of them")
        songs += sorted(inside, key=natural_key)
    return songs


def folders_for(songs: Sequence[Path], output: Path | None) -> list[Path]:
    """Where each song's stems go: the folder asked for, with one for each song in it if there are several."""
    if len(songs) == 1:
        return [output or songs[0].with_name(f"{songs[0].stem} stems")]
    root, folders = output or Path("stems"), list[Path]()
    for song in songs:
        name, count = song.stem, 1
        while root / name in folders:
            count += 1
            name = f"{song.stem} {count}"
        folders.append(root / name)
    return folders


def separate_all(
    songs: Sequence[Path],
    folders: Sequence[Path],
    name: str,
    options: Options,
    wish: Wish,
    form: Format,
    *,
    force: bool,
    progress: Progress,
) -> list[Separated]:
    """Separate each song with one loaded model. One bad song does not keep the others from being done.

    Raises:
        FaderwiseError: one song failed (its own error), or several (AudioError that names them).
    """
    separator = open_separator(name, options)
    outputs = wish.outputs(separator.about)
    done: list[Separated] = []
    failed: list[tuple[Path, FaderwiseError]] = []
    for index, (song, folder) in enumerate(zip(songs, folders, strict=True)):
        part = span(progress, index / len(songs), (index + 1) / len(songs))
        told = part if len(songs) == 1 else _named(part, f"{index + 1}/{len(songs)} {song.name}")
        try:
            done.append(
                separate_song(
                    song, folder, separator, outputs, format=form, shifts=options.shifts, overwrite=force, progress=told
                )
            )
        except FaderwiseError as error:
            failed.append((song, error))
    if len(failed) == 1:
        raise failed[0][1]
    if failed:
        said = "; ".join(str(error).partition(";")[0] for _, error in failed[:3])
        raise AudioError(f"{len(failed)} of {len(songs)} songs could not be separated ({said}): the others are done")
    return done


def _named(progress: Progress, song: str) -> Progress:
    return lambda fraction, stage: progress(fraction, f"{song}: {stage}")


def separated_document(songs: Sequence[Path], done: Sequence[Separated], name: str) -> Mapping[str, Any]:
    """What was written, as JSON tells it."""
    return {
        "separator": name,
        "songs": [
            {
                "song": str(song),
                "session": str(one.path),
                "files": [str(file) for file in one.files],
                "quieter_db": one.quieter_db,
            }
            for song, one in zip(songs, done, strict=True)
        ],
    }


def print_separated(done: Sequence[Separated]) -> None:
    """The files of each song, and where its session is."""
    for one in done:
        for file in one.files:
            line(f"wrote {file}")
        if one.quieter_db > 0:
            line(
                f"note: the files are {number(one.quieter_db, 'dB')} quieter, so that none clips; the session makes up"
            )
        line(f"saved {one.path}")


def _state(about: About) -> str:
    if about.name not in MODELS:
        return "ready"
    if about.extra is not None and find_spec(about.extra) is None:
        return f"pip install 'faderwise[{about.extra}]'"
    return "ready" if is_installed(about.name) else f"faderwise models get {about.name}"


def separators_document() -> Mapping[str, Any]:
    """All separators, as JSON tells them."""
    return {
        "separators": [
            {
                "name": about.name,
                "title": about.title,
                "stems": list(about.stems),
                "sample_rate": about.sample_rate,
                "code_license": about.code_license,
                "weights_license": about.weights_license,
                "commercial_use": about.commercial,
                "size_mb": about.size_mb,
                "origin": about.origin,
                "ready": _state(about) == "ready",
            }
            for about in separators().values()
        ]
    }


def print_separators() -> None:
    """All separators as a table, with what is missing."""
    rows = [
        (about.name, ", ".join(about.stems), about.weights_license, f"{about.size_mb:.0f} MB", _state(about))
        for about in separators().values()
    ]
    table(("Name", "Stems", "Licence of the weights", "Size", "State"), rows, right=("Size",))
    line(f"{DEFAULT} is the default.")


def print_models() -> None:
    """The models that can be downloaded, and whether they are there."""
    rows = [
        (
            model.name,
            model.license,
            f"{model.size_mb:.0f} MB",
            str(model_folder(model.name)) if is_installed(model.name) else "not here",
        )
        for model in MODELS.values()
    ]
    table(("Name", "Licence", "Size", "Where"), rows, right=("Size",))
