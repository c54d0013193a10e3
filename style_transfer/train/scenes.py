"""Sessions to learn from: tracks of a song, some exchanged for others of their role, recorded badly, named or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mixer.roles import Group, Role
from mixer.session import Session, Track
from style_transfer.controller.effects import TINY, gated_lufs, weighted
from style_transfer.controller.heads import strip_heads, units_of
from style_transfer.controller.takes import GROUP_OF, GROUPS, ROLES, Takes
from style_transfer.features import BANDS, CENTRES_HZ, Power, band_weights
from style_transfer.listen import Heard
from style_transfer.start import practice_start
from style_transfer.train.bank import MOST_TRACKS, RATE, Kept

EXCHANGED, UNNAMED = 0.15, 0.12
"""Shares of the tracks that come from another song, and whose role nobody knows."""
RECORDED_SIGMA_DB = 5.0
TONE_DB, TONE_POINTS = 6.0, 6
"""Recordings of an instrument differ in tone: a smooth curve through so many points over all bands, each normal, of up
to this standard deviation. Without it the controller learns how sound fonts sound, and is lost among real ones."""
BUSSED = 0.4
"""How often the pieces of a drum kit come as one track, as in many sessions."""
LEAST_TRACKS = 2


@dataclass(frozen=True, slots=True)
class Scenes:
    """Many sessions, each as the half that a reference is made of and the half that is mixed; tensors by scene."""

    song: Tensor
    """Which song most of a scene is from ``[scenes]``."""
    reference: Takes
    """With the true roles."""
    session: Takes
    """With the roles as they were named, if they were."""

    def __len__(self) -> int:
        return len(self.song)


class Tracks:
    """All tracks of the songs, side by side."""

    def __init__(self, songs: Sequence[Kept]) -> None:
        windows = min(song.loudness.shape[-1] for song in songs)
        self.power = torch.cat([song.power for song in songs], dim=1)
        self.loudness = torch.cat([song.loudness[..., :windows] for song in songs], dim=1)
        self.numbers = torch.cat([song.numbers for song in songs], dim=1)
        self.stereo = torch.cat([song.stereo for song in songs])
        self.role = torch.cat([song.role for song in songs])
        counts = [len(song.role) for song in songs]
        self.first = np.cumsum([0, *counts])
        self.of_role = {role: np.flatnonzero(self.role.numpy() == role) for role in range(len(ROLES))}

    def drawn(self, song: int, rng: np.random.Generator) -> list[int]:
        """Some tracks of a song, a few of them exchanged for another song's of the same role."""
        own = np.arange(self.first[song], self.first[song + 1])
        count = len(own) if rng.uniform() < 0.5 else int(rng.integers(LEAST_TRACKS, len(own) + 1))
        chosen = rng.permutation(own)[: min(count, MOST_TRACKS)]
        exchanged = rng.uniform(size=len(chosen)) < EXCHANGED
        return [
            int(rng.choice(self.of_role[int(self.role[row])])) if other else int(row)
            for row, other in zip(chosen, exchanged, strict=True)
        ]


def draw_scenes(songs: Sequence[Kept], count: int, rng: np.random.Generator) -> Scenes:
    """So many scenes, every song as often as any other."""
    tracks, order = Tracks(songs), rng.permutation(np.arange(count) % len(songs))
    made = [_scene(tracks, tracks.drawn(int(song), rng), rng) for song in order]
    fields = Takes.__dataclass_fields__
    halves = [Takes(**{name: torch.stack([scene[half][name] for scene in made]) for name in fields}) for half in (0, 1)]
    return Scenes(torch.from_numpy(order), *halves)


def _scene(tracks: Tracks, rows: list[int], rng: np.random.Generator) -> list[dict[str, Tensor]]:
    """Both halves of one scene, padded."""
    takes = _recorded(tracks, rows, rng)
    role, stereo = tracks.role[rows], tracks.stereo[rows]
    kit = GROUP_OF[role] == GROUPS.index(Group.DRUMS)
    if rng.uniform() < BUSSED and 1 < int(kit.sum()) < len(rows):
        takes = bussed(takes, kit)
        role = torch.cat([role[~kit], torch.tensor([ROLES.index(Role.DRUMS)])])
        stereo = torch.cat([stereo[~kit], torch.ones(1)])
    power, loudness, numbers = takes
    count = len(role)
    named = torch.from_numpy(rng.uniform(size=count) >= UNNAMED)
    told = torch.where(named, role, torch.tensor(ROLES.index(Role.OTHER)))
    sure = torch.where(named, torch.from_numpy(rng.uniform(0.5, 1.0, count)).float(), torch.tensor(0.2))
    sure = torch.where(torch.from_numpy(rng.uniform(size=count) < 0.5) & named, torch.ones(()), sure)
    halves = []
    for half, (named_as, trust) in enumerate(((role, torch.ones(count)), (told, sure))):
        usual = _usual(power[half], numbers[half], named_as, trust, stereo)
        halves.append(_padded(power[half], loudness[half], numbers[half], stereo, named_as, trust, usual))
    return halves


