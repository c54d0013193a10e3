"""Which answers count: those of the processors that bring mixes nearer to the truth than practice does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch

from style_transfer.controller.heads import Head
from style_transfer.controller.network import Answer, Network
from style_transfer.train.examples import Desk, Example
from style_transfer.train.loss import paired_loss

LEAST_GAIN = 0.01
"""Share of the error that a processor must take away."""


def limited(answer: Answer, desk: Desk, moved: Collection[str]) -> Answer:
    """The answer with practice in the place of what does not count."""

    def counts(heads: Sequence[Head]) -> torch.Tensor:
        return torch.tensor([float(head.address in moved) for head in heads], device=answer.strips.device)

    return Answer(
        answer.strips * counts(desk.strips), answer.strips_sigma, answer.mix * counts(desk.mix), answer.mix_sigma
    )


@torch.no_grad()
def error(network: Network, desk: Desk, examples: Sequence[Example], moved: Collection[str]) -> float:
    """Mean error of what the knobs do, where only these move."""
    network.eval()
    total = 0.0
    for example in examples:
        strips, _, made = desk.answered(limited(network(example.tokens), desk, moved), example)
        total += float(sum(paired_loss(made, example.truth, example.takes, strips, desk.strips).values()))
    return total / len(examples)


def chosen(network: Network, desk: Desk, examples: Sequence[Example]) -> tuple[str, ...]:
    """Addresses of the knobs that count: processors join one by one, each if the error falls by it.

    Args:
        examples: of songs that were held out.
    """
    every = (*desk.strips, *desk.mix)
    processors = dict.fromkeys((head.place, head.processor) for head in every)
    moved: tuple[str, ...] = ()
    now = error(network, desk, examples, moved)
    for place, processor in processors:
        with_it = (*moved, *(h.address for h in every if (h.place, h.processor) == (place, processor)))
        then = error(network, desk, examples, with_it)
        if then < now * (1 - LEAST_GAIN):
            moved, now = with_it, then
    return moved
