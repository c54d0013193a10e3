"""What the suggestion must reach, as rows of a table: the goal, the figure on the test songs and on all, met or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.mixbench.baselines import ADVERSARIES, BASELINES
from tests.bench.mixbench.cases import Table
from tests.bench.mixbench.engine import Finish
from tests.bench.mixbench.run import Row, column
from tests.bench.mixbench.score import PLAIN
from tests.bench.mixbench.systems import ABLATIONS, OURS, OWN_BASELINES, SEPARATED, START, TRUE_STEMS
from tests.bench.mixbench.tables import fractions, in_table

Figure = Callable[[Sequence[Row]], float | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """One line: ``figure`` of all rows of a part must not exceed ``most``."""

    what: str
    most: float
    figure: Figure
    unit: str = ""

    def line(self, rows: Sequence[Row]) -> list[str]:
        """The goal beside what was measured: on the test songs, and on the development songs."""
        parts = [self.figure([row for row in rows if row.test == test]) for test in (True, False)]
        shown = [f"{value:.3g}{self.unit}" if value is not None else "not measured" for value in parts]
        verdict = "" if parts[0] is None else "yes" if parts[0] <= self.most else "**no**"
        return [self.what, f"{self.most:g}{self.unit}", *shown, verdict]


def _mean(table: Table, system: str, figure: str, finishes: Sequence[Finish] | None = None) -> Figure:
    def value(rows: Sequence[Row]) -> float | None:
        some = [
            row
            for row in in_table(rows, table)
            if row.system == system and (finishes is None or row.finish in finishes)
        ]
        values = column(some, figure)
        return float(np.mean(values)) if values else None

    return value


def _fraction(system: str) -> Figure:
    def value(rows: Sequence[Row]) -> float | None:
        some = in_table(rows, Table.PAIRED)
        ours = [row for row in some if row.system == system]
        values = fractions(ours, [row for row in some if row.system == PLAIN])
        return float(np.mean(values)) if values else None

    return value


def _beaten(rows: Sequence[Row]) -> float | None:
    """Share of the paired cases in which some baseline is as near by the spectral distance, in percent."""
    some = in_table(rows, Table.PAIRED)
    ours = {row.case: row.figures["spectral_db"] for row in some if row.system == OURS.name}
    rivals = {**BASELINES, **OWN_BASELINES}
    theirs = [row for row in some if row.system in rivals and row.case in ours]
    if not theirs:
        return None
    return 100 * len({row.case for row in theirs if row.figures["spectral_db"] <= ours[row.case]}) / len(ours)


def _tone(system: str) -> Figure:
    def value(rows: Sequence[Row]) -> float | None:
        some = [row for row in in_table(rows, Table.KNOWN) if row.system == system]
        return float(np.mean([column(some, "mid_db"), column(some, "side_db")])) if some else None

    return value


def _lost(rows: Sequence[Row]) -> float | None:
    """Cases of suggestions with the guard in which an audible track was lost."""
    names = {OURS.name, SEPARATED.name, TRUE_STEMS.name}
    some = [row for row in rows if row.system in names and not row.failed]
    return float(sum(row.figures["lost"] > 0 for row in some)) if some else None


def _clipped(rows: Sequence[Row]) -> float | None:
    """Cases in which a suggestion's mix goes beyond full scale."""
    values = column((row for row in rows if not row.failed), "true_peak_db")
    return float(sum(value > 0 for value in values)) if values else None


def _cheated(rows: Sequence[Row]) -> float | None:
    """Cases in which an adversary scores better than the suggestion or the plain sum."""
    count, seen = 0, False
    for table, ours in ((Table.PAIRED, OURS.name), (Table.KNOWN, SEPARATED.name)):
        some = in_table(rows, table)
        honest: dict[str, float] = {}
        for row in some:
            if row.system in (ours, PLAIN):
                honest[row.case] = max(row.score, honest.get(row.case, row.score))
        adverse = [row for row in some if row.system in ADVERSARIES and row.case in honest]
        seen = seen or bool(adverse)
        count += len({row.case for row in adverse if row.score <= honest[row.case]})
    return float(count) if seen else None


def _recalled(tables: Sequence[Table], wanted: float) -> Figure:
    """Cases in which the reference was taken for what it is not, in percent."""

    def value(rows: Sequence[Row]) -> float | None:
        values = [found for table in tables for found in column(in_table(rows, table), "recalled")]
        return 100 * float(np.mean([found != wanted for found in values])) if values else None

    return value


_LOSSY = (Finish.LIMITED, Finish.OGG, Finish.MP3)
_PAIRED, _KNOWN = Table.PAIRED, Table.KNOWN
GOALS = (
    Goal("paired: spectral distance, fraction of the plain sum's", 0.035, _fraction(OURS.name)),
    Goal("paired: the same of the first answer", 0.10, _fraction(START.name)),
    Goal("paired: cases in which some baseline is nearer", 5, _beaten, " %"),
    Goal("paired: loudness of each track, clean", 0.15, _mean(_PAIRED, OURS.name, "track_lu", [Finish.CLEAN]), " LU"),
    Goal("paired: the same, limited or lossy", 0.5, _mean(_PAIRED, OURS.name, "track_lu", _LOSSY), " LU"),
    Goal("paired: pan, clean", 0.01, _mean(_PAIRED, OURS.name, "pan", [Finish.CLEAN])),
    Goal("paired: time-frequency error", 0.6, _mean(_PAIRED, OURS.name, "time_frequency_db"), " dB"),
    Goal("paired: gain envelope", 0.4, _mean(_PAIRED, OURS.name, "envelope_db"), " dB"),
    Goal("paired: references not recognised as the same tracks", 0, _recalled([_PAIRED], 1.0), " %"),
    Goal("foreign: references taken for the same tracks", 0, _recalled([_KNOWN, Table.UNKNOWN], 0.0), " %"),
    Goal("foreign: group loudness, separated stems", 1.5, _mean(_KNOWN, SEPARATED.name, "group_lu"), " LU"),
    Goal("foreign: vocals, separated stems", 1.0, _mean(_KNOWN, SEPARATED.name, "vocals_lu"), " LU"),
    Goal("foreign: group loudness, true stems", 0.4, _mean(_KNOWN, TRUE_STEMS.name, "group_lu"), " LU"),
    Goal("foreign: bands of mid and side, separated stems", 0.5, _tone(SEPARATED.name), " dB"),
    Goal("foreign: what only the song has, moved", 1.0, _mean(_KNOWN, SEPARATED.name, "alone_lu"), " LU"),
    Goal("foreign: EQ move, separated stems", 3.0, _mean(_KNOWN, SEPARATED.name, "eq_move_db"), " dB"),
    Goal("suggestions with a lost track", 0, _lost),
    Goal("suggestions with a true peak beyond full scale", 0, _clipped),
    Goal("cases in which an adversary scores better than the suggestion or the plain sum", 0, _cheated),
)


def prior_lines(rows: Sequence[Row]) -> list[list[str]]:
    """What the suggestion comes to without its prior, its guard or its learned start, beside the whole one."""
    shown = []
    for name in (SEPARATED.name, *(variant.name for variant in ABLATIONS)):
        some = [row for row in in_table(rows, Table.KNOWN) if row.system == name]
        if some:
            figures = ("group_lu", "eq_move_db", "lost", "fall_lu")
            shown.append([name, *(f"{np.mean(column(some, figure)):.2f}" for figure in figures)])
    return shown
