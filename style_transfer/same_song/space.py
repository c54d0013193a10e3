"""Sends and reverb, with the strips frozen: what of the mix follows the tracks late.

Another room's sound does not correlate with ours, so it is sought in powers over time: what is left of the mix when our
dry sum is taken from it, as the sum of what each track would leave in each band as it decays, and of errors that come
and go with the dry sound itself. Several rooms are tried at once. The powers of such sounds are exponentially
distributed, for which the Itakura-Saito divergence is the likelihood; multiplicative updates bring it down.
C. Fevotte, N. Bertin, J.-L. Durrieu, "Nonnegative matrix factorization with the Itakura-Saito divergence", Neural
Computation 21(3), 2009.

Last the whole reverb is heard at some levels, and the one nearest to the mix stays: since two rooms never cancel, that
is often a few decibels under the likeliest.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.processor import find
from style_transfer.desk import Desk
from style_transfer.same_song.decay import decay_kernel, frames_in, powers, smeared
from style_transfer.same_song.dynamics import sounding
from style_transfer.same_song.excerpts import Excerpt
from style_transfer.start import Values, copied, is_free, put

DECAYS_S = (0.3, 0.5, 0.8, 1.2, 1.8, 2.7, 4.0)
DAMPINGS = (0.2, 0.5, 0.8)
OFFSETS_DB = (0.0, -2.0, -4.0, -6.0, -9.0)
FIRST_SEND_DB = -20.0
FIRST_ERROR = 0.03
"""Of the dry power: what our strips may be off."""
STEPS = 30
NOISE = 1e-7
"""Of the loudest power: what coders and converters leave everywhere."""
ALIKE = 30.0
"""How many cells of time and band weigh as much as the wish that all tracks send alike, where nothing tells."""
RUN_IN_S = 1.0
"""Of each excerpt, at whose start the reverb of what came before is missing."""
LEAST_SEND_DB = -45.0
UNHEARD_DB = 0.5
"""Differences well under this count by their square."""
WORTH_DB = 0.005
"""By how much a reverb must bring the powers nearer to be switched on."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of the song without a cut."""

    mix: Tensor
    """``[2, time]``"""
    dry: Tensor
    """Ours, ``[2, time]``."""
    mono: Tensor
    """What each track feeds into the reverb at a send of 0 dB, as loud as after the master: ``[tracks, time]``."""
    first: int
    """The first frame of the analysis that counts."""


def fit_space(desk: Desk, excerpts: Sequence[Excerpt]) -> Values:
    """The desk's values with free sends and reverb where the mix's powers over time are come nearest to."""
    values = copied(desk.values)
    movable = torch.tensor([is_free(desk.session, entry.track.id, "send", "level_db") for entry in desk.heard])
    if not movable.any() or "reverb" not in values["reverb"]:
        return values
    rooms = _rooms(desk)
    given = desk.tensors({})["send"]["level_db"].float()
    with torch.no_grad():
        scenes = _scenes(desk, excerpts)
        amounts, best = _likeliest(scenes, desk.sample_rate, rooms, movable, 10 ** (given / 10))
        found = torch.where(movable, 10 * torch.log10(amounts), given)
        levels = _nearest(scenes, desk.sample_rate, rooms[best], found, movable)
    if levels is None:
        return values
    put(desk.session, values, "reverb", "reverb", rooms[best])
    for entry, level in zip(desk.heard, levels.tolist(), strict=True):
        put(desk.session, values, entry.track.id, "send", {"level_db": level if level > LEAST_SEND_DB else -60.0})
    return values


def _rooms(desk: Desk) -> list[dict[str, float]]:
    """The reverbs that are tried: all that the free knobs allow."""
    given = desk.values["reverb"]["reverb"]
    choices = {"decay_s": DECAYS_S, "damping": DAMPINGS}
    options = [c if is_free(desk.session, "reverb", "reverb", k) else (given[k],) for k, c in choices.items()]
    return [given | dict(zip(choices, pair, strict=True)) for pair in itertools.product(*options)]


def _scenes(desk: Desk, excerpts: Sequence[Excerpt]) -> list[Scene]:
    """Excerpts that follow each other are one scene."""
    table = {name: knobs for name, knobs in desk.tensors({}).items() if name != "send"}
    runs: list[list[Excerpt]] = []
    for excerpt in excerpts:
        last = runs[-1][-1].segment if runs else None
        if last is not None and last.start + last.frames == excerpt.segment.start:
            runs[-1].append(excerpt)
        else:
            runs.append([excerpt])
    scenes = []
    for run in runs:
        posts = [desk.posts(excerpt.segment, table) for excerpt in run]
        mono = torch.cat([post.mean(1) for post in posts], dim=-1)
        sums = torch.cat([post.sum(0) for post in posts], dim=-1)
        dry = torch.cat([sounding(desk, excerpt) for excerpt in run], dim=-1)
        mix = torch.cat([excerpt.mix for excerpt in run], dim=-1)
        gain = (dry.square().sum() / (sums.square().sum() + 1e-20)).sqrt()  # what the master does to all
        first = frames_in(RUN_IN_S, desk.sample_rate) if run[0].segment.start else 0
        scenes.append(Scene(mix, dry, mono * gain, first))
    return scenes


