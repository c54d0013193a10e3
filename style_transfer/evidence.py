"""What is measured before and after, so that every change can say why it was made and what came of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.console import add
from style_transfer.desk import Desk
from style_transfer.features import Features, Power, Shape, band_weights, range_db
from style_transfer.listen import Segment


@dataclass(frozen=True, slots=True)
class TrackState:
    """One track as it sounds in the mix, on the telling segments."""

    level_lu: float
    """K-weighted level relative to the mix."""
    level_db: float
    """K-weighted level by itself, after the strip."""
    range_db: float
    """How far its loud moments stand over its usual ones, after the strip."""


@dataclass(frozen=True, slots=True)
class MixState:
    """The whole mix and its tracks at one setting of the console."""

    mix: Features
    tracks: dict[str, TrackState]


def track_states(desk: Desk, segments: Sequence[Segment]) -> tuple[dict[str, TrackState], Shape]:
    """Levels and ranges of the desk's tracks with the values that it has, and the shape of their sum."""
    table = desk.tensors({})
    tracks = [Power.nothing() for _ in desk.heard]
    total = Power.nothing()
    moments: list[Tensor] = []
    hop = desk.sample_rate // 10
    with torch.no_grad():
        for segment in segments:
            posts = desk.posts(segment, table)
            tracks = [power + Power.of(post, desk.sample_rate) for power, post in zip(tracks, posts, strict=True)]
            total = total + Power.of(add(posts), desk.sample_rate)
            moments.append(posts.double().square().mean(1).unfold(-1, hop, hop).mean(-1))  # [tracks, moments]
    energies = torch.cat(moments, dim=1).numpy()
    mix_db = _level_db(total, desk.sample_rate)
    levels = [_level_db(power, desk.sample_rate) for power in tracks]
    states = {
        entry.track.id: TrackState(level_db - mix_db, level_db, range_db(row))
        for entry, level_db, row in zip(desk.heard, levels, energies, strict=True)
    }
    return states, Shape.of(total, desk.sample_rate)


def _level_db(power: Power, sample_rate: int) -> float:
    return 10 * math.log10(float(((power.mid + power.side) * band_weights(sample_rate)).sum()) + 1e-20)
