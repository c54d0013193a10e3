"""Sends and reverb, with the strips frozen: what fills the gaps between the sounds.

Another room's sound does not correlate with ours, so it is sought in powers over time: what each track would leave in
each band as it decays, for some decays and dampings at once, against the mix. Short-time powers tell a long decay
from a loud send, which long-term ones do not.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from mixer.console import add
from mixer.processor import find
from mixer.processors.reverb import impulse_response
from style_transfer.desk import Desk
from style_transfer.features import EDGES_HZ
from style_transfer.same_song.excerpts import Excerpt
from style_transfer.start import Values, is_free, put

DECAYS_S = (0.3, 0.5, 0.8, 1.2, 1.8, 2.7, 4.0)
DAMPINGS = (0.2, 0.5, 0.8)
FIRST_SEND_DB = -20.0
STEPS = 80
RATE_DB = 1.5
FLOOR = 1e-5
"""Of the loudest moment of a band: what lies 50 dB under is not matched."""
COMMON = 0.002
"""What a send's squared distance in dB from the others' costs: where nothing tells, all send alike."""
RUN_IN_S = 1.0
"""Of each excerpt, at whose start the reverb of what came before is missing."""
LEAST_SEND_DB = -45.0
LEAST_GAIN = 0.01
"""A reverb that brings the powers nearer by less than this, in dB, is left off."""


@lru_cache(maxsize=4)
def _analysis(sample_rate: int) -> tuple[Tensor, Tensor]:
    size = 4096 * max(1, round(sample_rate / 44100))
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    member = np.array([(hz >= low) & (hz < high) for low, high in pairwise(EDGES_HZ)])
    return torch.hann_window(size), torch.from_numpy(member).float()


def powers(x: Tensor, sample_rate: int) -> Tensor:
    """Band powers over time, half-overlapping: ``[signals, time] -> [signals, bands, frames]``."""
    window, member = _analysis(sample_rate)
    size = window.shape[0]
    spectrum = torch.stft(x, size, size // 2, window=window, return_complex=True)
    return torch.einsum("bf,sft->sbt", member, spectrum.real.square() + spectrum.imag.square())


@dataclass(frozen=True, slots=True)
class _Scene:
    """Powers of one excerpt: of the mix and of the dry sum, mid and side ``[2, bands, frames]``, and of the tracks."""

    mix: Tensor
    dry: Tensor
    tracks: Tensor
    """Of the mono sums that feed the reverb, ``[tracks, bands, frames]``."""
    first: int
    """The first frame that counts."""


def fit_space(desk: Desk, excerpts: Sequence[Excerpt]) -> Values:
    """The desk's values with free sends and reverb where the powers over time come nearest to the mix's."""
    values = {target: {name: dict(knobs) for name, knobs in rows.items()} for target, rows in desk.values.items()}
    movable = torch.tensor([is_free(desk.session, entry.track.id, "send", "level_db") for entry in desk.heard])
    if not movable.any() or "reverb" not in values["reverb"]:
        return values
    with torch.no_grad():
        scenes = [_scene(desk, excerpt) for excerpt in excerpts]
    rooms = _rooms(desk)
    hop = _analysis(desk.sample_rate)[0].shape[0] // 2
    wets = []
    with torch.no_grad():
        kernels = [_kernel(desk.sample_rate, room, hop) for room in rooms]
        for scene in scenes:
            wets.append(
                torch.stack([_smeared(scene.tracks, kernel) for kernel in kernels])
            )  # [rooms, tracks, bands, frames]
    given = desk.tensors({})["send"]["level_db"]
    sends, losses, silent = _fit_sends(scenes, wets, movable, given)
    best = int(torch.argmin(losses))
    if silent - float(losses[best]) < LEAST_GAIN:
        return values
    put(desk.session, values, "reverb", "reverb", rooms[best])
    for row, entry in enumerate(desk.heard):
        level = float(sends[best, row])
        put(desk.session, values, entry.track.id, "send", {"level_db": level if level > LEAST_SEND_DB else -60.0})
    return values


def _rooms(desk: Desk) -> list[dict[str, float]]:
    """The reverbs that are tried: all that the free knobs allow."""
    given = desk.values["reverb"]["reverb"]
    choices = {"decay_s": DECAYS_S, "damping": DAMPINGS}
    options = [c if is_free(desk.session, "reverb", "reverb", k) else (given[k],) for k, c in choices.items()]
    return [given | dict(zip(choices, pair, strict=True)) for pair in itertools.product(*options)]


def _scene(desk: Desk, excerpt: Excerpt) -> _Scene:
    posts = desk.posts(excerpt.segment, {k: v for k, v in desk.tensors({}).items() if k != "send"})
    dry = add(posts)
    gain = 10 ** (desk.values["master"].get("fader", {}).get("gain_db", 0.0) / 20)
    hop = _analysis(desk.sample_rate)[0].shape[0] // 2
    first = round(RUN_IN_S * desk.sample_rate / hop) if excerpt.segment.start else 0
    tracks = powers(posts.mean(1), desk.sample_rate)
    return _Scene(
        powers(_mid_side(excerpt.mix / gain), desk.sample_rate), powers(_mid_side(dry), desk.sample_rate), tracks, first
    )


def _mid_side(x: Tensor) -> Tensor:
    return torch.stack([x[0] + x[1], x[0] - x[1]]) / 2


def _kernel(sample_rate: int, room: dict[str, float], hop: int) -> Tensor:
    """How much of a track's power in each band is still in the reverb frames later: ``[bands, frames]``."""
    knobs = torch.tensor([room[param.name] for param in find("reverb").params], dtype=torch.float64)
    response = impulse_response(sample_rate, knobs)
    window, member = _analysis(sample_rate)
    power = powers(response, sample_rate).mean(0) / member.sum(1, keepdim=True)
    return power * (hop / window.square().sum())  # each sample of the response is in two windows


