"""What is measured on the stems of a reference, before anything is said about it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mixer import audio
from mixer.arrays import F32, F64
from mixer.errors import AudioError, UsageError
from mixer.loudness import LoudnessMeter
from mixer.progress import Progress, silent
from mixer.roles import Group
from style_transfer.features import EDGES_HZ, Power, band_analysis, band_weights, spectrum
from style_transfer.stems.said import ReferenceStems

GROUPS = tuple(Group)
_CHUNK_S = 12.0
_SILENT_FRAME = 1e-6
"""Mean square, K-weighted, under which a frame tells nothing."""
_STEPS = 100
"""Shares are counted in hundredths."""
_LARGEST = 0.95
_OFTEN = 0.9
CLEAR_HZ = {
    Group.VOCALS: (180.0, 3600.0),
    Group.DRUMS: (3000.0, 12000.0),
    Group.BASS: (40.0, 160.0),
    Group.OTHER: (300.0, 3600.0),
}
"""Where a group that sounds has moments for itself."""


@dataclass(frozen=True, slots=True)
class StemHeard:
    """One group as its stem has it.

    Attributes:
        loudness_lu: relative to the sum of all stems; -inf for silence.
        power: mean powers in bands.
        own_share: of the energy in each band ``[bands]``, how much lies in bins that are the group's, 0 to 1.
        share: of the K-weighted energy of a frame, the largest that it has often (in one frame of ten).
        clearness: mean over the bins of its range of the largest shares (one frame of twenty) of a bin: where a
            group sounds, some bins are nearly all its own.
    """

    loudness_lu: float
    power: Power
    own_share: F64
    share: float
    clearness: float


def listen_to_stems(
    stems: ReferenceStems, segment: tuple[float, float] | None, sample_rate: int, progress: Progress = silent
) -> dict[Group, StemHeard]:
    """Measure the stems together; groups without a file are silent.

    Args:
        segment: start and end in seconds of the reference; None: all that there is.

    Raises:
        AudioError: a stem cannot be read, or there is nothing but silence.
        UsageError: the segment lies outside the stems.
    """
    if not stems.files:
        raise UsageError("there are no stems: name files for vocals, drums, bass, other")
    longest = max(audio.probe(path).seconds for path in stems.files.values())
    start, stop = segment or (stems.start_s, stems.start_s + longest)
    first, frames = round((start - stems.start_s) * sample_rate), round((stop - start) * sample_rate)
    if first < 0 or first >= longest * sample_rate or frames <= 0:
        raise UsageError(
            f"the stems hold {stems.start_s:g}-{stems.start_s + longest:g} s of the reference, not {start:g}-{stop:g} s"
        )
    measured = StemsMeasurement(sample_rate)
    done = 0
    for chunk in _chunks(stems.files, sample_rate, first, frames):
        measured.push(chunk)
        done += chunk.shape[-1]
        progress(min(1.0, done / frames), "listening to the reference's stems")
    return measured.heard(str(next(iter(stems.files.values())).parent))


def _chunks(files: Mapping[Group, Path], sample_rate: int, first: int, frames: int) -> Iterator[F32]:
    """All groups side by side, ``[groups, 2, time]`` each; a stem that ends before the others is silent from there."""
    size = round(_CHUNK_S * sample_rate)
    streams = {group: audio.blocks(path, sample_rate, block=size, start=first) for group, path in files.items()}
    while frames > 0:
        pieces = {group: next(stream, None) for group, stream in streams.items()}
        length = min(frames, max((piece.shape[1] for piece in pieces.values() if piece is not None), default=0))
        if not length:
            return
        chunk = np.zeros((len(GROUPS), 2, length), np.float32)
        for row, group in enumerate(GROUPS):
            piece = pieces.get(group)
            if piece is not None:
                chunk[row, :, : piece.shape[1]] = piece[:, :length]
        yield chunk
        frames -= length


class StemsMeasurement:
    """Measures stems that come in chunks, ``[groups, 2, time]`` in the order of ``Group``."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._meters = [LoudnessMeter(sample_rate, 2, true_peak=False) for _ in (*GROUPS, None)]
        self._power = [Power.nothing() for _ in GROUPS]
        self._owned = np.zeros((len(GROUPS), len(EDGES_HZ) - 1))
        self._frames = 0
        window, matrix = band_analysis(sample_rate)
        self._hz = np.fft.rfftfreq(len(window), 1 / sample_rate)
        self._matrix = matrix.numpy()  # [bands, bins]
        self._weights = band_weights(sample_rate).numpy()
        self._counts = [np.zeros((int(self._range(group).sum()), _STEPS + 1), np.int64) for group in GROUPS]
        self._shares: list[F64] = []

    def _range(self, group: Group) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        low, high = CLEAR_HZ[group]
        return (self._hz >= low) & (self._hz < high)

    def push(self, chunk: F32) -> None:
        """The next ``[groups, 2, time]``."""
        for meter, stem in zip(self._meters, (*chunk, chunk.sum(0)), strict=True):
            meter.push(stem)
        power = np.stack([self._one_power(index, stem) for index, stem in enumerate(chunk)])
        total = power.sum(0)
        shares = power / np.maximum(total, 1e-20)  # [groups, bins, frames]
        frames = power.shape[-1]
        self._owned += (power * shares).mean(-1) @ self._matrix.T * frames
        self._frames += frames
        weighted = np.einsum("b,bk,gkf->gf", self._weights, self._matrix, power)
        sounding = weighted.sum(0) > _SILENT_FRAME
        if sounding.any():
            self._shares.append((weighted / np.maximum(weighted.sum(0), 1e-20))[:, sounding])
            self._count(shares[..., sounding])

    def _one_power(self, index: int, stem: F32) -> F32:
        stereo = torch.from_numpy(stem)
        bins = spectrum(stereo, self._rate)
        self._power[index] = self._power[index] + Power.of(stereo, self._rate) * float(bins.shape[-1])
        return np.asarray((bins.real.square() + bins.imag.square()).sum(0) / 2, np.float32)  # [bins, frames]

    def _count(self, shares: F32) -> None:
        for counts, group, share in zip(self._counts, GROUPS, shares, strict=True):
            steps = np.rint(share[self._range(group)] * _STEPS).astype(np.int64)  # [bins, frames]
            np.add.at(counts, (np.arange(len(steps))[:, None], steps), 1)

    def heard(self, place: str) -> dict[Group, StemHeard]:
        """What was heard; ``place`` is named where that is nothing."""
        *loudness, whole = (meter.integrated for meter in self._meters)
        if not math.isfinite(whole) or not self._shares:
            raise AudioError(f"{place}: the stems are silent in this part; use another part")
        shares = np.concatenate(self._shares, axis=1)
        heard = {}
        for index, group in enumerate(GROUPS):
            power = self._power[index] * (1 / self._frames)
            energy = (power.mid + power.side).numpy()  # mean square of the sides, as the bins'
            heard[group] = StemHeard(
                loudness[index] - whole,
                power,
                self._owned[index] / self._frames / np.maximum(energy, 1e-20),
                float(np.quantile(shares[index], _OFTEN)),
                self._clearness(index),
            )
        return heard

    def _clearness(self, index: int) -> float:
        counts = self._counts[index]
        cumulative = counts.cumsum(1)
        largest = (cumulative < _LARGEST * cumulative[:, -1:]).sum(1) / _STEPS
        return float(largest.mean())
