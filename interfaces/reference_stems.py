"""Where the stems of references come from: the user's own, or the separation core, which is asked for a part alone."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mixer import audio
from mixer.errors import UsageError
from mixer.progress import Progress, silent, span
from mixer.roles import Group
from mixer.roles.names import role_from_name
from mixer.scan import natural_key
from mixer.session_file import FILE_NAME, load
from separation.cache import cached_stems, kept_stems, stems_folder
from separation.registry import DEFAULT, about_separator
from separation.song import separated_by
from style_transfer.reference import SHORTEST_S, telling_part
from style_transfer.reference_file import ReferenceFile
from style_transfer.stems import ReferenceStems

AROUND_S = 3.0
"""Separated beside the part that counts, so that its edges are as good as its middle."""
_MIXES = frozenset({"mix", "mixture", "master", "reference", "song"})
_SUMS = frozenset({"accompaniment", "instrumental", "karaoke", "no_vocals", "minus one"})
_LOOKING = 0.3  # share of the work, where the telling part has to be found first


def with_stems(
    references: Sequence[ReferenceFile],
    folders: Sequence[Path] = (),
    *,
    separation: bool | Sequence[bool] = True,
    separator: str = DEFAULT,
    progress: Progress = silent,
) -> list[ReferenceFile]:
    """The references with their stems, so that groups can be learned from one by one.

    A reference that is a folder of stems is taken as it is: its mix lies beside the stems, or is their sum.

    Args:
        folders: the user's own stems of the references, in the order of these; files are named by group.
        separation: whether references without stems of their own are separated, all of them or one by one. Only the
            part that is listened to is, and it is kept for the next time (``separation.cache``).

    Raises:
        UsageError: more folders than references, or a folder that does not say what its files are.
        AudioError: a file cannot be read.
        ModelError: the separator's package or weights are not on this machine.
    """
    if len(folders) > len(references):
        raise UsageError(
            f"{len(folders)} folders of stems for {len(references)} references: give one for each reference, in order"
        )
    share, found = 1 / max(1, len(references)), list[ReferenceFile]()
    wanted = [separation] * len(references) if isinstance(separation, bool) else separation
    for index, (file, separated) in enumerate(zip(references, wanted, strict=True)):
        part = span(progress, index * share, (index + 1) * share)
        if file.path.is_dir():
            found.append(_from_folder(file, part))
        elif index < len(folders):
            found.append(replace(file, stems=stems_in(folders[index])))
        else:
            found.append(_separated(file, separator, part) if separated else file)
    return found


def stems_in(folder: Path) -> ReferenceStems:
    """The stems in a folder, by the names of its files; the separator that made them, if the session there says so.

    Raises:
        UsageError: there is no such folder, nothing in it, or a name says no group.
        SessionError: the session in it is damaged.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder; name one with vocals, drums, bass and other in it")
    if (folder / FILE_NAME).is_file():
        session = load(folder)
        made_by = separated_by(session)
        if made_by is not None:
            return _of_separator(folder, made_by)
    files: dict[Group, list[Path]] = defaultdict(list)
    for path in _audio_in(folder):
        if path.stem.casefold() not in _MIXES:
            files[_group(path)].append(path)
    if not files:
        raise UsageError(f"{folder}: holds no stems; put files called vocals, drums, bass and other there")
    return ReferenceStems({group: _one_file(paths) for group, paths in files.items()})


def _group(path: Path) -> Group:
    name = path.stem.casefold()
    if name in _SUMS:
        raise UsageError(f"{path}: holds several groups at once; give vocals, drums, bass and other one by one")
    guess = role_from_name(path.stem)
    if guess is not None:
        return guess.role.group
    said = {Group(word) for word in re.findall("[a-z]+", name) if word in list(Group)}
    if len(said) != 1:
        raise UsageError(f"{path}: its name says no group; call stems vocals, drums, bass or other")
    return said.pop()


