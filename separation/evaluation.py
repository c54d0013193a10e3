"""How good a separator is on songs whose stems are known.

Global SDR is the ratio over a whole song, as in the Sound Demixing Challenge (Mitsufuji et al., "Music Demixing
Challenge 2021", Frontiers in Signal Processing 1, 2022): 10 log10 of the energy of the truth over that of the error,
summed over channels. museval's SDR is a median over frames of one second that allows for a filter of 512 taps: another
number, that belongs into another table.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mixer import audio
from mixer.errors import AudioError, ModelError
from mixer.progress import Progress, silent, span
from mixer.roles import Group, Role, guess_role
from separation.separate import separate
from separation.separator import F32, Separator

METRICS = ("SDR", "SIR", "ISR", "SAR")
_FLOOR = 1e-10  # of the mixture's energy: a stem below is absent, and has no SDR


@dataclass(frozen=True, slots=True)
class Truth:
    """A song with its true stems by group, ``[2, time]`` each; a group that is absent is silent."""

    name: str
    sample_rate: int
    stems: Mapping[str, F32]

    @property
    def mixture(self) -> F32:
        """The plain sum."""
        total: F32 = np.sum(list(self.stems.values()), axis=0, dtype=np.float32)
        return total


@dataclass(frozen=True, slots=True)
class Score:
    """What one separator does to one song.

    Attributes:
        sdr_db: global SDR of each stem that the song has.
        seconds: of wall time, the model loaded before.
        times_real_time: length of the song over that.
        residual_db: energy of the mixture minus the sum of the stems, relative to the mixture.
        museval_db: SDR, SIR, ISR, SAR of each stem, medians over frames; empty unless asked for.
    """

    song: str
    separator: str
    sdr_db: Mapping[str, float]
    seconds: float
    times_real_time: float
    residual_db: float
    museval_db: Mapping[str, Mapping[str, float]]


def sdr_db(truth: F32, estimate: F32) -> float:
    """Global signal-to-distortion ratio.

    >>> round(sdr_db(np.ones((1, 4), np.float32), np.full((1, 4), 0.9, np.float32)), 2)
    20.0
    """
    wanted = np.asarray(truth, np.float64)
    error = float(np.square(wanted - estimate).sum())
    energy = float(np.square(wanted).sum())
    return 10 * math.log10(energy / error) if error > 0 and energy > 0 else math.inf if energy > 0 else -math.inf


def true_stems(truth: Truth, stems: Sequence[str]) -> dict[str, F32]:
    """The truth as a separator's stems have it: the rest is what no other of them names."""
    named = [stem for stem in stems if stem in truth.stems and stem != "other"]
    known = {stem: truth.stems[stem] for stem in named}
    rest = next(stem for stem in stems if stem in ("other", "accompaniment"))
    others = [part for group, part in truth.stems.items() if group not in named]
    known[rest] = np.sum(others, axis=0, dtype=np.float32) if others else np.zeros_like(truth.mixture)
    return known


def evaluate(
    songs: Sequence[Truth], separator: Separator, *, with_museval: bool = False, progress: Progress = silent
) -> list[Score]:
    """Separate each song's plain sum and compare.

    Raises:
        ModelError: museval is asked for and not installed.
    """
    compare = _museval() if with_museval else None
    scores = []
    for index, song in enumerate(songs):
        part = span(progress, index / len(songs), (index + 1) / len(songs))
        scores.append(_score(song, separator, compare, part))
    return scores


def _score(song: Truth, separator: Separator, compare: Callable[..., Any] | None, progress: Progress) -> Score:
    mixture = song.mixture
    start = time.perf_counter()
    stems = separate(mixture, song.sample_rate, separator, progress)
    seconds = time.perf_counter() - start
    energy = float(np.square(mixture, dtype=np.float64).sum())
    truths = {
        stem: true
        for stem, true in true_stems(song, list(stems)).items()
        if float(np.square(true, dtype=np.float64).sum()) > _FLOOR * energy
    }
    residual = float(np.square(mixture - np.sum(list(stems.values()), axis=0, dtype=np.float64)).sum())
    return Score(
        song.name,
        separator.about.name,
        {stem: sdr_db(true, stems[stem]) for stem, true in truths.items()},
        seconds,
        mixture.shape[1] / song.sample_rate / seconds,
        10 * math.log10(residual / energy) if residual > 0 and energy > 0 else -math.inf,
        _frame_scores(compare, truths, stems, song.sample_rate) if compare is not None else {},
    )


