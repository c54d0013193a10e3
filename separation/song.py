"""A stereo file in, a folder of stems and a Session of them out: streamed, whole or not at all."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from pydantic import JsonValue

from mixer import audio
from mixer.audio import Depth, Writer
from mixer.edits import put
from mixer.errors import AudioError, UsageError
from mixer.naming import slug
from mixer.progress import Progress, silent, span
from mixer.session import RATES_HZ, RESERVED_IDS, Session, Track
from mixer.session_file import FILE_NAME, save
from separation.outputs import Output, each_stem, mixing_matrix
from separation.separator import F32, Separator
from separation.stream import Source, file_source, separated_blocks

_PREFIX, _SUFFIX = ".faderwise-stems-", ".part"
_FROM, _BY = "separated from ", " by "  # in the reason of a track's role
_STALE_S = 24 * 3600
_CEILING = 1 - 2.0**-12  # an integer file's dither may add two steps of 16 bit to a peak
SEPARATING = 0.9  # share of the work; the rest is writing and hashing


@dataclass(frozen=True, slots=True)
class Format:
    """How stems are written.

    Attributes:
        suffix: ".wav", ".flac" or ".ogg".
        depth: "float" (WAV only), "24" or "16". Without meaning for OGG.
        name: of a file, without its suffix; ``{stem}``, ``{song}`` and ``{separator}`` are filled in.
    """

    suffix: str = ".wav"
    depth: Depth = "float"
    name: str = "{stem}"

    def __post_init__(self) -> None:
        if self.suffix not in (".wav", ".flac", ".ogg"):
            raise UsageError(f"stems are written as .wav, .flac or .ogg, not {self.suffix!r}")
        if self.suffix == ".flac" and self.depth == "float":
            raise UsageError("FLAC holds 16 or 24 bit, not float; choose one of those, or .wav")

    def file_name(self, output: Output, song: str, separator: str) -> str:
        """The name of one file; UsageError where the template cannot be filled in or leads elsewhere."""
        try:
            name = self.name.format(stem=output.name, song=song, separator=separator)
        except (KeyError, IndexError, ValueError):
            raise UsageError(
                f"{self.name!r} is no template of a name; it may hold {{stem}}, {{song}} and {{separator}}"
            ) from None
        if not name.strip(". ") or any(character in name for character in '/\\\0:*?"<>|') or name.startswith("."):
            raise UsageError(f"{name!r} is no name for a file; change the template {self.name!r}")
        return f"{name}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Separated:
    """What became of one song.

    Attributes:
        quieter_db: how much lower than the song the files stand, because integer samples would have clipped; the
            session's faders make up for it.
    """

    session: Session
    path: Path
    files: tuple[Path, ...]
    quieter_db: float


def separate_song(
    song: str | PathLike[str],
    folder: str | PathLike[str],
    separator: Separator,
    outputs: Sequence[Output] | None = None,
    *,
    format: Format | None = None,  # noqa: A002 - what users call it
    segment: tuple[float, float] | None = None,
    shifts: int = 1,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Separated:
    """Separate a file of any length, or a segment of one, into a folder, with a session of what was written beside it.

    Nothing is there under its final name before all is done. The session's render at default settings is the sum of
    the files: the song itself, where every stem is in one of them.

    Args:
        song: any file that ``mixer.audio`` reads.
        folder: made if it is not there.
        outputs: what to write; by default each stem.
        segment: start and end in seconds; by default all of the song.
        shifts: as ``separation.separator.Options``.
        overwrite: replace files that are there already.

    Raises:
        AudioError: the song cannot be read; the disk is full, or too small for the stems.
        UsageError: files are there already, two outputs would have the same name, or the segment is not in the song.
    """
    source, folder, form = file_source(song, segment), Path(folder), format or Format()
    stems = separator.about.stems
    outputs = list(outputs) if outputs is not None else each_stem(stems)
    title = Path(song).stem
    names = [form.file_name(output, title, separator.about.name) for output in outputs]
    _check_names(folder, names, overwrite=overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    _check_space(source, Path(song), folder, form, len(outputs))
    with _Workplace(folder) as workplace:
        blocks = separated_blocks(source, separator, shifts=shifts, progress=span(progress, 0, SEPARATING))
        matrix = mixing_matrix(outputs, stems)
        mixed = (np.tensordot(matrix, block, 1).astype(np.float32, copy=False) for block in blocks)
        gain = _write(mixed, source, names, form, workplace, span(progress, SEPARATING, 0.97))
        tracks = [
            _track(output, workplace / name, source, f"{_FROM}{Path(song).name}{_BY}{separator.about.name}")
            for output, name in zip(outputs, names, strict=True)
        ]
        session = _session(title, source.sample_rate, tracks, gain)
        progress(1.0, "saving")
        for name in names:
            (workplace / name).replace(folder / name)
    path = save(session, folder / FILE_NAME)
    quieter_db = -20 * float(np.log10(gain))
    return Separated(session, path, tuple(folder / name for name in names), quieter_db)


def separated_by(session: Session) -> str | None:
    """The name of the separator that made a session's tracks; None where they are not all from one.

    >>> separated_by(Session(name="song", sample_rate=44100, tracks=[])) is None
    True
    """
    reasons = [track.role_reason for track in session.tracks]
    names = {reason.rpartition(_BY)[2] if reason.startswith(_FROM) and _BY in reason else None for reason in reasons}
    return names.pop() if len(names) == 1 else None


class _Workplace:
    """A hidden folder beside the targets; gone when the work is over, however it ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"

    def __enter__(self) -> Path:
        for left_over in self._folder.glob(f"{_PREFIX}*{_SUFFIX}"):  # of a run that was killed
            if time.time() - left_over.stat().st_mtime > _STALE_S:
                shutil.rmtree(left_over, ignore_errors=True)
        self._path.mkdir()
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def _check_names(folder: Path, names: Sequence[str], *, overwrite: bool) -> None:
    if len({name.casefold() for name in names}) < len(names):
        raise UsageError(f"several stems would be called {names[0]}; put {{stem}} into the template of the names")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a folder for the stems")
    for name in (*names, FILE_NAME):
        if not overwrite and (folder / name).exists():
            raise UsageError(f"{folder / name}: is there already; choose another folder, or replace it with --force")


