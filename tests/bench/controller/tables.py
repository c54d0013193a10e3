"""The rows as tables: every system on the cases that all have, with intervals, each against its rival."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.bench.controller.run import RULES, Row
from tests.bench.mixbench.score import score
from tests.bench.mixbench.statistics import interval, paired_p
from tests.bench.mixbench.tables import markdown

FIGURES = {
    "track LU": "track_lu",
    "spectral distance dB": "spectral_db",
    "group LU": "group_lu",
    "pan": "pan",
    "mid dB": "mid_db",
    "side dB": "side_db",
}
_HEAD = ("system", "score", *FIGURES, "lost", "CPU s", "track LU less than its rival's", "spectral less", "p")


def tables(rows: Sequence[Row]) -> str:
    """Test songs, then development songs."""
    parts = []
    for title, test in (("Test songs", True), ("Development songs", False)):
        here = [row for row in rows if row.test == test]
        if here:
            parts.append(f"### {title} ({len({row.case for row in here})} cases)\n\n{_table(here)}\n")
    return "\n".join(parts)


def _table(rows: Sequence[Row]) -> str:
    systems = list(dict.fromkeys(row.system for row in rows))
    have = {name: {row.case: row for row in rows if row.system == name} for name in systems}
    common = sorted(set.intersection(*(set(cases) for cases in have.values())))
    lines = []
    for name in systems:
        some = [have[name][case] for case in common]
        line = [name, f"{np.mean([score(row.figures) for row in some]):.2f}"]
        line += [f"{np.mean([row.figures[figure] for row in some]):.2f}" for figure in FIGURES.values()]
        line.append(f"{100 * np.mean([row.figures['lost'] for row in some]):.1f} %")
        line.append(f"{np.mean([row.seconds for row in some]):.1f}")
        lines.append(
            [*line, *_against(some, [have[rival(name)][case] for case in common] if rival(name) in have else [])]
        )
    return markdown(_HEAD, lines)


def rival(system: str) -> str:
    """What a system is compared with: a search with the search of the rules, the others with the rules alone."""
    if system.startswith("controller then"):
        return system.replace("controller then", "rules start then")
    return RULES.name


def _against(mine: Sequence[Row], theirs: Sequence[Row]) -> tuple[str, str, str]:
    """Differences with their 95 % interval, and how likely that in track loudness is by chance."""
    if not theirs or mine == theirs:
        return "", "", ""
    shown = []
    for figure in ("track_lu", "spectral_db"):
        apart = [a.figures[figure] - b.figures[figure] for a, b in zip(mine, theirs, strict=True)]
        low, high = interval(apart, [row.song for row in mine])
        shown.append(f"{np.mean(apart):+.2f} [{low:+.2f}, {high:+.2f}]")
    p = paired_p([row.figures["track_lu"] for row in mine], [row.figures["track_lu"] for row in theirs])
    return shown[0], shown[1], f"{p:.1g}"