def _audio_in(folder: Path) -> list[Path]:
    files = [path for path in folder.iterdir() if path.suffix.casefold() in audio.SUFFIXES]
    return sorted((path for path in files if path.is_file() and not path.name.startswith(".")), key=natural_key)


def _from_folder(file: ReferenceFile, progress: Progress) -> ReferenceFile:
    progress(0.0, f"looking into {file.path.name}")
    stems = stems_in(file.path)
    mixes = [path for path in _audio_in(file.path) if path.stem.casefold() in _MIXES]
    mix = mixes[0] if mixes else _one_file(list(stems.files.values()), file.path.resolve().name)
    progress(1.0, f"looking into {file.path.name}")
    return replace(file, path=mix, stems=stems)


def _separated(file: ReferenceFile, separator: str, progress: Progress) -> ReferenceFile:
    """The reference with the stems of the part that is listened to; as it was where that part is none."""
    around = _around(file, span(progress, 0, _LOOKING))
    if around is None:
        return file  # whoever listens to it says what is wrong
    separating = span(progress, _LOOKING, 1)
    folder = cached_stems(
        file.path,
        separator,
        segment=around,
        progress=lambda fraction, stage: separating(fraction, f"{file.path.name}: {stage}"),
    )
    return replace(file, stems=replace(_of_separator(folder, separator), start_s=around[0]))


def _around(file: ReferenceFile, progress: Progress) -> tuple[float, float] | None:
    """The seconds that are separated; None where the part is too short."""
    seconds = audio.probe(file.path).seconds
    start, stop = file.segment or telling_part(file.path, progress)
    stop = min(stop, seconds)
    if stop - start < SHORTEST_S:
        return None
    return round(max(0.0, start - AROUND_S), 3), round(min(seconds, stop + AROUND_S), 3)


def with_kept_stems(file: ReferenceFile, separator: str = DEFAULT) -> ReferenceFile:
    """The reference with its stems if it was separated before, as ``with_stems`` does it; else as it is.

    Raises:
        AudioError: it cannot be read.
    """
    around = _around(file, silent)
    folder = None if around is None else kept_stems(file.path, separator, segment=around)
    if around is None or folder is None:
        return file
    return replace(file, stems=replace(_of_separator(folder, separator), start_s=around[0]))


def _of_separator(folder: Path, name: str) -> ReferenceStems:
    about = about_separator(name)
    missing = [group.value for group in Group if group not in about.stems]
    if missing:
        raise UsageError(f"{folder}: {name} gives {', '.join(about.stems)}, but {', '.join(missing)} are needed too")
    files: dict[Group, list[Path]] = defaultdict(list)
    for track in load(folder).tracks:
        files[track.role.group].append(folder / track.path)
    made: Mapping[Group, Path] = {group: _one_file(paths) for group, paths in files.items()}
    return ReferenceStems(made, f"{about.name} {about.version}")


def _one_file(paths: Sequence[Path], name: str = "sum") -> Path:
    """The file itself, or one that holds the sum of several: kept beside the separated songs, by their content."""
    if len(paths) == 1:
        return paths[0]
    content = " ".join(audio.sha256(path) for path in paths)
    folder = stems_folder() / f"sum-{hashlib.sha256(content.encode()).hexdigest()[:24]}"
    target = folder / f"{name}.wav"
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    rate = audio.probe(paths[0]).sample_rate
    unfinished = folder / f"{name}.part.wav"
    with audio.Writer(unfinished, rate, 2, "float") as writer:
        streams = [audio.blocks(path, rate) for path in paths]
        while pieces := [piece for stream in streams if (piece := next(stream, None)) is not None]:
            total = np.zeros((2, max(piece.shape[1] for piece in pieces)), np.float32)
            for piece in pieces:
                total[:, : piece.shape[1]] += piece
            writer.write(total)
    return unfinished.replace(target)
