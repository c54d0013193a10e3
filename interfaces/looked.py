"""What the pictures of a mix show, as JSON: tone, loudness and stereo over time, and what covers what.

One document serves the studio's page and the report of ``faderwise compare``; the same scripts draw both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from interfaces.daw.colours import colour_of
from interfaces.measured import Listened, rows_of
from interfaces.output import finite
from mixer.arrays import F64
from mixer.roles import Group
from mixer.session import Session
from style_transfer.features import CENTRES_HZ, EDGES_HZ, band_weights
from style_transfer.masking import Masking, Part

FORMAT = "faderwise-look/1"
EMPTY_DB = -30.0
"""Bands this far under a track's strongest hold nothing that could be covered."""
MOST_POINTS = 600
_SHORT_TERM_S, _SHORT_TERM_STEP_S = 3.0, 0.1

Levels = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Side:
    """One mix in the pictures."""

    key: str
    name: str
    style: Literal["now", "before", "reference"]
    """How its line looks."""
    heard: Listened
    in_time: bool = True
    """Whether its seconds are those of the others, so that lines over time lie on each other."""


@dataclass(frozen=True, slots=True)
class GroupTone:
    """The tone of one stem group on one side, relative to the group's own loudness; None where it cannot be told."""

    side: str
    group: Group
    db: Levels


def look_document(
    sides: Sequence[Side],
    sample_rate: int,
    *,
    groups: Sequence[GroupTone] = (),
    masking: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Everything that is drawn; what has no value (the loudness of silence) is None.

    Args:
        sample_rate: in Hz, of what plays beside the pictures.
        masking: as ``masking_document`` has it.
    """
    weights = 10 * np.log10(band_weights(sample_rate).numpy())
    document: dict[str, Any] = finite(
        {
            "format": FORMAT,
            "bands": {"edges_hz": EDGES_HZ, "centres_hz": CENTRES_HZ, "weights_db": _rounded(weights)},
            "sides": [{"key": side.key, "name": side.name, "style": side.style} for side in sides],
            "tones": [*_tones(sides), *_group_tones(groups)],
            "loudness": [_loudness(side) for side in sides if side.in_time],
            "correlation": [_correlation(side) for side in sides if side.in_time],
            "masking": masking,
            "figures": _figures(sides),
            "notes": list(notes),
        }
    )
    return document


def _tones(sides: Sequence[Side]) -> list[dict[str, Any]]:
    views = (("mid", "Middle", "what both sides share"), ("side", "Sides", "what makes it wide"))
    return [
        {
            "key": key,
            "name": name,
            "what": f"{what}, relative to the loudness of the whole",
            "lines": [{"side": side.key, "db": _tone(side, f"{key}_db")} for side in sides],
            "ranges": [found for side in sides if (found := _range(side, f"{key}_db")) is not None],
        }
        for key, name, what in views
    ]


def _tone(side: Side, field: str) -> Levels:
    """The bands that lie under half the sample rate; none of silence."""
    heard = side.heard
    if not math.isfinite(heard.features.loudness_lufs):
        return [None] * len(CENTRES_HZ)
    return _under_half(getattr(heard.features, field), heard.sample_rate)


def _under_half(levels: Sequence[float], sample_rate: int) -> Levels:
    bands = zip(CENTRES_HZ, _rounded(levels), strict=True)
    return [level if hz < sample_rate / 2 else None for hz, level in bands]


def _range(side: Side, field: str) -> dict[str, Any] | None:
    """Between which levels a reference moves."""
    tone_range = side.heard.timeline.tone_range() if side.style == "reference" else None
    if tone_range is None:
        return None
    low, high = getattr(tone_range, field)
    rate = side.heard.sample_rate
    return {"side": side.key, "low_db": _under_half(low, rate), "high_db": _under_half(high, rate)}


def _group_tones(tones: Sequence[GroupTone]) -> list[dict[str, Any]]:
    """The groups of which more than one side says anything."""
    views = []
    for group in Group:
        lines = [{"side": tone.side, "db": list(tone.db)} for tone in tones if tone.group == group]
        if len(lines) > 1:
            what = "relative to the group's own loudness, in the parts that are named below"
            views.append({"key": group.value, "name": group.value.capitalize(), "what": what, "lines": lines})
    return [view | {"ranges": []} for view in views]


def _loudness(side: Side) -> dict[str, Any]:
    """Each short-term value at the end of its window."""
    levels = side.heard.short_term_lufs
    step = max(1, math.ceil(len(levels) / MOST_POINTS))
    return _line(side, _SHORT_TERM_S, step * _SHORT_TERM_STEP_S, levels[::step])


def _correlation(side: Side) -> dict[str, Any]:
    """Each second's value in the middle of it."""
    values = side.heard.timeline.correlation()
    step = max(1, math.ceil(len(values) / MOST_POINTS))
    return _line(side, 0.5, float(step), values[::step])


def _line(side: Side, start_s: float, step_s: float, values: F64) -> dict[str, Any]:
    return {"side": side.key, "start_s": start_s, "step_s": round(step_s, 3), "values": _rounded(values)}


def _figures(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """What is measured, a row for each."""
    columns = {side.key: dict(rows_of(side.heard.features, side.heard.sample_rate)) for side in sides}
    names = list(next(iter(columns.values()), {}))
    return [{"name": name, "values": {key: rows[name] for key, rows in columns.items()}} for name in names]


def masking_document(
    session: Session, parts: Sequence[Part], views: Sequence[tuple[str, Masking]]
) -> dict[str, Any] | None:
    """A row for each track that sounds on any side, None where there is none.

    Args:
        views: for a side's key what was measured on it in these parts.
    """
    heard = {track.id for _, masking in views for track in masking.tracks}
    tracks = [track for track in session.tracks if track.id in heard]
    if not tracks:
        return None
    rows = {track.id: index for index, track in enumerate(tracks)}
    rate = session.sample_rate
    return {
        "tracks": [{"name": t.name, "role": t.role.value, "colour": colour_of(t.role)} for t in tracks],
        "parts": [[round(start / rate, 1), round(stop / rate, 1)] for start, stop in parts],
        "empty_db": EMPTY_DB,
        "views": [_masking_view(key, masking, rows, rate) for key, masking in views],
    }


def _masking_view(key: str, masking: Masking, rows: Mapping[str, int], sample_rate: int) -> dict[str, Any]:
    """Level over the others and under the track's own strongest band, who covers most there, and the best of all."""
    over: list[Levels | None] = [None] * len(rows)
    own: list[Levels | None] = [None] * len(rows)
    by: list[list[int | None] | None] = [None] * len(rows)
    best: list[float | None] = [None] * len(rows)
    places = [rows[track.id] for track in masking.tracks]
    for index, place in enumerate(places):
        full = [
            hz < sample_rate / 2 and float(own) > EMPTY_DB
            for hz, own in zip(CENTRES_HZ, masking.own_db[index], strict=True)
        ]
        own[place] = [max(EMPTY_DB, level) for level in _rounded(masking.own_db[index].tolist(), 1)]
        levels = _rounded(masking.over_db[index].tolist(), 1)
        over[place] = [level if there else None for level, there in zip(levels, full, strict=True)]
        covering = masking.covered_by[index].tolist()
        by[place] = [
            places[other] if there and other != index else None for other, there in zip(covering, full, strict=True)
        ]
        best[place] = round(float(masking.best_db[index]), 1)
    return {"side": key, "over_db": over, "own_db": own, "by": by, "best_db": best}


def _rounded(values: Sequence[float] | F64, digits: int = 2) -> list[float]:
    return [round(float(value), digits) for value in values]