def _smeared(tracks: Tensor, kernel: Tensor) -> Tensor:
    """Each band of each track convolved over time: ``[tracks, bands, frames]``."""
    _count, bands, frames = tracks.shape
    reach = min(kernel.shape[1], frames)
    padded = torch.nn.functional.pad(tracks, (reach - 1, 0))
    weights = kernel[:, :reach].flip(1)[:, None]  # [bands, 1, reach]
    return torch.nn.functional.conv1d(padded, weights, groups=bands)


def _fit_sends(
    scenes: Sequence[_Scene], wets: Sequence[Tensor], movable: Tensor, given: Tensor
) -> tuple[Tensor, Tensor, float]:
    """Sends in dB ``[rooms, tracks]``, the losses of the rooms, and the loss without reverb."""
    rooms, tracks = wets[0].shape[:2]
    sends = torch.full((rooms, tracks), FIRST_SEND_DB, requires_grad=True)
    optimizer = torch.optim.Adam([sends], lr=RATE_DB, betas=(0.9, 0.98))
    given = given.float().clamp(max=12.0)

    def loss(levels: Tensor) -> Tensor:
        total, weight = torch.zeros(rooms), 0.0
        for scene, wet in zip(scenes, wets, strict=True):
            added = torch.einsum("rk,rkbt->rbt", 10 ** (levels / 10), wet)[:, None] / 2  # half mid, half side
            floor = FLOOR * scene.mix.amax((0, 2))[None, :, None]
            wanted = 10 * torch.log10(scene.mix + floor)
            error = 10 * torch.log10(scene.dry[None] + added + floor[None]) - wanted
            total = total + (error.square() + 1).sqrt()[..., scene.first :].mean((1, 2, 3)) * scene.mix.shape[2]
            weight += scene.mix.shape[2]
        return total / weight

    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATE_DB * (1 - 0.9 * step / STEPS)
        levels = torch.where(movable, sends, given)
        apart = COMMON * (levels - levels.mean(1, keepdim=True)).square().mean()
        optimizer.zero_grad()
        (loss(levels).sum() + rooms * apart).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        optimizer.step()
        with torch.no_grad():
            sends.clamp_(-60.0, 6.0)
    with torch.no_grad():
        levels = torch.where(movable, sends, given)
        return levels, loss(levels), float(loss(torch.where(movable, torch.full_like(sends, -100.0), given)).mean())
