"""What is measured before and after, so that every change can say why it was made and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from mixer.console import add
from style_transfer.features import Features, Power, Shape, band_weights
from style_transfer.listen import Segment
from style_transfer.match import Desk


@dataclass(frozen=True, slots=True)
class TrackState:
    """One track as it sounds in the mix, on the telling segments."""

    level_lu: float
    """K-weighted level relative to the mix."""
    crest_db: float
    """Peak over K-weighted level, after the strip."""


@dataclass(frozen=True, slots=True)
class MixState:
    """The whole mix and its tracks at one setting of the console."""

    mix: Features
    tracks: dict[str, TrackState]


def track_states(desk: Desk, segments: Sequence[Segment]) -> tuple[dict[str, TrackState], Shape]:
    """Levels and crests of the desk's tracks with the values that it has, and the shape of their sum."""
    table = desk.tensors({})
    weights = band_weights(desk.sample_rate)
    count = len(desk.heard)
    level, peak = torch.zeros(count, dtype=torch.float64), torch.zeros(count)
    total = Power.nothing()
    with torch.no_grad():
        for segment in segments:
            posts = desk.posts(segment, table)
            for row in range(count):
                power = Power.of(posts[row], desk.sample_rate)
                level[row] += ((power.mid + power.side) * weights).sum() * 2
            peak = torch.maximum(peak, posts.abs().amax((1, 2)))
            power = Power.of(add(posts), desk.sample_rate)
            total = total + power
    mix_level = float(((total.mid + total.side) * weights).sum() * 2)
    level_db = 10 * torch.log10(level + 1e-20)
    crest = 20 * torch.log10(peak.double() + 1e-10) - (level_db - 10 * torch.log10(torch.tensor(float(len(segments)))))
    relative = level_db - 10 * torch.log10(torch.tensor(mix_level + 1e-20, dtype=torch.float64))
    states = {
        entry.track.id: TrackState(float(relative[row]), float(crest[row])) for row, entry in enumerate(desk.heard)
    }
    return states, Shape.of(total, desk.sample_rate)
