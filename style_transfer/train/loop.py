"""The training itself: batches, steps, what is held out now and then, and a checkpoint every few minutes."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from style_transfer.controller.network import Network
from style_transfer.train.bank import Kept
from style_transfer.train.batches import batches
from style_transfer.train.checkpoint import Progressed, restore, save
from style_transfer.train.examples import Desk, Example
from style_transfer.train.measure import Measured, examples_of, measured
from style_transfer.train.plan import PATIENCE, RATE, Plan
from style_transfer.train.processes import ALONE, Processes
from style_transfer.train.scenes import draw_scenes
from style_transfer.train.split import Split

LOG, BEST = "log.csv", "best.safetensors"
THREADS = 4
"""That draw batches ahead for a GPU: one of 64 takes a thread about 20 ms, as long as a GPU may take to learn it."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it: the network as it was when it was best, and what it was then worth.

    In processes other than the first, the network as it ended, and no examples.
    """

    network: Network
    desk: Desk
    at: Progressed
    songs: list[Example]
    styles: list[Example]
    """Examples of what was held out."""


def train(parts: Split, plan: Plan, said: Callable[[str], None], processes: Processes = ALONE) -> Trained:
    """Learn from the songs until the steps are done or nothing gets better; goes on where it was ended before.

    Args:
        said: is told how it goes, in the first process.
        processes: those that learn together; all of them see the plan's folder.

    Raises:
        UsageError: the batch cannot be shared out evenly.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(torch.Generator().manual_seed(plan.seed), processes.device)
    torch.manual_seed(plan.seed)
    network = desk.network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01)
    about = plan.about(processes.count)
    at = restore(plan.folder, network, optimizer, about)
    songs, styles = (
        _held(desk, part, plan, row) if processes.first else [] for row, part in enumerate((parts.songs, parts.styles))
    )
    model = processes.together(network)
    saved = begun = time.monotonic()
    before = at.minutes
    threads = THREADS if processes.device.type == "cuda" else 0
    with closing(batches(parts.training, desk, plan, at.step, processes, threads)) as drawn:
        while at.step < plan.steps and at.step - at.best_step < PATIENCE * plan.look_every:
            losses = _step(model, optimizer, desk, next(drawn), plan.rate(at.step))
            at.step += 1
            at.minutes = before + (time.monotonic() - begun) / 60
            if at.step % plan.look_every == 0 or at.step == plan.steps:
                if processes.first:
                    _look(network, desk, (songs, styles), plan, at, losses, said)
                at.best, best_step = processes.agreed((at.best, at.best_step))
                at.best_step = int(best_step)
            if processes.first and (time.monotonic() - saved > plan.save_every_s or at.step == plan.steps):
                save(plan.folder, network, optimizer, at, about)
                saved = time.monotonic()
    if processes.first:
        network.load_state_dict(load_file(plan.folder / BEST))
    return Trained(network, desk, at, songs, styles)


def _held(desk: Desk, songs: Sequence[Kept], plan: Plan, part: int) -> list[Example]:
    seed = plan.seed + part
    return examples_of(desk, draw_scenes(songs, plan.held_scenes, np.random.default_rng([seed, 999])), seed)


def _step(
    model: nn.Module, optimizer: torch.optim.Optimizer, desk: Desk, example: Example, rate: float
) -> dict[str, Tensor]:
    """One step down the loss of a fresh batch; the parts of that loss."""
    parts = desk.loss(model(example.tokens), example)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    torch.autograd.backward(torch.stack(list(parts.values())).sum())
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return {name: part.detach() for name, part in parts.items()}


def _look(
    network: Network,
    desk: Desk,
    held: tuple[list[Example], list[Example]],
    plan: Plan,
    at: Progressed,
    losses: dict[str, Tensor],
    said: Callable[[str], None],
) -> None:
    """Measure on what is held out, say and log it, and keep the weights if they were never better."""
    looks = [measured(network, desk, examples) for examples in held]
    _log(plan.folder / LOG, at, losses, looks)
    score = sum(look.score for look in looks) / 2
    said(f"step {at.step}: {_told(looks)}, {at.minutes:.1f} min")
    if score < at.best:
        at.best, at.best_step = score, at.step
        save_file(network.state_dict(), plan.folder / BEST)


def _told(looks: list[Measured]) -> str:
    return "; ".join(
        f"held-out {name}: "
        + ", ".join(f"{error} {mine:.2f} ({usual:.2f})" for error, (mine, usual) in look.errors.items())
        for name, look in zip(("songs", "styles"), looks, strict=True)
    )


def _log(file: Path, at: Progressed, losses: dict[str, Tensor], looks: list[Measured]) -> None:
    row: dict[str, object] = {"step": at.step, "minutes": round(at.minutes, 2)}
    row |= {f"loss_{name}": round(float(value), 4) for name, value in losses.items()}
    for name, look in zip(("songs", "styles"), looks, strict=True):
        row |= {f"{name}_{error}": round(mine, 4) for error, (mine, _) in look.errors.items()}
    fresh = not file.exists()
    with file.open("a", newline="") as lines:
        writer = csv.DictWriter(lines, list(row))
        if fresh:
            writer.writeheader()
        writer.writerow(row)
