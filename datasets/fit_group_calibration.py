"""From what was heard beside what is there to a table: curves, tolerances and limits of one separator's stems.

The curve of loudness is a straight line between odds, fitted so that single failures count little; finer models
(shares of frames and bins, all groups together, sums that must agree) were no better on songs left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixer.roles import Group
from style_transfer.stems.calibration import GroupCalibration, Knot, Limits, SeparatorCalibration
from style_transfer.stems.said import Presence

F64 = npt.NDArray[np.float64]

KNOTS_LU = (-16.0, -12.0, -8.0, -5.0, -3.0, -1.5, -0.5, 0.0)
HEARD_LU = -16.0
"""A group that is truly lower is no matter of level."""
NEIGHBOURS_LU = 3.0
"""How far around a knot errors count for its tolerance."""
LEAST_TOLERANCE_LU, OUTLIER_LU, RIDGE = 0.3, 1.0, 0.3
NARROW_DB = -20.0
"""Widths below count as equally narrow."""
USEFUL = 0.75
"""Errors must be under this share of what they are measured against, or the measurement is not used."""
GOOD = {"width_db": 2.0, "imbalance": 0.1}
"""Errors under this are useful whatever they are measured against."""
LEAKED, FAINT = 0.95, 0.02
"""Quantiles of what is heard of absent groups, and of present ones, near which the limits lie."""
CAUTION = 0.7
"""How much less than of the faintest must be heard of a group that is called absent."""
FLOOR = 0.25
"""A reading under which fewer groups than this are there says nothing of how loud they are."""
FEW_THERE = 0.2
"""Among groups that are called absent, how many may be there."""
CLEAR_AT_LEAST, CLEAR_ENOUGH = 0.3, 0.8
"""More clearness is not asked for before a group may be there, or surely is: other recordings may have less."""
MARGIN = 1.1
"""How much clearer a group has to be than any that was not there."""
LOUDEST_LU = -0.15
"""A group that reads more is nearly all of the mix."""

Line = Callable[[F64], F64]


@dataclass(frozen=True, slots=True)
class Row:
    """One group in one mix: what its stem has (as ``StemHeard``), and the truth; None where the group is absent.

    Attributes:
        weight: of its song; 0 for a song that is for the test.
    """

    song: str
    weight: float
    group: Group
    heard_lu: float
    share: float
    clearness: float
    true_lu: float | None = None
    width_db: float = 0.0
    true_width_db: float | None = None
    imbalance: float = 0.0
    true_imbalance: float | None = None


def fitted(name: str, version: str, rows: Sequence[Row]) -> SeparatorCalibration:
    """The table of a separator, from the rows that are not for the test."""
    known = [row for row in rows if row.weight > 0]
    groups = {group: _group([row for row in known if row.group == group]) for group in Group}
    songs = [row.song for row in known if row.group == Group.OTHER]  # one row a mix
    return SeparatorCalibration(
        name=name, version=version, mixes=len(songs), songs=tuple(dict.fromkeys(songs)), groups=groups
    )


def _group(rows: Sequence[Row]) -> GroupCalibration:
    silence = [row for row in rows if row.true_lu is None]
    there = [row for row in rows if _counts(row)]
    out, within = _limits(there, silence)
    there = [row for row in there if _reaches(row, out)]
    heard, weights, errors = np.array([row.heard_lu for row in there]), _weights(there), _left_out(there)
    truth = np.array([row.true_lu for row in there], float)
    guess = abs(truth - np.average(truth, weights=weights))
    useful = np.average(abs(errors), weights=weights) < USEFUL * np.average(guess, weights=weights)
    sure = np.array([_reaches(row, within) for row in there])
    unsure = errors[~sure]
    line = _line(there)
    return GroupCalibration(
        level=tuple(_knot(at, line, heard[sure], errors[sure], weights[sure]) for at in KNOTS_LU) if useful else (),
        error_lu=_short(np.average(abs(errors), weights=weights)),
        floor_lu=_short(_below(heard, np.array([row.heard_lu for row in silence if _reaches(row, out)]), FLOOR)),
        unsure_tolerance_lu=_short(np.sqrt(np.mean(unsure**2)) if len(unsure) else 3.0),
        absent=out,
        present=within,
        width_tolerance_db=_tolerance(there, "width_db"),
        imbalance_tolerance=_tolerance(there, "imbalance"),
    )


def _reaches(row: Row, limits: Limits) -> bool:
    return row.share >= limits.share and row.clearness >= limits.clearness


def _counts(row: Row) -> bool:
    return row.true_lu is not None and row.true_lu > HEARD_LU and np.isfinite(row.heard_lu)


def _limits(there: Sequence[Row], absent: Sequence[Row]) -> tuple[Limits, Limits]:
    """Under which shares a group is absent, and from which on it is present."""
    low, high = {}, {}
    for name, lowest, highest in (("share", 1.0, 1.0), ("clearness", CLEAR_AT_LEAST, CLEAR_ENOUGH)):
        sounding = np.array([getattr(row, name) for row in there])
        silence = np.array([getattr(row, name) for row in absent])
        leaked, faint = float(np.quantile(silence, LEAKED)), float(np.quantile(sounding, FAINT))
        out = faint if leaked < faint else min(faint, _below(sounding, silence, FEW_THERE))
        low[name] = _short(min(lowest, CAUTION * out))
        high[name] = _short(min(highest, max(faint, MARGIN * leaked)))
    mistaken = max((row.clearness for row in absent if row.share >= high["share"]), default=0.0)
    high["clearness"] = _short(min(CLEAR_ENOUGH, max(high["clearness"], MARGIN * mistaken)))
    return Limits(**low), Limits(**high)


def _below(sounding: F64, silence: F64, share: float) -> float:
    """The highest value under which at most this share are groups that sound; the lowest value if there is none."""
    values = np.sort(np.concatenate([sounding, silence]))
    fits = [at for at in values[1:] if (sounding < at).sum() <= share * (values < at).sum()]
    return float(fits[-1] if fits else values[0])


def _weights(rows: Sequence[Row]) -> F64:
    """So that each song counts what it is to count, however many mixes it has."""
    songs = [row.song for row in rows]
    return np.array([row.weight / songs.count(row.song) for row in rows])


def _odds(level_lu: F64) -> F64:
    """Loudness against the rest of the mix instead of against all of it: it has no end at the top, and errs evenly."""
    level = np.minimum(level_lu, LOUDEST_LU)
    return np.asarray(level - 10 * np.log10(1 - 10 ** (level / 10)), float)


def _level(odds: F64) -> F64:
    return np.asarray(odds - 10 * np.log10(1 + 10 ** (odds / 10)), float)


def _line(rows: Sequence[Row]) -> Line:
    """The truth as a line of what is heard, both as odds: weighted, ridge, reweighted for outliers (Huber)."""
    heard = _odds(np.array([row.heard_lu for row in rows]))
    truth = _odds(np.array([row.true_lu for row in rows], float))
    weights = _weights(rows)
    given = weights
    for _ in range(10):
        middle, level = np.average(heard, weights=weights), np.average(truth, weights=weights)
        x, y = heard - middle, truth - level
        pull = RIDGE * float(weights.mean()) * float(np.var(heard))
        # towards a slope of one: louder is louder
        slope = (float((weights * x * y).sum()) + pull) / (float((weights * x * x).sum()) + pull)
        error = abs(y - slope * x)
        weights = given / np.maximum(1, error / OUTLIER_LU)
    return lambda at: _level(level + slope * (_odds(at) - middle))


def _left_out(rows: Sequence[Row]) -> F64:
    """Each row's error of a line that was fitted without its song."""
    errors = np.zeros(len(rows))
    for song in {row.song for row in rows}:
        others = [row for row in rows if row.song != song]
        line = _line(others if others else rows)
        for index, row in enumerate(rows):
            if row.song == song and row.true_lu is not None:
                errors[index] = line(np.array(row.heard_lu)) - row.true_lu
    return errors


