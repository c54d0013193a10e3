"""What is measured on a track or a mix. The same measurements serve the loss, the report and the explanations.

Tone is the power in 25 bands of the Bark scale (E. Zwicker, JASA 33, 1961), for mid = (L + R) / 2 and side =
(L - R) / 2 apart. Levels are in dB relative to the K-weighted power of the whole (BS.1770's weighting, without its
gates), so that two mixes compare at the same loudness, and floors are relative, so that an empty side channel does not
read as an error of a hundred dB.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from mixer.arrays import F32, F64
from mixer.biquad import response
from mixer.kweighting import weighting
from mixer.loudness import LoudnessMeter

EDGES_HZ = (
    20, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720,
    2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500, 20000,
)  # fmt: skip
BANDS = len(EDGES_HZ) - 1
CENTRES_HZ = tuple(float(np.sqrt(low * high)) for low, high in pairwise(EDGES_HZ))
MID_FLOOR = 1e-7
"""Of the total power: bands further down than -70 dB count as equally empty."""
SIDE_FLOOR = 1e-3
"""Of the band's mid power: a side signal 30 dB under the mid counts as mono."""
WEIGHT_SLOPE_DB = 40.0
"""A band this far under the loudest counts a tenth."""


@lru_cache(maxsize=4)
def band_analysis(sample_rate: int) -> tuple[Tensor, Tensor]:
    """Window ``[n]`` of about 93 ms, and the matrix ``[bands, n / 2 + 1]`` from its spectrum to band powers."""
    size = 4096 * max(1, round(sample_rate / 44100))
    window = torch.hann_window(size)
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    member = np.array([(hz >= low) & (hz < high) for low, high in pairwise(EDGES_HZ)])
    scale = 2.0 / (size * float(window.square().sum()))  # so that the bands add up to the mean square (Parseval)
    return window, torch.from_numpy(member * scale).float()


@lru_cache(maxsize=4)
def band_weights(sample_rate: int) -> Tensor:
    """The K-weighting at each band, as a factor on power: ``[bands]`` float64."""
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    return 10 ** (response(torch.from_numpy(weighting(sample_rate)), centres, sample_rate) / 10)


