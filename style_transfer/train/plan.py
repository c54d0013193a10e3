"""What a training is to be: how much of what, from which seed, and how fast it learns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from mixer.errors import UsageError

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
        batch: examples a step, of all processes together.
        look_every: steps between two looks at what is held out.
        save_every_s: seconds between two checkpoints.
        scenes: that are drawn at once, by each process; held_scenes: of each part that is held out.
    """

    folder: Path
    steps: int
    batch: int = 64
    seed: int = 0
    look_every: int = 250
    save_every_s: float = 120.0
    scenes: int = SCENES
    held_scenes: int = HELD

    def about(self, processes: int) -> str:
        """What a checkpoint of it belongs to: all that what is drawn depends on."""
        together = f", processes {processes}" if processes > 1 else ""
        return f"steps {self.steps}, batch {self.batch}, seed {self.seed}{together}"

    def share(self, processes: int) -> int:
        """Examples that each process draws for a step.

        Raises:
            UsageError: the batch cannot be divided evenly.
        """
        if self.batch % processes:
            raise UsageError(f"a batch of {self.batch} cannot be divided among {processes} processes; use a multiple")
        return self.batch // processes

    def rate(self, step: int) -> float:
        """Of learning: a short warm-up, then half a cosine."""
        cosine = (1 + math.cos(math.pi * min(1.0, step / self.steps))) / 2
        return RATE * (min(1.0, (step + 1) / WARM_UP) * (0.05 + 0.95 * cosine))