def _knot(at: float, line: Line, heard: F64, errors: F64, weights: F64) -> Knot:
    near = weights * np.exp(-(((heard - at) / NEIGHBOURS_LU) ** 2) / 2) + 1e-6
    tolerance = max(LEAST_TOLERANCE_LU, float(np.sqrt(np.average(errors**2, weights=near))))
    return Knot(heard_lu=at, level_lu=_short(line(np.array(at))), tolerance_lu=_short(tolerance))


def _tolerance(rows: Sequence[Row], name: str) -> float | None:
    """Root mean square of the errors; None where they are large, and as large as what they are measured against."""
    pairs = np.array([(getattr(row, name), getattr(row, f"true_{name}")) for row in rows], float)
    if name == "width_db":
        pairs = np.maximum(pairs, NARROW_DB)
    weights = _weights(rows)
    tolerance = float(np.sqrt(np.average((pairs[:, 0] - pairs[:, 1]) ** 2, weights=weights)))
    spread = float(np.sqrt(np.average((pairs[:, 1] - np.average(pairs[:, 1], weights=weights)) ** 2, weights=weights)))
    return round(tolerance, 3) if tolerance < max(USEFUL * spread, GOOD[name]) else None


def _short(value: float | np.floating[npt.NBitBase] | F64) -> float:
    return round(float(value), 2)


def presence_table(rows: Sequence[Row], known: SeparatorCalibration) -> str:
    """How often groups of the test songs are called what, in per cent; in Markdown."""
    lines = ["| group | there: present, unsure, absent | not there: present, unsure, absent |", "|---|---|---|"]
    for group in Group:
        cells = []
        for there in (True, False):
            mine = [
                row for row in rows if row.group == group and row.weight == 0 and (row.true_lu is not None) is there
            ]
            said = [known.groups[group].presence(row.share, row.clearness) for row in mine]
            counts = [100 * said.count(state) / max(1, len(said)) for state in Presence]
            cells.append(f"{', '.join(f'{count:.0f}' for count in counts)} % of {len(said)}")
        lines.append(f"| {group.value} | {' | '.join(cells)} |")
    return "\n".join(lines)


def errors_table(rows: Sequence[Row]) -> str:
    """Mean absolute error of the level by group: as heard, on songs left out, and on the test songs; in Markdown."""
    lines = ["| group | as heard | left out | test: as heard | test |", "|---|---|---|---|---|"]
    for group in Group:
        mine = [row for row in rows if row.group == group and _counts(row) and row.clearness > 0.1]
        dev, test = ([row for row in mine if (row.weight > 0) is known] for known in (True, False))
        line = _line(dev)
        cells = [_raw_error(dev), float(abs(_left_out(dev)).mean()), _raw_error(test)]
        if test:
            cells.append(float(np.mean([abs(line(np.array(row.heard_lu)) - (row.true_lu or 0.0)) for row in test])))
        lines.append(f"| {group.value} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
    return "\n".join(lines)


def _raw_error(rows: Sequence[Row]) -> float:
    return float(np.mean([abs(row.heard_lu - (row.true_lu or 0.0)) for row in rows])) if rows else float("nan")
