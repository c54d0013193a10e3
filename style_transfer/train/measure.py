"""How good the controller is on songs that it has not met, beside practice alone, knob by knob."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from style_transfer.controller.effects import Sounding, whole
from style_transfer.controller.network import Answer, Network
from style_transfer.train.chosen import limited
from style_transfer.train.examples import Desk, Example
from style_transfer.train.loss import mean_over, relative_offsets, shape_error_db, track_errors_lu
from style_transfer.train.scenes import Scenes

BATCH = 64


@dataclass(frozen=True, slots=True)
class Measured:
    """Means over examples whose reference is the other half of their song; of the controller, and of practice alone.

    Attributes:
        errors: what is wrong -> (of the controller, of practice).
        skill: address of a knob -> 1 less the share of practice's squared error that is left.
        inside: address of a knob -> share of the true values within one standard deviation, and within two.
    """

    errors: dict[str, tuple[float, float]]
    skill: dict[str, float]
    inside: dict[str, tuple[float, float]]

    @property
    def score(self) -> float:
        """One number, smaller is better: what early stopping goes by."""
        return self.errors["track_lu"][0] + self.errors["shape_db"][0] / 2


def examples_of(desk: Desk, scenes: Scenes, seed: int) -> list[Example]:
    """Every scene once, mixed in a way that depends on the seed alone."""
    generator = torch.Generator().manual_seed(seed)
    starts = range(0, len(scenes), BATCH)
    rows = (torch.arange(start, min(start + BATCH, len(scenes))) for start in starts)
    return [desk.example(scenes, some, generator, foreign=0.0) for some in rows]


@torch.no_grad()
def measured(
    network: Network, desk: Desk, examples: Sequence[Example], moved: Collection[str] | None = None
) -> Measured:
    """The network in evaluation, on examples that were made before.

    Args:
        moved: addresses of the knobs whose answers count for the mix; all of them by default.
    """
    network.eval()
    sums: dict[str, list[tuple[float, float]]] = {}
    apart: list[tuple[Tensor, Tensor, Tensor]] = []
    apart_mix: list[tuple[Tensor, Tensor, Tensor]] = []
    for example in examples:
        answer = network(example.tokens)
        rest = Answer(*(torch.zeros_like(part) for part in (answer.strips, answer.strips, answer.mix, answer.mix)))
        told = answer if moved is None else limited(answer, desk, moved)
        errors = [_errors(desk.answered(some, example)[2], example) for some in (told, rest)]
        for name, value in errors[0].items():
            sums.setdefault(name, []).append((value, errors[1][name]))
        strips, mix = desk.offsets(example)
        there = example.takes.there
        off = relative_offsets(answer.strips - strips, there, desk.fader)
        usual_off = relative_offsets(-strips, there, desk.fader)
        apart.append((off[there], usual_off[there], answer.strips_sigma[there]))
        apart_mix.append((answer.mix - mix, -mix, answer.mix_sigma))
    network.train()
    skill: dict[str, float] = {}
    inside: dict[str, tuple[float, float]] = {}
    for heads, parts in ((desk.strips, apart), (desk.mix, apart_mix)):
        off, usual_off, sigma = (torch.cat([part[n] for part in parts]) for n in range(3))
        left = off.square().mean(0) / usual_off.square().mean(0).clamp_min(1e-9)
        for index, head in enumerate(heads):
            skill[head.address] = round(1 - float(left[index]), 4)
            within = [float((off[:, index].abs() < width * sigma[:, index]).float().mean()) for width in (1, 2)]
            inside[head.address] = (round(within[0], 3), round(within[1], 3))
    means = {
        name: (sum(a for a, _ in pairs) / len(pairs), sum(b for _, b in pairs) / len(pairs))
        for name, pairs in sums.items()
    }
    return Measured(means, skill, inside)


def _errors(made: Sounding, example: Example) -> dict[str, float]:
    takes, truth = example.takes, example.truth.made
    errors, counted = track_errors_lu(made, truth, takes.there)
    every = takes.there.double()[..., None]
    wholes = [whole(some.sums(every)[:, 0], some.weights) for some in (made, truth)]
    levels = [some.gated_lufs(takes, takes.groups) for some in (made, truth)]
    has = takes.groups.sum(1) > 0
    apart = levels[0] - levels[1]
    apart = apart - (apart * has).sum(1, keepdim=True) / has.sum(1, keepdim=True)
    return {
        "track_lu": float(mean_over(errors, counted)),
        "group_lu": float(mean_over(apart.abs(), has)),
        "shape_db": float(shape_error_db(*wholes).mean()),
    }
