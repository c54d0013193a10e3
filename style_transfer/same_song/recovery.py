"""The settings of our console that turn the tracks into this mix: the lost session of a bounce, as far as it tells.

Least squares open, descent on the strips follows, and with these frozen the reverb is sought. Whatever is locked or the
user's own stays where it is and takes part as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from mixer.progress import Progress, silent, span
from style_transfer.desk import Desk
from style_transfer.same_song.align import FINER, fine_lag
from style_transfer.same_song.bands import products_of, total
from style_transfer.same_song.descent import descend
from style_transfer.same_song.dynamics import Mastering, sounding
from style_transfer.same_song.excerpts import Excerpt, earlier, halves
from style_transfer.same_song.opening import opening
from style_transfer.same_song.parts import balance
from style_transfer.same_song.recognition import SameSong
from style_transfer.same_song.settle import settle
from style_transfer.same_song.space import fit_space
from style_transfer.start import Values

PIECE_S, PREROLL_S = 1.5, 0.75
"""Short pieces descend faster than long ones, and their pre-roll lets the detectors settle."""
STEPS = 64
MOST_TRACK_STEPS = 900
"""Tracks times steps: with many tracks there are fewer steps, so that the time stays bounded."""
LEAST_STEPS = 40
QUICK = 4
"""How many excerpts are enough for a delay and for a first answer's residual."""
LEAST_SHIFT, MOST_SHIFT = 1 / FINER, 4.0
"""In frames: more than the phase of filters can have cost the alignment is no correction."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found, and how well it explains the mix."""

    values: Values
    residual_db: float
    """Energy of (ours - the mix) over that of the mix, on the excerpts; another reverb never goes under its share."""
    track_residual_db: dict[str, float]
    """The same for each track's part in the mix."""
    unexplained: tuple[str, ...]
    """What the settings leave out, each in one sentence."""


def recover(
    desk: Desk, same: SameSong, *, seed: int = 0, start_only: bool = False, progress: Progress = silent
) -> Recovered:
    """Full settings for a mix of the desk's own tracks.

    Args:
        desk: its tracks must be those of ``same.heard``, in that order; its values are where locked knobs stand.
        seed: of the order in which excerpts are heard; the same seed gives the same values.
        start_only: stop at what least squares give, in about a second: levels, places and tone, no dynamics or space.

    Raises:
        ValueError: the desk has other tracks.
    """
    if [entry.track.id for entry in desk.heard] != [entry.track.id for entry in same.heard]:
        raise ValueError("the desk must hold the recognised tracks in their order")
    work = Desk(desk.session, desk.heard, desk.values, desk.sample_rate)
    progress(0.0, "solving for levels and tone")
    work.values = opening(work, same)
    excerpts = realigned(work, same.excerpts)
    progress(0.08, "solving for levels and tone")
    if not start_only:
        pieces = [piece for excerpt in excerpts for piece in halves(excerpt, desk.sample_rate, PIECE_S, PREROLL_S)]
        steps = max(LEAST_STEPS, min(STEPS, MOST_TRACK_STEPS // len(desk.heard)))
        mastering = Mastering.of(work, excerpts)
        work.values = descend(work, pieces, mastering, steps, seed, span(progress, 0.08, 0.85))
        if mastering.bend is not None:
            work.values = settle(work, pieces, mastering, seed)
        work.values = fit_space(work, excerpts)
    progress(0.95, "comparing with the mix")
    residual_db, tracks = residuals(work, sampled(excerpts) if start_only else excerpts)
    progress(1.0, "comparing with the mix")
    return Recovered(work.values, residual_db, tracks, _unexplained(work, same, residual_db))


def sampled(excerpts: Sequence[Excerpt]) -> Sequence[Excerpt]:
    """A few of them, from all over the song, where time matters more than the last digit."""
    return excerpts[:: -(-len(excerpts) // QUICK)]


def realigned(desk: Desk, excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """The excerpts with the mix moved by the parts of a frame that the desk's own filters do not account for."""
    pairs = [(sounding(desk, e).mean(0).numpy(), e.mix.mean(0).numpy()) for e in sampled(excerpts)]
    lag = fine_lag(pairs, desk.sample_rate).frames
    if not LEAST_SHIFT <= abs(lag) <= MOST_SHIFT:
        return list(excerpts)
    return [Excerpt(e.segment, earlier(e.mix, lag).contiguous()) for e in excerpts]


def residuals(desk: Desk, excerpts: Sequence[Excerpt]) -> tuple[float, dict[str, float]]:
    """Of the mix and of each track's part in it, in dB: how far least squares would still turn what we have."""
    table = desk.tensors({})
    error, energy = 0.0, 0.0
    sides = []
    with torch.no_grad():
        for excerpt in excerpts:
            posts = desk.posts(excerpt.segment, {k: v for k, v in table.items() if k != "send"})
            mix = sounding(desk, excerpt)
            error += float((mix - excerpt.mix).square().sum())
            energy += float(excerpt.mix.square().sum())
            scale = 10 ** (desk.values["master"].get("fader", {}).get("gain_db", 0.0) / 20)
            sides.append([products_of(posts[:, side] * scale, excerpt.mix, desk.sample_rate) for side in (0, 1)])
    off, own = np.zeros(len(desk.heard)), np.zeros(len(desk.heard))
    for side in (0, 1):
        whole = total([pair[side] for pair in sides])
        gains = whole.solve()[:, :, side]  # [bands, tracks]
        power = np.einsum("bkk->bk", whole.gram).real
        off += (np.abs(gains - 1) ** 2 * power).sum(0)
        own += (np.abs(gains) ** 2 * power).sum(0)
    ratio = (off + 1e-20) / (own + 1e-20)
    names = [entry.track.id for entry in desk.heard]
    tracks = dict(zip(names, (10 * np.log10(np.minimum(ratio, 1.0))).tolist(), strict=True))
    return 10 * float(np.log10((error + 1e-20) / (energy + 1e-20))), tracks


def _unexplained(desk: Desk, same: SameSong, residual_db: float) -> tuple[str, ...]:
    """In sentences: tracks that are not in the mix, a turned polarity, and what is left over."""
    names = {entry.track.id: entry.track.name for entry in desk.heard}
    found = balance(same, desk.sample_rate)
    notes = [f"{names[track]} was not found in the mix" for track, state in found.items() if state.absent]
    if same.lag.polarity < 0:
        notes.append("the mix has its polarity turned")
    share = 100 * 10 ** (residual_db / 10)
    notes.append(f"{share:.0f} % of the mix's energy differs: reverb, distortion, or tracks that are not here")
    return tuple(notes)
