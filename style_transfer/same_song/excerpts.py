"""The seconds that are worked on: the same excerpts of all tracks and of the mix, cut at the same place."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mixer import audio
from mixer.arrays import F32, F64
from style_transfer.listen import Heard, Segment, cut, telling_seconds
from style_transfer.same_song.align import REACH, Lag, even_gain, fine_lag

LONGEST_S = 30.0
"""A song, or what of it lies in the file, is taken whole up to this; of longer ones the telling seconds."""
PIECE_S = 3.0
HOP_S = 0.1


@dataclass(frozen=True, slots=True)
class Excerpt:
    """All tracks, and the mix that they became: ``mix`` is ``[2, time]``, as long as the segment."""

    segment: Segment
    mix: Tensor

    @property
    def lanes(self) -> Tensor:
        """Every channel of every track, ``[lanes, time]``, mono tracks first, without the pre-roll."""
        mono, stereo = self.segment.mono, self.segment.stereo
        rows = torch.cat([mono[:, 0], stereo.reshape(-1, stereo.shape[-1])])
        return rows[:, self.segment.preroll :]


def choose(heard: Sequence[Heard], sample_rate: int, covered: tuple[int, int]) -> list[tuple[int, int]]:
    """Frames ``(start, stop)`` to work on, all of them inside ``covered``: the whole, or twice the telling seconds."""
    start, stop = covered
    if stop - start <= LONGEST_S * sample_rate:
        count = max(1, round((stop - start) / (PIECE_S * sample_rate)))
        edges = np.linspace(start, stop, count + 1).astype(int).tolist()
        return list(itertools.pairwise(edges))
    hop = sample_rate // round(1 / HOP_S)
    first, last = -(-start // hop), stop // hop
    rest = [replace(entry, activity=_within(entry.activity, first, last)) for entry in heard]
    chosen: list[tuple[int, int]] = []
    for _ in range(2):
        more = telling_seconds(rest, sample_rate)
        chosen += more
        for entry in rest:
            for begin, end in more:
                entry.activity[begin // hop : end // hop] = 0
    return sorted((begin + first * hop, end + first * hop) for begin, end in set(chosen))


def _within(activity: F64, first: int, last: int) -> F64:
    """The activity of these 100 ms steps, silence where the track has ended."""
    held = np.zeros(last - first)
    here = activity[first:last]
    held[: len(here)] = here
    return held


def read_mix(file: Path, sample_rate: int, start: int, frames: int) -> F32:
    """Frames of the file as ``[2, frames]``, silence before its start and after its end."""
    held = np.zeros((2, frames), np.float32)
    before = max(0, -start)
    if before < frames:
        here, _ = audio.read(file, sample_rate, start=max(0, start), frames=frames - before)
        held[:, before : before + here.shape[1]] = here
    return held


def cut_excerpts(
    heard: Sequence[Heard], folder: Path, file: Path, sample_rate: int, seconds: Sequence[tuple[int, int]], coarse: Lag
) -> tuple[list[Excerpt], Lag]:
    """Read the excerpts of tracks (mono before stereo) and file, and line them up to the frame."""
    segments, order = cut(heard, seconds, sample_rate, folder)
    at = round(coarse.frames)
    wide = [read_mix(file, sample_rate, s.start + at - 2 * REACH, s.frames + 4 * REACH) for s in segments]
    blank = [Excerpt(s, torch.zeros(2, 0)) for s in segments]
    gains = lane_gains([heard[index] for index in order])
    pairs = [
        (((gains[:, None] * excerpt.lanes).sum(0)).numpy(), mix.mean(axis=0)[2 * REACH : -2 * REACH])
        for excerpt, mix in zip(blank, wide, strict=True)
    ]
    left = fine_lag(pairs, sample_rate)
    first = 2 * REACH + round(left.frames)  # parts of a frame are the phase of filters until those are known
    cuts = [
        torch.from_numpy(mix[:, first : first + s.frames]) * left.polarity
        for s, mix in zip(segments, wide, strict=True)
    ]
    lag = Lag(at + round(left.frames), left.polarity, left.clarity)
    return [Excerpt(s, mix.contiguous()) for s, mix in zip(segments, cuts, strict=True)], lag


def lane_gains(ordered: Sequence[Heard]) -> Tensor:
    """For each lane the factor that brings its track to even loudness, ``[lanes]``; tracks are mono before stereo."""
    return torch.tensor([even_gain(entry) for entry in ordered for _ in range(entry.track.channels)])


def earlier(x: Tensor, frames: float) -> Tensor:
    """``x`` ``[channels, time]`` earlier by whole frames and parts of one (a phase shift), around its ends."""
    whole = round(frames)
    x = torch.roll(x, -whole, dims=-1)
    part = frames - whole
    if part == 0:
        return x
    spectrum = torch.fft.rfft(x)
    turn = torch.exp(2j * torch.pi * part * torch.arange(spectrum.shape[-1]) / x.shape[-1])
    moved: Tensor = torch.fft.irfft(spectrum * turn, x.shape[-1])
    return moved


def halves(excerpt: Excerpt, sample_rate: int, seconds: float, preroll_s: float) -> list[Excerpt]:
    """The excerpt in steps of about ``seconds``, each with what comes before it as pre-roll, as far as there is any."""
    segment = excerpt.segment
    count = max(1, round(segment.frames / (seconds * sample_rate)))
    edges = np.linspace(0, segment.frames, count + 1).astype(int).tolist()
    pieces = []
    for first, stop in itertools.pairwise(edges):
        preroll = min(segment.preroll + first, round(preroll_s * sample_rate))
        begin, end = segment.preroll + first - preroll, segment.preroll + stop
        mono, stereo = segment.mono[..., begin:end].contiguous(), segment.stereo[..., begin:end].contiguous()
        part = Segment(segment.start + first, stop - first, preroll, mono, stereo)
        pieces.append(Excerpt(part, excerpt.mix[:, first:stop].contiguous()))
    return pieces
