"""What ``separators evaluate`` does around the library: which songs, which separators, and their scores as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from interfaces.output import number, table
from mixer.errors import UsageError
from mixer.progress import Progress, span
from separation.evaluation import METRICS, Score, Truth, evaluate, multitracks_in, musdb_songs
from separation.registry import DEFAULT, open_separator
from separation.separator import Options

_MUSDB = {"18": False, "18-hq": True}


def scored(
    folder: Path, names: Sequence[str], options: Options, musdb: str | None, museval: bool, progress: Progress
) -> list[Score]:
    """Each separator on each song.

    Raises:
        UsageError: there is no such MUSDB18 or separator.
        AudioError: the folder holds no songs.
        ModelError: a separator, musdb or museval is not on this machine.
    """
    if musdb is not None and musdb not in _MUSDB:
        raise UsageError(f"--musdb {musdb}: use {' or '.join(_MUSDB)}")
    separators = [open_separator(name, options) for name in names or (DEFAULT,)]
    songs = multitracks_in(folder) if musdb is None else musdb_songs(folder, high_quality=_MUSDB[musdb])
    scores: list[Score] = []
    for song in songs:
        scores += _on_all(song, separators, museval, progress)
    return scores


def _on_all(song: Truth, separators: Sequence[Any], museval: bool, progress: Progress) -> list[Score]:
    scores: list[Score] = []
    for index, separator in enumerate(separators):
        part = span(progress, index / len(separators), (index + 1) / len(separators))

        def named(fraction: float, stage: str, part: Progress = part) -> None:
            part(fraction, f"{song.name}: {stage}")

        scores += evaluate([song], separator, with_museval=museval, progress=named)
    return scores


def scores_document(scores: Sequence[Score]) -> Mapping[str, Any]:
    """The scores as JSON tells them."""
    return {
        "scores": [
            {
                "song": score.song,
                "separator": score.separator,
                "global_sdr_db": dict(score.sdr_db),
                "seconds": score.seconds,
                "times_real_time": score.times_real_time,
                "residual_db": score.residual_db,
                "museval_db": {stem: dict(values) for stem, values in score.museval_db.items()},
            }
            for score in scores
        ]
    }


def print_scores(scores: Sequence[Score]) -> None:
    """Global SDR in one table, museval's numbers in another."""
    stems = list(dict.fromkeys(stem for score in scores for stem in score.sdr_db))
    columns = ("Song", "Separator", *stems, "Seconds", "x real time")
    rows = [
        (
            score.song,
            score.separator,
            *(number(score.sdr_db.get(stem)) for stem in stems),
            number(score.seconds),
            number(score.times_real_time),
        )
        for score in scores
    ]
    for name in dict.fromkeys(score.separator for score in scores):
        own = [score for score in scores if score.separator == name]
        means = [[score.sdr_db[stem] for score in own if stem in score.sdr_db] for stem in stems]
        rows.append(("mean", name, *(number(fmean(values)) if values else "–" for values in means), "", ""))
    table(columns, rows, right=columns[2:], title="Global SDR in dB")
    frames = [
        (score.song, score.separator, stem, *(number(values[metric]) for metric in METRICS))
        for score in scores
        for stem, values in score.museval_db.items()
    ]
    if frames:
        table(("Song", "Separator", "Stem", *METRICS), frames, right=METRICS, title="museval, median of frames, in dB")
