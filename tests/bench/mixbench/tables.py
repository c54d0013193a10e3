"""Rows as tables: means with their intervals, ranks, and paired tests against the suggestion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.mixbench.baselines import ADVERSARIES
from tests.bench.mixbench.cases import Table
from tests.bench.mixbench.run import ORACLES, Row, column
from tests.bench.mixbench.score import PLAIN, check_adversaries, mean_ranks
from tests.bench.mixbench.statistics import interval, paired_p
from tests.bench.mixbench.systems import OURS, SEPARATED

PARTS = {"development": False, "test": True}


@dataclass(frozen=True, slots=True)
class Column:
    """A figure as a column: its mean over the rows that have it."""

    title: str
    figure: str
    digits: int = 2
    percent: bool = False

    def show(self, rows: Sequence[Row]) -> str:
        """The mean as one reads it."""
        values = column(rows, self.figure)
        if not values:
            return "-"
        mean = float(np.mean(values))
        return f"{100 * mean:.1f} %" if self.percent else f"{mean:.{self.digits}f}"


_SOUND = (Column("mid dB", "mid_db"), Column("side dB", "side_db"), Column("crest dB", "crest_db", 1))
_OURS = (
    Column("true peak dBTP", "true_peak_db", 1),
    Column("loudness LU", "loudness_error_lu"),
    Column("EQ move dB", "eq_move_db", 1),
    Column("CPU s", "cpu_s", 1),
    Column("MB", "peak_mb", 0),
)
COLUMNS = {
    Table.PAIRED: (
        Column("track LU", "track_lu"),
        Column("group LU", "group_lu"),
        Column("pan", "pan", 3),
        *_SOUND,
        Column("time-frequency dB", "time_frequency_db"),
        Column("envelope dB", "envelope_db"),
        Column("dynamics LU", "dynamics_lu"),
        Column("lost", "lost", percent=True),
        *_OURS,
    ),
    Table.KNOWN: (
        Column("group LU", "group_lu"),
        Column("vocals", "vocals_lu"),
        Column("drums", "drums_lu"),
        Column("bass", "bass_lu"),
        Column("other", "other_lu"),
        Column("alone LU", "alone_lu"),
        *_SOUND,
        Column("lost", "lost", percent=True),
        Column("deepest fall LU", "fall_lu", 1),
        *_OURS,
    ),
    Table.UNKNOWN: (
        *_SOUND,
        Column("lost", "lost", percent=True),
        Column("deepest fall LU", "fall_lu", 1),
        *_OURS,
    ),
}


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def in_table(rows: Sequence[Row], table: Table) -> list[Row]:
    """The rows of one table that have figures."""
    return [row for row in rows if row.table == table and not row.failed]


def by_system(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """System -> its rows in the order of their cases, of the cases that every system has."""
    systems = sorted({row.system for row in rows})
    have = {name: {row.case: row for row in rows if row.system == name} for name in systems}
    common = sorted(set.intersection(*(set(cases) for cases in have.values()))) if have else []
    return {name: [have[name][case] for case in common] for name in systems}


def ours_in(table: Table, rows: Sequence[Row]) -> str:
    """The suggestion that the others are compared with: with separated stems where there are other songs."""
    names = {row.system for row in rows}
    return SEPARATED.name if table is not Table.PAIRED and SEPARATED.name in names else OURS.name


def fractions(rows: Sequence[Row], plain: Sequence[Row]) -> list[float]:
    """Spectral distance of each row as a fraction of the plain sum's."""
    before = {row.case: row.figures["spectral_db"] for row in plain}
    return [row.figures["spectral_db"] / before[row.case] for row in rows if row.case in before]


