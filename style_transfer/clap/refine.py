"""What words have moved, moved a little further by ear of a listener model, through the differentiable console.

It is kept on a short lead. Gains of equalisers and sends that the words have moved already may go `MOST_DB` further or
less far, never back by more than half of what the words asked; everything else, what is locked or the user's, and all
levels stay. What comes of it is taken only if the model then hears the words better at knobs as a person would dial
them, and if no track is lost that was heard before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.processor import find
from mixer.progress import Progress, silent
from style_transfer.adam import Adam
from style_transfer.clap.hearing import ANCHOR, Offsets, nearness
from style_transfer.clap.model import Clap
from style_transfer.clap.opinion import LEAST_SHIFT
from style_transfer.desk import EQ_GAINS, Desk
from style_transfer.field import Field
from style_transfer.guard import lost
from style_transfer.listen import Segment
from style_transfer.setting import Setting
from style_transfer.start import Values, copied, current_values, is_free

MOST_DB = {"equalizer": 1.5, "send": 2.0}
"""How far from where the words put it a knob may go."""
STEPS = 10
RATE = 0.25
PRIOR_WEIGHT = 0.01
"""What a knob at the end of its lead costs, in cosine."""
_SHARES = (1.0, 0.5)

Knob = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Refined:
    """The values after it, and what it came to in a sentence."""

    values: Values
    moved: tuple[str, ...]
    note: str


def leads(desk: Desk, moved: Sequence[str]) -> dict[Knob, tuple[float, float]]:
    """How far, down and up, each knob may go that words moved: target, processor, knob -> offsets around 0."""
    found: dict[Knob, tuple[float, float]] = {}
    now = current_values(desk.session)
    for address in moved:
        target, processor, knob = address.split(".")
        most = MOST_DB.get(processor)
        gain = knob in EQ_GAINS or processor == "send"
        if most is None or not gain or not is_free(desk.session, target, processor, knob):
            continue
        param, value = find(processor).param(knob), desk.values[target][processor][knob]
        if param.is_off(value) and processor == "send":
            continue
        back = (now[target][processor][knob] - value) / 2 if not param.is_off(now[target][processor][knob]) else -most
        low, high = max(-most, param.low - value), min(most, param.high - value)
        low, high = (max(low, back), high) if back < 0 else (low, min(high, back))
        found[target, processor, knob] = (min(low, 0.0), max(high, 0.0))
    return found


def refine(
    clap: Clap,
    text: str,
    segments: Sequence[Segment],
    desk: Desk,
    moved: Sequence[str],
    audibility_db: Tensor,
    progress: Progress = silent,
) -> Refined:
    """Move what words have moved towards what the model takes the words for; the desk itself does not change.

    Args:
        moved: addresses of the knobs that words moved.
        audibility_db: of each track of the desk before anything was moved, ``[tracks]``.
    """
    bounds = leads(desk, moved)
    if not bounds:
        return Refined(
            desk.values, (), "the listener model had nothing to refine: the words moved no tone and no reverb"
        )
    words = clap.texts([text, ANCHOR])
    units = _descend(clap, words, segments, desk, bounds, progress)
    start = _heard(clap, words, segments, desk)
    guard = _Guard(desk, segments, audibility_db)
    for share in _SHARES:
        values = _written(desk, {key: share * _offset(*bounds[key], unit) for key, unit in units.items()})
        there = Desk(desk.session, desk.heard, values, desk.sample_rate)
        if guard.holds(values) and _heard(clap, words, segments, there) > start + LEAST_SHIFT:
            changed = tuple(".".join(key) for key in bounds if _at(values, key) != _at(desk.values, key))
            most = max(abs(_at(values, key) - _at(desk.values, key)) for key in bounds)
            return Refined(values, changed, f"the listener model moved {len(changed)} knobs by up to {most:.1f} dB")
    return Refined(desk.values, (), "the listener model found nothing within its bounds that it hears as nearer")


def _descend(
    clap: Clap,
    words: Tensor,
    segments: Sequence[Segment],
    desk: Desk,
    bounds: dict[Knob, tuple[float, float]],
    progress: Progress,
) -> dict[Knob, Tensor]:
    """Units of the leads, -1 to 1 through a hyperbolic tangent; one segment a step, in turn."""
    units = {key: torch.zeros((), dtype=torch.float64, requires_grad=True) for key in bounds}
    adam = Adam(list(units.values()))
    for step in range(STEPS):
        offsets = {key: _offset(*bounds[key], unit) for key, unit in units.items()}
        near = nearness(clap, words, desk, segments[step % len(segments)], _as_tensors(desk, offsets))
        left = torch.stack([unit.tanh().square() for unit in units.values()]).mean()
        adam.step(PRIOR_WEIGHT * left - near, RATE * (1 - 0.8 * step / STEPS))
        progress((step + 1) / STEPS, "refining by ear")
    return {key: unit.detach() for key, unit in units.items()}


def _offset(low: float, high: float, unit: Tensor) -> Tensor:
    way = unit.tanh()
    return torch.where(way < 0, -low * way, high * way)


def _as_tensors(desk: Desk, offsets: dict[Knob, Tensor]) -> Offsets:
    """Single knobs as rows of all tracks."""
    rows = {entry.track.id: row for row, entry in enumerate(desk.heard)}
    table: Offsets = {}
    for (target, processor, knob), offset in offsets.items():
        if target == "master":
            table["master", knob] = offset[None]
        else:
            unit = torch.zeros(len(rows), dtype=torch.float64)
            unit[rows[target]] = 1.0
            table[processor, knob] = table.get((processor, knob), torch.zeros_like(unit)) + unit * offset
    return table


def _written(desk: Desk, offsets: dict[Knob, Tensor]) -> Values:
    values = copied(desk.values)
    for (target, processor, knob), offset in offsets.items():
        value = values[target][processor][knob] + float(offset)
        values[target][processor][knob] = find(processor).param(knob).clamp(round(value, 1))
    return values


def _heard(clap: Clap, words: Tensor, segments: Sequence[Segment], desk: Desk) -> float:
    with torch.no_grad():
        return float(torch.stack([nearness(clap, words, desk, segment) for segment in segments]).mean())


def _at(values: Values, key: Knob) -> float:
    return values[key[0]][key[1]][key[2]]


class _Guard:
    """No track is lost that the words had left audible."""

    def __init__(self, desk: Desk, segments: Sequence[Segment], audibility_db: Tensor) -> None:
        self._desk, self._field, self._before = desk, Field.of(desk, segments), audibility_db
        self._lost = set(self._lost_at(desk.values))

    def _lost_at(self, values: Values) -> list[int]:
        return lost(self._before, Setting.of(self._desk, self._field, values).audibility_db())

    def holds(self, values: Values) -> bool:
        return set(self._lost_at(values)) <= self._lost
