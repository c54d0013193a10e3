"""Batches of examples: a mix of one half is the reference for the other half, or for another song."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from style_transfer.controller.effects import Sounding
from style_transfer.controller.heads import column, mix_heads, strip_heads, widths
from style_transfer.controller.inputs import Tokens, tokens
from style_transfer.controller.network import SHAPE, Answer, Network
from style_transfer.controller.takes import Takes, Told, Whole
from style_transfer.train.bank import RATE
from style_transfer.train.draw import Rooms, drawn_mix, drawn_strips, mixed
from style_transfer.train.known import known_of
from style_transfer.train.loss import Truth, foreign_loss, knob_loss, paired_loss
from style_transfer.train.scenes import Scenes

Batched = TypeVar("Batched")

FOREIGN = 0.25
"""Share of the examples whose reference is another song."""


@dataclass(frozen=True, slots=True)
class Example:
    """A batch: what is heard, and what was done (for the first of them, whose reference is their own song's mix)."""

    takes: Takes
    reference: Whole
    told: Told
    tokens: Tokens
    room: Tensor
    truth: Truth
    paired: int


class Desk:
    """The console of the schema, as the training turns it.

    Args:
        generator: of the rooms, on the CPU.
        device: where answers are judged, and where examples are put; they are drawn on the CPU, so that a seed draws
            the same ones everywhere.
    """

    def __init__(self, generator: torch.Generator, device: torch.device | None = None) -> None:
        self.device = device or torch.device("cpu")
        self.strips, self.mix = strip_heads(), mix_heads()
        self.strip_widths, self.mix_widths = widths(self.strips).to(self.device), widths(self.mix).to(self.device)
        self.mix_rest = torch.tensor([head.param.to_unit(head.param.default) for head in self.mix], device=self.device)
        self.rooms = Rooms.drawn(self.mix, generator)
        self.fader = column(self.strips, "fader", "gain_db")

    def network(self) -> Network:
        """A network with a head for each knob; it begins the same on every device."""
        return Network(len(self.strips), len(self.mix), self.fader, **SHAPE).to(self.device)

    def example(self, scenes: Scenes, chosen: Tensor, generator: torch.Generator, foreign: float = FOREIGN) -> Example:
        """One batch of scenes, mixed as somebody might have."""
        there, session = (trimmed(taken(half, chosen)) for half in (scenes.reference, scenes.session))
        strips = drawn_strips(there, self.strips, generator)
        mix, room = drawn_mix(self.rooms, self.mix, len(chosen), generator)
        heads = (self.strips, self.mix)
        first = mixed(there, strips, mix, room, heads)
        reference, told = known_of(first, there, generator)
        paired = len(chosen) - round(foreign * len(chosen))
        order = torch.arange(len(chosen))
        order[paired:] = order[paired:].roll(1)
        reference, told = taken(reference, order), taken(told, order)
        made = mixed(session, strips, mix, room, heads, first.curve_db)
        heard = tokens(session, reference, told, self.strips, RATE)
        return moved(Example(session, reference, told, heard, room, Truth(strips, mix, made), paired), self.device)

    def answered(self, answer: Answer, example: Example) -> tuple[Tensor, Tensor, Sounding]:
        """Positions of all knobs that an answer means, and the mix that they make."""
        strips = (example.takes.usual + self.strip_widths * answer.strips).clamp(0, 1)
        mix = (self.mix_rest + self.mix_widths * answer.mix).clamp(0, 1)
        return strips, mix, mixed(example.takes, strips, mix, example.room, (self.strips, self.mix))

    def loss(self, answer: Answer, example: Example) -> dict[str, Tensor]:
        """Every part of the loss by its name; they add up."""
        strips, _, made = self.answered(answer, example)
        first, rest = slice(0, example.paired), slice(example.paired, None)
        takes, truth = taken(example.takes, first), taken(example.truth, first)
        parts = paired_loss(taken(made, first), truth, takes, strips[first], self.strips)
        true_strips, true_mix = self.offsets(example)
        own = taken(answer, first)
        parts["knobs"] = knob_loss(own, true_strips[first], true_mix[first], takes.there, self.fader)
        if example.paired < len(strips):
            reference, told = taken(example.reference, rest), taken(example.told, rest)
            foreign = foreign_loss(taken(made, rest), taken(example.takes, rest), reference, told, taken(answer, rest))
            parts |= {f"foreign_{name}": FOREIGN * value for name, value in foreign.items()}
        return parts

    def offsets(self, example: Example) -> tuple[Tensor, Tensor]:
        """The true offsets from practice, in units of the heads' widths."""
        strips = (example.truth.strips - example.takes.usual) / self.strip_widths
        return strips, (example.truth.mix - self.mix_rest) / self.mix_widths


def trimmed(takes: Takes) -> Takes:
    """Without the padding that none of a batch needs."""
    most = int(takes.there.sum(1).max())
    fields = {field.name: getattr(takes, field.name)[:, :most] for field in dataclasses.fields(takes)}
    return Takes(**fields)


def taken(batch: Batched, rows: Tensor | slice) -> Batched:
    """Some rows of everything in a batch."""
    return _changed(batch, lambda name, value: value if name == "weights" else value[rows])


def moved(batch: Batched, device: torch.device) -> Batched:
    """Everything in a batch on a device."""
    return _changed(batch, lambda _, value: value.to(device))


def _changed(batch: Batched, change: Callable[[str, Tensor], Tensor]) -> Batched:
    """A dataclass of tensors, of others like it and of what stays, with each tensor changed, by its name and value."""
    # mypy cannot say that a type variable stands for dataclasses alone
    changed: dict[str, object] = {}
    for field in dataclasses.fields(batch):  # type: ignore[arg-type]
        value = getattr(batch, field.name)
        if isinstance(value, Tensor):
            changed[field.name] = change(field.name, value)
        elif dataclasses.is_dataclass(value):
            changed[field.name] = _changed(value, change)
    return dataclasses.replace(batch, **changed)  # type: ignore[type-var]