def spectrum(x: Tensor, sample_rate: int) -> Tensor:
    """Windowed spectra, half overlapping: ``[signals, time] -> [signals, bins, frames]``; padded to one window."""
    window, _ = band_analysis(sample_rate)
    size = window.shape[0]
    if x.shape[-1] < size:
        x = torch.nn.functional.pad(x, (0, size - x.shape[-1]))
    return torch.stft(x, size, size // 2, window=window, center=False, return_complex=True)


def band_power(x: Tensor, sample_rate: int) -> Tensor:
    """Mean power in each band: ``[signals, time] -> [signals, bands]`` float64; padded with zeros to one window."""
    heard = spectrum(x, sample_rate)
    power = (heard.real.square() + heard.imag.square()).mean(-1)  # [signals, bins]
    return (power @ band_analysis(sample_rate)[1].T).double()


@dataclass(frozen=True, slots=True)
class Power:
    """Mean powers of a stereo signal in each band ``[bands]``: mid, side, and their product. Differentiable.

    Left is ``mid + side + 2 cross``, right ``mid + side - 2 cross``. Powers of parts of equal length add up.
    """

    mid: Tensor
    side: Tensor
    cross: Tensor

    @classmethod
    def of(cls, stereo: Tensor, sample_rate: int) -> Power:
        """Measured on ``[2, time]``."""
        powers = cls._products(stereo, sample_rate).mean(-1) @ band_analysis(sample_rate)[1].T
        return cls(*powers.double().unbind())

    @classmethod
    def moments(cls, stereo: Tensor, sample_rate: int) -> Power:
        """The same for each window of about 93 ms, half overlapping: ``[windows, bands]`` each."""
        powers = cls._products(stereo, sample_rate).transpose(1, 2) @ band_analysis(sample_rate)[1].T
        return cls(*powers.double().unbind())

    @staticmethod
    def _products(stereo: Tensor, sample_rate: int) -> Tensor:
        """Of mid and side with themselves and with each other ``[3, bins, windows]``."""
        mid, side = spectrum(torch.stack([stereo[0] + stereo[1], stereo[0] - stereo[1]]) / 2, sample_rate)
        powers = (
            mid.real.square() + mid.imag.square(),
            side.real.square() + side.imag.square(),
            mid.real * side.real + mid.imag * side.imag,
        )
        return torch.stack(powers)

    def mean(self) -> Power:
        """Over windows: ``[windows, bands] -> [bands]``."""
        return Power(self.mid.mean(0), self.side.mean(0), self.cross.mean(0))

    @classmethod
    def nothing(cls) -> Power:
        """Silence."""
        return cls(*torch.zeros(3, BANDS, dtype=torch.float64).unbind())

    def __add__(self, other: Power) -> Power:
        return Power(self.mid + other.mid, self.side + other.side, self.cross + other.cross)

    def __mul__(self, factor: float | Tensor) -> Power:
        """All powers times a number, or times ``[bands]``."""
        return Power(self.mid * factor, self.side * factor, self.cross * factor)

    def detach(self) -> Power:
        """The same powers as constants."""
        return Power(self.mid.detach(), self.side.detach(), self.cross.detach())


@dataclass(frozen=True, slots=True)
class Shape:
    """Loudness-free description of a stereo signal; tensors, differentiable in the powers.

    ``mid_db`` and ``side_db`` ``[bands]`` are relative to the total, ``width_db`` is side over mid, ``imbalance``
    runs from -1 (all left) to 1 (all right).
    """

    mid_db: Tensor
    side_db: Tensor
    width_db: Tensor
    imbalance: Tensor

    @classmethod
    def of(cls, power: Power, sample_rate: int) -> Shape:
        """Described from mean powers."""
        total = 2 * ((power.mid + power.side) * band_weights(sample_rate)).sum() + 1e-20
        floor = MID_FLOOR * total
        mid, side = power.mid.sum(), power.side.sum()
        return cls(
            10 * torch.log10((power.mid + floor) / total),
            10 * torch.log10((power.side + SIDE_FLOOR * power.mid + floor) / total),
            10 * torch.log10((side + SIDE_FLOOR * mid + 1e-20) / (mid + 1e-20)),
            -2 * power.cross.sum() / (mid + side + 1e-20),
        )


@dataclass(frozen=True, slots=True)
class Features:
    """Everything that is measured on a mix or a track, as plain numbers (units in the names)."""

    seconds: float
    loudness_lufs: float
    loudness_range_lu: float
    true_peak_db: float
    crest_db: float
    """True peak over loudness (the peak-to-loudness ratio)."""
    ranges_db: tuple[float, float, float]
    """How far the loud moments stand over the usual ones (95th over 50th percentile), at 0.1, 0.4 and 3 s."""
    mid_db: tuple[float, ...]
    side_db: tuple[float, ...]
    width_db: float
    imbalance: float

    def shape(self) -> Shape:
        """The loudness-free part as tensors."""
        numbers = (self.mid_db, self.side_db, self.width_db, self.imbalance)
        return Shape(*(torch.tensor(number, dtype=torch.float64) for number in numbers))


@dataclass(frozen=True, slots=True)
class Dynamics:
    """How a mix moves in time, apart from its loudness: see ``Features``."""

    crest_db: float
    ranges_db: tuple[float, float, float]

    @classmethod
    def of(cls, features: Features) -> Dynamics:
        """The part of the features that dynamics processors change."""
        return cls(features.crest_db, features.ranges_db)

    @classmethod
    def mean(cls, several: Sequence[Dynamics], weights: Sequence[float]) -> Dynamics:
        """Weighted mean; the weights add up to 1."""
        crest, *ranges = np.average([[one.crest_db, *one.ranges_db] for one in several], axis=0, weights=weights)
        return cls(float(crest), (float(ranges[0]), float(ranges[1]), float(ranges[2])))

    def apart_db(self, other: Dynamics) -> float:
        """Crest and the mean of the ranges count alike."""
        ranges = np.abs(np.subtract(self.ranges_db, other.ranges_db)).mean()
        return (abs(self.crest_db - other.crest_db) + float(ranges)) / 2


class Measurement:
    """Measures a stream of blocks ``[1 or 2, n]``, however it is cut; mono counts as the same on both sides."""

    def __init__(self, sample_rate: int, *, true_peak: bool = True) -> None:
        self._sample_rate = sample_rate
        self._meter = LoudnessMeter(sample_rate, 2, true_peak=true_peak)
        self._size = band_analysis(sample_rate)[0].shape[0]
        self._held = np.zeros((2, 0), np.float32)  # what has not filled a window yet
        self._windows = 0
        self._power: Power | None = None
        self._moments: list[F64] = []  # K-weighted power of each window
        self._frames = 0

    def push(self, block: F32) -> None:
        """The next block."""
        stereo = np.ascontiguousarray(np.broadcast_to(block, (2, block.shape[1])))
        self._meter.push(stereo)
        self._frames += stereo.shape[1]
        held = np.concatenate([self._held, stereo], axis=1)
        hop = self._size // 2
        windows = max(0, (held.shape[1] - self._size) // hop + 1)
        if windows:
            whole = torch.from_numpy(held[:, : (windows + 1) * hop])
            moments = Power.moments(whole, self._sample_rate)
            self._moments.append((2 * (moments.mid + moments.side) @ band_weights(self._sample_rate)).numpy())
            power = moments.mean() * float(windows)
            self._power = power if self._power is None else self._power + power
            self._windows += windows
        self._held = held[:, windows * hop :]

    @property
    def meter(self) -> LoudnessMeter:
        """The loudness meter that listened along."""
        return self._meter

    def power(self) -> Power:
        """Mean powers so far."""
        if self._power is None:
            return Power.of(torch.from_numpy(self._held), self._sample_rate)
        return self._power * (1.0 / self._windows)

    def _ranges_db(self) -> tuple[float, float, float]:
        windows = np.concatenate(self._moments) if self._moments else np.zeros(0)
        momentary, short = self._meter.momentary_energy, 10 ** (self._meter.short_term / 10)
        return range_db(windows), range_db(momentary), range_db(short)

    def features(self) -> Features:
        """The numbers so far."""
        shape = Shape.of(self.power(), self._sample_rate)
        meter = self._meter
        silent = not np.isfinite(meter.integrated)
        return Features(
            self._frames / self._sample_rate,
            meter.integrated,
            meter.loudness_range,
            meter.true_peak_db,
            0.0 if silent else meter.true_peak_db - meter.integrated,
            self._ranges_db(),
            tuple(shape.mid_db.tolist()),
            tuple(shape.side_db.tolist()),
            float(shape.width_db),
            float(shape.imbalance),
        )


def range_db(energies: F64) -> float:
    """95th over 50th percentile of moments' energies in dB, among those within 30 dB of the loudest; 0 for silence."""
    sounding = energies[energies > 1e-3 * energies.max(initial=0.0)]
    if not len(sounding):
        return 0.0
    loud, usual = np.quantile(sounding, [0.95, 0.5])
    return 10 * math.log10(loud / usual)


def measure(blocks: Iterable[F32], sample_rate: int) -> Features:
    """Features of a signal that comes in blocks ``[1 or 2, n]``."""
    measurement = Measurement(sample_rate)
    for block in blocks:
        measurement.push(block)
    return measurement.features()


def band_distance(a_db: Tensor, b_db: Tensor, loudest_db: Tensor | None = None) -> Tensor:
    """Weighted mean distance of two spectra ``[bands]`` in dB, smooth at zero; loud bands count more."""
    louder = torch.maximum(a_db, b_db).detach()
    weights = 10 ** ((louder - (louder.max() if loudest_db is None else loudest_db.detach())) / WEIGHT_SLOPE_DB)
    distance = torch.sqrt((a_db - b_db).square() + 0.25) - 0.5
    return (weights * distance).sum() / weights.sum()


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two mixes are apart at the same loudness, by what is heard: all in dB except the imbalance."""

    mid_db: float
    side_db: float
    width_db: float
    imbalance: float
    crest_db: float
    ranges_db: float
    """Mean over the scales of time."""

    @property
    def total_db(self) -> float:
        """One number: tone in full, width, crest and ranges by a quarter, a full imbalance as 10 dB."""
        quarters = self.width_db + self.crest_db + self.ranges_db
        return self.mid_db + self.side_db + quarters / 4 + 10 * self.imbalance


def distance(a: Features, b: Features) -> Distance:
    """The distance between two measured mixes."""
    one, other = a.shape(), b.shape()
    loudest = torch.maximum(one.mid_db, other.mid_db).max()
    return Distance(
        float(band_distance(one.mid_db, other.mid_db)),
        float(band_distance(one.side_db, other.side_db, loudest)),
        abs(a.width_db - b.width_db),
        abs(a.imbalance - b.imbalance),
        abs(a.crest_db - b.crest_db),
        float(np.abs(np.subtract(a.ranges_db, b.ranges_db)).mean()),
    )
