"""Which track covers which, band by band, as a session stands: what a masking map shows.

The measure is that of ``style_transfer.audibility``, on the tracks as they reach the master (equaliser, compressor,
fader, panner, without reverb), in the few seconds in which, together, all of them are heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mixer import audio
from mixer._parallel import parallel_map
from mixer.arrays import F32, F64
from mixer.console import Settings, Source, sum_blocks
from mixer.progress import Progress, silent
from mixer.render import settings
from mixer.roles import Group
from mixer.session import Session, Track
from style_transfer.audibility import audibility_db, masking_map, sounding, spread
from style_transfer.features import Power, Shape
from style_transfer.listen import PREROLL_S, telling_parts

Part = tuple[int, int]
"""First frame and the one after the last, at the session's rate."""


@dataclass(slots=True)
class Activity:
    """Where the tracks play, learnt while something else reads them: ``tapped`` sources instead of plain ones."""

    sample_rate: int
    energies: dict[str, list[F64]] = field(default_factory=dict)

    def tapped(self, source: Source) -> Source:
        """The same source; what passes is noted."""

        def blocks(block: int) -> Iterator[F32]:
            hop = self.sample_rate // 10
            held, noted = np.zeros(0), self.energies.setdefault(source.key, [])
            noted.clear()
            for piece in source.open(block):
                held = np.concatenate([held, np.square(piece, dtype=np.float64).mean(axis=0)])
                whole = len(held) // hop * hop
                noted.append(held[:whole].reshape(-1, hop).mean(axis=1))
                held = held[whole:]
                yield piece

        return Source(source.key, source.channels, source.frames, blocks)

    def parts(self) -> list[Part]:
        """Up to five times three seconds in which, together, all tracks are heard; none if there is hardly a sound."""
        activities = [np.concatenate(noted) for noted in self.energies.values() if noted]
        activities = [activity for activity in activities if activity.max(initial=0.0) > 0]
        return telling_parts(activities, self.sample_rate) if activities else []


@dataclass(frozen=True, slots=True)
class Masking:
    """What was measured of the audible tracks, in the session's order, and of the stem groups that they make."""

    tracks: tuple[Track, ...]
    over_db: Tensor
    """Level over what masks it in that band, while it plays: ``[tracks, bands]``."""
    own_db: Tensor
    """Level of each band under the track's own strongest: ``[tracks, bands]``."""
    covered_by: Tensor
    """Index of the track that masks most there: ``[tracks, bands]``; the track itself where it is alone."""
    best_db: Tensor
    """How far each comes through in its best band: ``[tracks]``."""
    tones: Mapping[Group, Shape]
    """Of the stem groups that sound."""


def masking(session: Session, folder: Path, parts: Sequence[Part], progress: Progress = silent) -> Masking | None:
    """Measure the masking in these parts of a session; None where nothing sounds.

    Raises:
        AudioError: a track cannot be read.
    """
    tracks = session.audible_tracks()
    if not tracks or not parts:
        return None
    moments: list[Tensor] = []  # [tracks, bands, windows] of each part
    groups = sorted({track.role.group for track in tracks})
    sums = {group: Power.nothing() for group in groups}
    for number, part in enumerate(parts):
        progress(number / len(parts), "measuring what covers what")
        posts = parallel_map(lambda index, part=part: _post(tracks[index], part, session, folder), len(tracks))  # type: ignore[misc]
        moments.append(torch.stack([_moments(post, session.sample_rate) for post in posts]))
        for group in groups:
            members = [post for track, post in zip(tracks, posts, strict=True) if track.role.group == group]
            power = Power.of(torch.from_numpy(np.sum(members, axis=0)), session.sample_rate)
            sums[group] = sums[group] + power * (part[1] - part[0])
    tones = {group: Shape.of(power, session.sample_rate) for group, power in sums.items() if float(power.mid.sum()) > 0}
    return _masking(tracks, torch.cat(moments, dim=2), tones)


def _post(track: Track, part: Part, session: Session, folder: Path) -> F32:
    """One track as it reaches the master in a part, ``[2, time]``; what precedes lets its filters settle."""
    start, stop = part
    before = min(start, round(PREROLL_S * session.sample_rate))
    frames = stop - start + before

    def blocks(_: int) -> Iterator[F32]:
        piece, _rate = audio.read(folder / track.path, session.sample_rate, start=start - before, frames=frames)
        yield np.ascontiguousarray(piece[: track.channels])

    strip = Settings({track.id: settings(session).tracks[track.id]}, {}, {})
    source = Source(track.id, track.channels, frames, blocks)
    (post,) = sum_blocks([source], strip, session.sample_rate, block=frames, threads=1)
    return post[:, before:]


def _moments(post: F32, sample_rate: int) -> Tensor:
    """Powers of both sides ``[bands, windows]``."""
    power = Power.moments(torch.from_numpy(post), sample_rate)
    return 2 * (power.mid + power.side).T


def _masking(tracks: Sequence[Track], moments: Tensor, tones: Mapping[Group, Shape]) -> Masking:
    flat = torch.zeros(moments.shape[:2], dtype=moments.dtype)
    own = moments.mean(2)
    return Masking(
        tuple(tracks),
        masking_map(moments, flat),
        10 * torch.log10((own / own.amax(1, keepdim=True).clamp_min(1e-20)).clamp_min(1e-12)),
        _covered_by(moments),
        audibility_db(moments, flat),
        tones,
    )


def _covered_by(moments: Tensor) -> Tensor:
    """The track that masks most of each, while that plays: ``[tracks, bands, windows] -> [tracks, bands]``."""
    masks = torch.einsum("cb,tbw->tcw", spread().to(moments.dtype), moments)
    each = torch.einsum("tw,ocw->toc", sounding(moments), masks)  # [tracks, maskers, bands]
    index = torch.arange(len(moments))
    each[index, index] = 0.0
    strongest, by = each.max(1)
    return torch.where(strongest > 0, by, index[:, None])