def _recorded(tracks: Tracks, rows: list[int], rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Powers, loudness and numbers of both halves, at uneven levels, with noise and with what leaks in."""
    gain_db = torch.from_numpy(rng.normal(0, RECORDED_SIGMA_DB, len(rows)))
    gain = 10 ** (gain_db / 10)
    power = tracks.power[:, rows].double() * gain[:, None, None]
    loudness = tracks.loudness[:, rows].double() * gain[:, None]
    numbers = tracks.numbers[:, rows].clone()
    numbers[..., 0] += gain_db
    numbers[..., 2] += gain_db
    power, loudness, numbers = toned(power, loudness, numbers, rng)
    if rng.uniform() < 0.25:
        leak = torch.from_numpy(10 ** (rng.uniform(-40, -18, (len(rows), len(rows))) / 10)).fill_diagonal_(0.0)
        power = power + torch.einsum("ij,hjck->hick", leak, power)
        loudness = loudness + torch.einsum("ij,hjw->hiw", leak, loudness)
    if rng.uniform() < 0.25:
        floor = torch.from_numpy(10 ** (rng.uniform(-75, -45, len(rows)) / 10))
        slope = torch.tensor(CENTRES_HZ, dtype=torch.float64) ** float(rng.uniform(-1, 0.5))
        power[:, :, 0] += floor[:, None] * slope / slope.sum() * power[:, :, 0].sum(-1, keepdim=True)
    return power, loudness, numbers


def bussed(takes: tuple[Tensor, Tensor, Tensor], kit: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Some tracks as one, behind the others: powers add up, and so, roughly, do the powers of peaks.

    Args:
        takes: powers ``[halves, tracks, 3, bands]``, loudness ``[halves, tracks, windows]`` and numbers
            ``[halves, tracks, 3]``, as ``bank.Kept`` has them.
        kit: which of the tracks ``[tracks]``, bool.
    """
    power, loudness, numbers = (each[:, kit] for each in takes)
    together = loudness.sum(1, keepdim=True)
    peak_db = 10 * torch.log10((10 ** (numbers[..., 2] / 10)).sum(1, keepdim=True))
    known = [gated_lufs(together).float(), numbers[..., 1].mean(1, keepdim=True), peak_db]
    bus = (power.sum(1, keepdim=True), together, torch.stack(known, dim=-1))
    power, loudness, numbers = (torch.cat([each[:, ~kit], one], dim=1) for each, one in zip(takes, bus, strict=True))
    return power, loudness, numbers


def toned(power: Tensor, loudness: Tensor, numbers: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """The same takes as other instruments and microphones of their kind might have sounded, both halves alike."""
    tracks = power.shape[1]
    points = rng.normal(size=(tracks, TONE_POINTS)) * rng.uniform(0, TONE_DB, (tracks, 1))
    bands = np.linspace(0, TONE_POINTS - 1, BANDS)
    curves_db = np.stack([np.interp(bands, np.arange(TONE_POINTS), row) for row in points])
    weights = band_weights(RATE)
    toned = power * torch.from_numpy(10 ** (curves_db / 10))[:, None]
    gain = (weighted(toned, weights) + TINY) / (weighted(power, weights) + TINY)  # [halves, tracks]
    louder_db = 10 * torch.log10(gain).float()[..., None]
    return toned, loudness * gain[..., None], numbers + louder_db * torch.tensor([1.0, 0.0, 1.0])


def _usual(power: Tensor, numbers: Tensor, role: Tensor, sure: Tensor, stereo: Tensor) -> Tensor:
    """Practice for these tracks, by the program's own hand: ``[tracks, strip heads]``."""
    listed = [
        Track.model_construct(
            id=f"t{row}",
            name=f"t{row}",
            channels=2 if stereo[row] else 1,
            sample_rate=RATE,
            role=ROLES[int(role[row])],
            role_confidence=float(sure[row]),
            settings={},
            locked=False,
            mute=False,
            solo=False,
        )
        for row in range(len(role))
    ]
    heard = []
    for row, track in enumerate(listed):
        loudness_lufs, range_db, loud_peak_db = numbers[row].tolist()
        over_time = np.ones(1)
        heard.append(
            Heard(track, loudness_lufs, range_db, loud_peak_db, Power(*power[row]), over_time, over_time, None)
        )
    values = practice_start(Session.model_construct(name="", sample_rate=RATE, tracks=listed), heard)
    return units_of(values, [track.id for track in listed], strip_heads())


def _padded(
    power: Tensor, loudness: Tensor, numbers: Tensor, stereo: Tensor, role: Tensor, sure: Tensor, usual: Tensor
) -> dict[str, Tensor]:
    more = MOST_TRACKS - len(role)

    def pad(x: Tensor) -> Tensor:
        return torch.cat([x, x.new_zeros(more, *x.shape[1:])])

    there = pad(torch.ones(len(role), dtype=torch.bool))
    named = {"power": power, "loudness": loudness, "numbers": numbers, "stereo": stereo, "role": role}
    return {name: pad(value) for name, value in (named | {"sure": sure, "usual": usual}).items()} | {"there": there}