def _museval() -> Callable[..., Any]:
    try:
        from museval.metrics import bss_eval
    except ImportError:
        raise ModelError("museval is not installed: pip install museval") from None
    except RuntimeError as error:  # it reads no file here, but does not load without ffmpeg
        raise ModelError(f"museval does not load ({error}): install ffmpeg") from None
    found: Callable[..., Any] = bss_eval
    return found


def _frame_scores(
    compare: Callable[..., Any], truths: Mapping[str, F32], stems: Mapping[str, F32], rate: int
) -> dict[str, dict[str, float]]:
    """museval's four numbers of each stem: medians over frames of one second, frames without truth left out."""
    names = list(truths)
    reference = np.stack([truths[name].T for name in names])  # [stems, time, channels]
    estimate = np.stack([stems[name].T for name in names])
    sdr, isr, sir, sar, _ = compare(reference, estimate, window=rate, hop=rate)
    columns = dict(zip(METRICS, (sdr, sir, isr, sar), strict=True))
    return {
        name: {metric: float(np.nanmedian(values[index])) for metric, values in columns.items()}
        for index, name in enumerate(names)
    }


def multitracks_in(folder: Path) -> Iterator[Truth]:
    """Each folder of tracks below (or the folder itself), its tracks summed by the group of their role.

    Raises:
        AudioError: there are none, or a file cannot be read.
    """
    folders = [path for path in sorted(folder.iterdir()) if path.is_dir()] if folder.is_dir() else []
    candidates = [path for path in (folder, *folders) if path.is_dir() and _tracks(path)]
    if not candidates:
        raise AudioError(f"{folder}: holds no folders of tracks; name one with a folder for each song")
    for candidate in candidates:
        yield read_multitrack(candidate)


def read_multitrack(folder: Path, roles: Mapping[str, Role] | None = None) -> Truth:
    """A folder of tracks as a song with true stems, at the first track's rate.

    Args:
        roles: of tracks by their file names without suffix, where neither name nor sound tells.
    """
    tracks = _tracks(folder)
    rate = audio.probe(tracks[0]).sample_rate
    stems: dict[str, F32] = {}
    for path in tracks:
        samples, _ = audio.read(path, rate)
        role = (roles or {}).get(path.stem) or guess_role(path.stem, samples, rate).role
        stereo = np.broadcast_to(samples, (2, samples.shape[1]))
        stems[role.group.value] = _sum(stems.get(role.group.value), stereo)
    longest = max(stem.shape[1] for stem in stems.values())
    silence = np.zeros((2, longest), np.float32)
    return Truth(folder.name, rate, {group.value: _sum(stems.get(group.value), silence) for group in Group})


def musdb_songs(folder: Path, *, subset: str = "test", high_quality: bool = False) -> Iterator[Truth]:
    """The songs of a copy of MUSDB18 (or MUSDB18-HQ), through the ``musdb`` package; one in memory at a time.

    Raises:
        ModelError: musdb is not installed.
        AudioError: the folder holds no MUSDB18.
    """
    try:
        import musdb
    except ImportError:
        raise ModelError("musdb is not installed: pip install musdb") from None
    except RuntimeError as error:
        raise ModelError(f"musdb does not load ({error}): install ffmpeg") from None
    try:
        database = musdb.DB(root=str(folder), subsets=subset, is_wav=high_quality)
    except Exception as error:
        raise AudioError(f"{folder}: cannot be read as MUSDB18 ({error}); name its folder") from None
    if not len(database):
        raise AudioError(f"{folder}: holds no songs of MUSDB18's {subset} part; name its folder")
    for track in database:
        stems = {group.value: track.targets[group.value].audio.T.astype(np.float32) for group in Group}
        yield Truth(track.name, int(track.rate), stems)


def _tracks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.casefold() in audio.SUFFIXES and path.is_file())


def _sum(first: F32 | None, second: F32) -> F32:
    if first is None:
        return np.array(second, np.float32)
    length = max(first.shape[1], second.shape[1])
    total = np.zeros((2, length), np.float32)
    total[:, : first.shape[1]] += first
    total[:, : second.shape[1]] += second
    return total
