"""The training itself: examples, steps, what is held out now and then, and a checkpoint every few minutes."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from style_transfer.controller.network import Network
from style_transfer.train.bank import Kept
from style_transfer.train.checkpoint import Progressed, restore, save
from style_transfer.train.examples import Desk, Example
from style_transfer.train.measure import Measured, examples_of, measured
from style_transfer.train.scenes import Scenes, draw_scenes
from style_transfer.train.split import Split

LOG, BEST = "log.csv", "best.safetensors"
RATE = 1e-3
WARM_UP = 100
SCENES, HELD, FRESH_AFTER = 1500, 256, 400
"""Scenes that are drawn at once, that are drawn of what is held out, and steps after which others are drawn."""
PATIENCE = 12
"""Looks at what is held out without any getting better, after which the training stops."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training is to be.

    Attributes:
        steps: at most; the rate falls to a twentieth until then.
        look_every: steps between two looks at what is held out.
        save_every_s: seconds between two checkpoints.
        scenes: that are drawn at once; held_scenes: of each part that is held out.
    """

    folder: Path
    steps: int
    batch: int = 64
    seed: int = 0
    look_every: int = 250
    save_every_s: float = 120.0
    scenes: int = SCENES
    held_scenes: int = HELD

    def about(self) -> str:
        """What a checkpoint of it belongs to."""
        return f"steps {self.steps}, batch {self.batch}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it: the network as it was when it was best, and what it was then worth."""

    network: Network
    desk: Desk
    at: Progressed
    songs: list[Example]
    styles: list[Example]
    """Examples of what was held out."""


def rate_at(step: int, steps: int) -> float:
    """Share of the full learning rate: a short warm-up, then half a cosine."""
    return min(1.0, (step + 1) / WARM_UP) * (0.05 + 0.95 * (1 + math.cos(math.pi * min(1.0, step / steps))) / 2)


def train(parts: Split, plan: Plan, said: Callable[[str], None]) -> Trained:
    """Learn from the songs until the steps are done or nothing gets better; goes on where it was ended before.

    Args:
        said: is told how it goes.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(torch.Generator().manual_seed(plan.seed))
    torch.manual_seed(plan.seed)
    network = desk.network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01)
    at = restore(plan.folder, network, optimizer, plan.about())
    held = [_held(desk, part, plan, row) for row, part in enumerate((parts.songs, parts.styles))]
    best = plan.folder / BEST
    scenes, drawn_for = _scenes(parts, plan, at.step), at.step // FRESH_AFTER
    saved = begun = time.monotonic()
    before = at.minutes
    while at.step < plan.steps and at.step - at.best_step < PATIENCE * plan.look_every:
        if at.step // FRESH_AFTER != drawn_for:
            drawn_for = at.step // FRESH_AFTER
            scenes = _scenes(parts, plan, at.step)
        losses = _step(network, optimizer, desk, scenes, plan, at.step)
        at.step += 1
        at.minutes = before + (time.monotonic() - begun) / 60
        if at.step % plan.look_every == 0 or at.step == plan.steps:
            looks = [measured(network, desk, examples) for examples in held]
            _log(plan.folder / LOG, at, losses, looks)
            score = sum(look.score for look in looks) / 2
            said(f"step {at.step}: {_told(looks)}, {at.minutes:.1f} min")
            if score < at.best:
                at.best, at.best_step = score, at.step
                save_file(network.state_dict(), best)
        if time.monotonic() - saved > plan.save_every_s or at.step == plan.steps:
            save(plan.folder, network, optimizer, at, plan.about())
            saved = time.monotonic()
    network.load_state_dict(load_file(best))
    return Trained(network, desk, at, *held)


def _scenes(parts: Split, plan: Plan, step: int) -> Scenes:
    return draw_scenes(parts.training, plan.scenes, np.random.default_rng([plan.seed, step // FRESH_AFTER]))


def _held(desk: Desk, songs: Sequence[Kept], plan: Plan, part: int) -> list[Example]:
    seed = plan.seed + part
    return examples_of(desk, draw_scenes(songs, plan.held_scenes, np.random.default_rng([seed, 999])), seed)


def _step(
    network: Network, optimizer: torch.optim.Optimizer, desk: Desk, scenes: Scenes, plan: Plan, step: int
) -> dict[str, float]:
    """One step down the loss of a fresh batch; what is drawn depends on the seed and the step alone."""
    generator = torch.Generator().manual_seed(plan.seed * 1_000_003 + step)
    example = desk.example(scenes, torch.randint(len(scenes), (plan.batch,), generator=generator), generator)
    parts = desk.loss(network(example.tokens), example)
    for group in optimizer.param_groups:
        group["lr"] = RATE * rate_at(step, plan.steps)
    optimizer.zero_grad()
    torch.autograd.backward(torch.stack(list(parts.values())).sum())
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return {name: float(part.detach()) for name, part in parts.items()}


def _told(looks: list[Measured]) -> str:
    return "; ".join(
        f"held-out {name}: "
        + ", ".join(f"{error} {mine:.2f} ({usual:.2f})" for error, (mine, usual) in look.errors.items())
        for name, look in zip(("songs", "styles"), looks, strict=True)
    )


def _log(file: Path, at: Progressed, losses: dict[str, float], looks: list[Measured]) -> None:
    row: dict[str, object] = {"step": at.step, "minutes": round(at.minutes, 2)}
    row |= {f"loss_{name}": round(value, 4) for name, value in losses.items()}
    for name, look in zip(("songs", "styles"), looks, strict=True):
        row |= {f"{name}_{error}": round(mine, 4) for error, (mine, _) in look.errors.items()}
    fresh = not file.exists()
    with file.open("a", newline="") as lines:
        writer = csv.DictWriter(lines, list(row))
        if fresh:
            writer.writeheader()
        writer.writerow(row)