def ranked(table: Table, rows: Sequence[Row]) -> str:
    """All systems, the best score first."""
    found = by_system(in_table(rows, table))
    ours = ours_in(table, rows)
    scores = {name: [row.score for row in some] for name, some in found.items() if some}
    if not scores:
        return "Not measured.\n"
    ranks = mean_ranks({name: some for name, some in scores.items() if name not in ORACLES})
    extra = ("of the plain sum's spectral distance",) if table is Table.PAIRED else ()
    head = ("system", "score", "rank", *extra, *(c.title for c in COLUMNS[table]), "ours better", "p")
    lines = []
    for name in sorted(scores, key=lambda name: float(np.mean(scores[name]))):
        line = [name, _with_interval(scores[name], found[name]), f"{ranks[name]:.1f}" if name in ranks else ""]
        if table is Table.PAIRED:
            line.append(_fraction(found, name))
        line += [entry.show(found[name]) for entry in COLUMNS[table]]
        lines.append([*line, *_against(scores, ours, name)])
    return markdown(head, lines)


def _with_interval(values: Sequence[float], rows: Sequence[Row]) -> str:
    low, high = interval(values, [row.song for row in rows])
    return f"{np.mean(values):.2f} [{low:.2f}, {high:.2f}]"


def _fraction(found: dict[str, list[Row]], name: str) -> str:
    values = fractions(found[name], found.get(PLAIN, []))
    if not values:
        return "-"
    low, high = interval(values, [row.song for row in found[name]])
    return f"{np.mean(values):.3f} [{low:.3f}, {high:.3f}]"


def _against(scores: dict[str, list[float]], ours: str, name: str) -> tuple[str, str]:
    """On how many cases the suggestion scores better, and how likely that is by chance."""
    if name == ours or ours not in scores:
        return "", ""
    mine, theirs = np.array(scores[ours]), np.array(scores[name])
    return f"{100 * float((mine < theirs).mean()):.0f} %", f"{paired_p(mine.tolist(), theirs.tolist()):.1g}"


def plain_table(rows: Sequence[Row]) -> str:
    """The references whose truth nobody knows: no score, since it would need the truth."""
    found = by_system(in_table(rows, Table.UNKNOWN))
    lines = [[name, *(entry.show(some) for entry in COLUMNS[Table.UNKNOWN])] for name, some in found.items() if some]
    return markdown(("system", *(c.title for c in COLUMNS[Table.UNKNOWN])), lines) if lines else "Not measured.\n"


def split(rows: Sequence[Row], system: str, key: Callable[[Row], str], table: Table) -> str:
    """One system's figures by what ``key`` says of a row."""
    some = [row for row in in_table(rows, table) if row.system == system]
    plain = [row for row in in_table(rows, table) if row.system == PLAIN]
    lines = []
    for name in sorted({key(row) for row in some}):
        here = [row for row in some if key(row) == name]
        parts = fractions(here, plain) if table is Table.PAIRED else []
        line = [name, str(len(here)), *([f"{np.mean(parts):.3f}" if parts else "-"] if table is Table.PAIRED else [])]
        lines.append([*line, *(entry.show(here) for entry in COLUMNS[table])])
    extra = ("fraction",) if table is Table.PAIRED else ()
    return markdown(("", "cases", *extra, *(c.title for c in COLUMNS[table])), lines) if lines else "Not measured.\n"


def worst(rows: Sequence[Row], table: Table, most: int = 6) -> str:
    """The cases that the suggestion does worst on."""
    system = ours_in(table, rows)
    some = sorted((row for row in in_table(rows, table) if row.system == system), key=lambda row: -row.score)[:most]
    lines = [
        [row.case.split(": ")[1], "test" if row.test else "development", f"{row.score:.2f}"]
        + [entry.show([row]) for entry in COLUMNS[table]]
        for row in some
    ]
    head = ("case", "part", "score", *(c.title for c in COLUMNS[table]))
    return markdown(head, lines) if lines else "Not measured.\n"


def check_score(rows: Sequence[Row]) -> None:
    """ScoreIsCheatedError where an adversary ranks above the plain sum, in any table or part."""
    for table in (Table.PAIRED, Table.KNOWN):
        for test in PARTS.values():
            part = [row for row in in_table(rows, table) if row.test == test]
            scores = {name: [row.score for row in some] for name, some in by_system(part).items() if some}
            there = [name for name in ADVERSARIES if name in scores]
            if there and PLAIN in scores:
                check_adversaries(scores, there)
