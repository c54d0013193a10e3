"""What the controller answers with: one head for each knob of the console's schema, whatever processors there are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.param import Param
from mixer.processor import Place, chain
from style_transfer.start import Values

DECIBELS, OCTAVES, SHARE = 4.0, 0.6, 0.12
"""One unit of an answer: in decibels, in octaves of what travels geometrically, else as a share of the range."""


@dataclass(frozen=True, slots=True)
class Head:
    """One knob that is estimated.

    Attributes:
        width: of one unit of the answer, as a share of the knob's range.
    """

    place: Place
    processor: str
    param: Param

    @property
    def address(self) -> str:
        """``strip.fader.gain_db``: how the weights know it."""
        return f"{self.place}.{self.processor}.{self.param.name}"

    @property
    def width(self) -> float:
        """What one unit of the answer is, as a share of the knob's range."""
        low, high = self.param.low, self.param.high
        if self.param.unit == "dB":
            return DECIBELS / (high - low)
        return OCTAVES * math.log(2) / math.log(high / low) if self.param.scale == "log" else SHARE


def _heads(places: Iterable[Place]) -> tuple[Head, ...]:
    return tuple(
        Head(place, processor.name, param)
        for place in places
        for processor in chain(place)
        for param in processor.params
        if param.scale != "switch"
    )


def strip_heads() -> tuple[Head, ...]:
    """The knobs of every track: of its strip and its sends."""
    return _heads((Place.STRIP, Place.SEND))


def mix_heads() -> tuple[Head, ...]:
    """The knobs of the reverb bus and of the master."""
    return _heads((Place.BUS, Place.MASTER))


def widths(heads: Sequence[Head]) -> Tensor:
    """``[heads]`` float32."""
    return torch.tensor([head.width for head in heads])


def column(heads: Sequence[Head], processor: str, knob: str, place: Place = Place.STRIP) -> int:
    """Where a knob stands among the heads."""
    return [head.address for head in heads].index(f"{place}.{processor}.{knob}")


def units_of(values: Values, targets: Sequence[str], heads: Sequence[Head]) -> Tensor:
    """Positions in the unit interval ``[targets, heads]``; what is bypassed stands at its default.

    Args:
        targets: track ids; for the heads of the mix, one name (which of the two places it is follows from the head).
    """
    rows = [[_unit(values, target, head) for head in heads] for target in targets]
    return torch.tensor(rows, dtype=torch.float32).reshape(len(targets), len(heads))


def _unit(values: Values, target: str, head: Head) -> float:
    target = place_of(head, target)
    value = values[target].get(head.processor, {}).get(head.param.name, head.param.default)
    return float(head.param.to_unit(value))


def place_of(head: Head, target: str) -> str:
    """The part of a session that a head's knob belongs to."""
    return {Place.BUS: "reverb", Place.MASTER: "master"}.get(head.place, target)


def engineering(units: Tensor, heads: Sequence[Head], processor: str, place: Place = Place.STRIP) -> dict[str, Tensor]:
    """A processor's knobs in their own units, ``[...]`` float64 each, from positions ``[..., heads]``."""
    return {
        head.param.name: head.param.from_unit(units[..., index].double().clamp(0, 1))
        for index, head in enumerate(heads)
        if head.processor == processor and head.place == place
    }