def _check_space(source: Source, song: Path, folder: Path, form: Format, outputs: int) -> None:
    """AudioError before the work where the disk is too small; OGG and FLAC are taken as if they were WAV."""
    copies = 1 if form.suffix == ".ogg" or form.depth == "float" else 2
    needed = audio.probe(song).frames * source.channels * 4 * outputs * copies
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise AudioError(
            f"{folder}: the stems of {song.name} need {needed / 1e6:.0f} MB, {free / 1e6:.0f} MB are free; "
            "free some space or choose another folder"
        )


def _write(
    blocks: Iterable[F32], source: Source, names: Sequence[str], form: Format, workplace: Path, progress: Progress
) -> float:
    """Write the outputs, and say by what gain they are lower than the song so that integers do not clip."""
    direct = form.suffix == ".ogg" or form.depth == "float"
    targets = [workplace / (name if direct else f"{name}.wav") for name in names]
    depth: Depth = "float"
    peak = 0.0
    with ExitStack() as stack:
        writers = [stack.enter_context(Writer(path, source.sample_rate, source.channels, depth)) for path in targets]
        for block in blocks:
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            for writer, samples in zip(writers, block, strict=True):
                writer.write(samples)
    if direct:
        return 1.0
    gain = min(1.0, _CEILING / peak) if peak > 0 else 1.0
    for index, (staged, name) in enumerate(zip(targets, names, strict=True)):
        progress(index / len(names), "writing stems")
        with Writer(workplace / name, source.sample_rate, source.channels, form.depth) as writer:
            for samples in audio.blocks(staged):
                writer.write(samples * np.float32(gain))
        staged.unlink()
    return gain


def _track(output: Output, path: Path, source: Source, reason: str) -> Track:
    info = audio.probe(path)
    mono = source.channels == 1 or audio.is_dual_mono(path)
    return Track(
        id=slug(output.name, RESERVED_IDS),
        name=output.name,
        path=path.name,
        sha256=audio.sha256(path),
        sample_rate=info.sample_rate,
        channels=1 if mono else 2,
        frames=info.frames,
        role=output.role,
        role_origin="name",
        role_confidence=1.0,
        role_reason=reason,
    )


def _session(title: str, rate: int, tracks: list[Track], gain: float) -> Session:
    rate = min(max(rate, RATES_HZ[0]), RATES_HZ[1])
    session = Session(name=title, sample_rate=rate, tracks=tracks)
    if gain == 1.0:
        return session
    knob: JsonValue = {
        "value": -20 * float(np.log10(gain)),
        "source": "prior",
        "reason": "the stems were written that much quieter, so that none of them clips",
    }
    for track in tracks:
        session = put(session, f"{track.id}.fader.gain_db", knob)
    return session