def _likeliest(
    scenes: Sequence[Scene], sample_rate: int, rooms: Sequence[dict[str, float]], movable: Tensor, given: Tensor
) -> tuple[Tensor, int]:
    """Sends as powers ``[tracks]`` in the likeliest room, and which room that is."""
    left = _joined(scenes, [powers(scene.mix - scene.dry, sample_rate).sum(0) for scene in scenes])
    dry = _joined(scenes, [powers(scene.dry, sample_rate).sum(0) for scene in scenes])
    tracks = [2 * powers(scene.mono, sample_rate) for scene in scenes]  # the wet sound has two sides
    kernels = [decay_kernel(sample_rate, room) for room in rooms]
    best, amounts, room = float("inf"), given, 0
    for index, kernel in enumerate(kernels):
        wets = _joined(scenes, [smeared(some, kernel) for some in tracks])
        found, divergence = _descended(left, dry, wets, movable, given)
        if divergence < best:
            best, amounts, room = divergence, found, index
    return amounts, room


def _joined(scenes: Sequence[Scene], parts: Sequence[Tensor]) -> Tensor:
    return torch.cat([part[..., scene.first :] for scene, part in zip(scenes, parts, strict=True)], dim=-1)


def _descended(left: Tensor, dry: Tensor, wets: Tensor, movable: Tensor, given: Tensor) -> tuple[Tensor, float]:
    """Sends as powers ``[tracks]`` that make ``left`` ``[bands, frames]`` likeliest, and the mean divergence then."""
    noise = NOISE * float(dry.max()) + 1e-20
    left = left + noise
    amounts = torch.where(movable, torch.tensor(10 ** (FIRST_SEND_DB / 10)), given)
    errors = torch.full((dry.shape[0],), FIRST_ERROR)

    def model() -> Tensor:
        return torch.einsum("k,kbt->bt", amounts, wets) + errors[:, None] * dry + noise

    for _ in range(STEPS):
        expected = model()
        pull, push = left / expected.square(), 1 / expected
        errors = errors * (((pull * dry).sum(1) + 1e-20) / ((push * dry).sum(1) + 1e-20)).sqrt()
        usual = amounts.clamp_min(1e-9).log().mean().exp()
        up = torch.einsum("bt,kbt->k", pull, wets) + ALIKE * usual / amounts.clamp_min(1e-9).square()
        down = torch.einsum("bt,kbt->k", push, wets) + ALIKE / amounts.clamp_min(1e-9)
        amounts = torch.where(movable, (amounts * (up / down).sqrt()).clamp(1e-7, 4.0), amounts)
    ratio = left / model()
    return amounts, float((ratio - ratio.log() - 1).mean())


def _nearest(
    scenes: Sequence[Scene], sample_rate: int, room: dict[str, float], levels_db: Tensor, movable: Tensor
) -> Tensor | None:
    """The levels, moved together to where the reverb as heard is nearest to the mix; None: nearer without it."""
    reverb = find("reverb")

    def far(levels: Tensor) -> float:
        sends = 10 ** (levels / 20) * (levels > -60)
        parts = []
        for scene in scenes:
            fed = (sends[:, None] * scene.mono).sum(0)[None, None]  # [1, 1, time]
            parts.append(_apart(scene, scene.dry + reverb(fed.expand(1, 2, -1), sample_rate, **room)[0], sample_rate))
        return sum(parts) / len(parts)

    tried = {offset: torch.where(movable, levels_db + offset, levels_db) for offset in OFFSETS_DB}
    distances = {offset: far(levels) for offset, levels in tried.items()}
    best = min(distances, key=lambda offset: distances[offset])
    without = far(torch.where(movable, torch.full_like(levels_db, -60.0), levels_db))
    return tried[best] if distances[best] < without - WORTH_DB else None


def _apart(scene: Scene, ours: Tensor, sample_rate: int) -> float:
    """Distance in dB of mid and side powers, over time and as a whole; what is 50 dB under the loudest is not heard."""
    both = [powers(torch.stack([x[0] + x[1], x[0] - x[1]]), sample_rate)[..., scene.first :] for x in (ours, scene.mix)]
    floor = 1e-5 * both[1].max() + 1e-20
    total = 0.0
    for mine, wanted in (both, [power.mean(-1, keepdim=True) for power in both]):
        apart = 10 * torch.log10((mine + floor) / (wanted + floor))
        weights = torch.maximum(mine, wanted) ** 0.25
        smooth = (apart.square() + UNHEARD_DB**2).sqrt() - UNHEARD_DB
        total += float((weights * smooth).sum() / weights.sum())
    return total / 2
