"""Songs as the bank would have them, made up from a seed, for tests that need no sound."""

from __future__ import annotations

import numpy as np
import torch

from mixer.roles import Role
from style_transfer.controller.takes import ROLES
from style_transfer.features import BANDS
from style_transfer.train.bank import Kept

NAMES = (Role.KICK, Role.BASS, Role.GUITAR, Role.LEAD_VOCAL)
WINDOWS = 60


def song(seed: int) -> Kept:
    """Four tracks that sound all the time, each with a tone of its own."""
    rng = np.random.default_rng([seed, 0])
    mid = torch.from_numpy(10 ** (rng.uniform(-60, -20, (2, len(NAMES), BANDS)) / 10)).float()
    side = 0.1 * mid
    level = mid.sum(-1, keepdim=True)
    loudness = level * torch.from_numpy(rng.uniform(0.5, 1.5, (2, len(NAMES), WINDOWS))).float()
    lufs = 10 * torch.log10(level[..., 0])
    numbers = torch.stack([lufs, torch.full_like(lufs, 6.0), lufs + 12], dim=-1)
    about = (f"song-{seed}", "style", f"family-{seed}", "nowhere", f"song-{seed}")
    stereo, role = torch.tensor([0.0, 0.0, 1.0, 0.0]), torch.tensor([ROLES.index(name) for name in NAMES])
    return Kept(*about, torch.stack([mid, side, 0 * mid], dim=2), loudness, numbers, stereo, role)


def songs(count: int) -> list[Kept]:
    """So many of them."""
    return [song(seed) for seed in range(count)]
