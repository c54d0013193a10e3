"""What the judge measures with: nothing of the suggestion's own features or losses, so that it cannot flatter them.

Levels of two mixes are matched in loudness before they are compared. Distances of spectra are in dB over bands that are
equally wide in octaves; quiet bands count less, and floors are relative, so that an empty side channel is no error of
a hundred dB.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from mixer.arrays import F32, F64
from mixer.loudness import LoudnessMeter, integrated_loudness
from mixer.roles import Group
from tests.bench.mixbench.places import RATE

SCALES = ((1024, 16), (4096, 32), (16384, 48))
"""Window and number of bands of each time scale: 23 ms, 93 ms, 0.37 s."""
LOW_HZ, HIGH_HZ = 60.0, 16_000.0
FLOOR = 1e-6
"""Of the reference's loudest band: 60 dB under it, bands count as equally empty."""
SIDE_FLOOR = 1e-3
"""Of the mid in the same band: 30 dB under it, the side counts as empty."""
SLOPE_DB = 40.0
"""A band this far under the loudest counts a tenth."""
UNHEARD_DB = 0.5
"""Differences well below this count by their square: nobody hears half a decibel in one band."""
QUIET_LU = -40.0
"""Whatever lies further under the mix counts as this."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a system made of a song: the mix ``[2, time]``, every track as it sounds in it without reverb
    ``[tracks, 2, time]``, and the stem groups with theirs."""

    mix: F32
    tracks: F32
    groups: dict[Group, F32]


@lru_cache(maxsize=8)
def _band_matrix(size: int, bands: int) -> torch.Tensor:
    """From bins to bands ``[bins, bands]``; a band narrower than a bin has the nearest one."""
    edges = np.geomspace(LOW_HZ, HIGH_HZ, bands + 1)
    hz = np.fft.rfftfreq(size, 1 / RATE)
    matrix = np.zeros((len(hz), bands), np.float32)
    for band in range(bands):
        inside = (hz >= edges[band]) & (hz < edges[band + 1])
        matrix[:, band] = inside if inside.any() else hz == hz[np.abs(hz - edges[band]).argmin()]
    return torch.from_numpy(matrix)


def band_powers(x: F32, size: int, bands: int) -> F64:
    """Powers ``[.., frames, bands]`` of ``[.., time]``, frames half overlapping."""
    flat = torch.from_numpy(np.ascontiguousarray(x.reshape(-1, x.shape[-1])))
    spectra = torch.stft(flat, size, size // 2, window=torch.hann_window(size), center=False, return_complex=True)
    powers = (spectra.real.square() + spectra.imag.square()).transpose(1, 2) @ _band_matrix(size, bands)
    return powers.numpy().astype(np.float64).reshape(*x.shape[:-1], *powers.shape[1:])


def four_sides(stereo: F32) -> F32:
    """Left, right, mid and side ``[4, time]``, each at its share of the power."""
    left, right = stereo
    root = np.float32(np.sqrt(0.5))
    return np.stack([left, right, root * (left + right), root * (left - right)])


def at_loudness(x: F32, lufs: float) -> F32:
    """The same at another integrated loudness; silence stays silence."""
    level = integrated_loudness(x, RATE)
    return x * np.float32(10 ** ((lufs - level) / 20)) if np.isfinite(level) else x


def _levels_db(powers: F64, floor: float) -> F64:
    """``[4, frames, bands]`` of left, right, mid, side in dB, with the relative floors."""
    raised = powers + floor
    raised[3] += SIDE_FLOOR * powers[2]
    return np.asarray(10 * np.log10(raised))


def _weights(a_db: F64, b_db: F64) -> F64:
    louder = np.maximum(a_db, b_db)
    return np.asarray(10 ** ((louder - louder.max()) / SLOPE_DB))


@dataclass(frozen=True, slots=True)
class Spectra:
    """Band powers ``[4, frames, bands]`` of left, right, mid and side, in each scale of time."""

    scales: tuple[F64, ...]

    @classmethod
    def of(cls, mix: F32) -> Spectra:
        """Measured on ``[2, time]``."""
        sides = four_sides(mix)
        return cls(tuple(band_powers(sides, *scale) for scale in SCALES))


def _compared(mine: F64, wanted: F64) -> tuple[F64, F64]:
    """Differences in dB and their weights, of powers ``[4, frames, bands]``."""
    floor = FLOOR * float(wanted[:2].max()) + 1e-20
    a_db, b_db = _levels_db(mine, floor), _levels_db(wanted, floor)
    return a_db - b_db, _weights(a_db, b_db)


def spectral_distance_db(mix: Spectra, reference: Spectra) -> float:
    """Multi-scale spectral distance of two mixes at one loudness, over left, right, mid and side.

    Per scale of time, the bands' levels in every frame, smooth below half a decibel, loud ones counting more; and the
    same for the averages over the whole: mean of all.
    """
    distances = []
    for pair in zip(mix.scales, reference.scales, strict=True):
        for mine, wanted in (pair, tuple(powers.mean(axis=1, keepdims=True) for powers in pair)):
            apart_db, weights = _compared(mine, wanted)
            smooth = np.sqrt(np.square(apart_db) + UNHEARD_DB**2) - UNHEARD_DB
            distances.append(float(((weights * smooth).sum((1, 2)) / weights.sum((1, 2))).mean()))
    return float(np.mean(distances))


def band_errors_db(mix: Spectra, reference: Spectra) -> tuple[float, float]:
    """Mean error of the long-term bands of mid and of side, loud bands counting more."""
    mine, wanted = (spectra.scales[1].mean(axis=1, keepdims=True) for spectra in (mix, reference))
    apart_db, weights = _compared(mine, wanted)
    errors = (weights * np.abs(apart_db)).sum((1, 2)) / weights.sum((1, 2))
    return float(errors[2]), float(errors[3])


def time_frequency_error_db(mix: Spectra, reference: Spectra) -> float:
    """Mean error of the cells of time and band where the reference is within 60 dB of its loudest, left and right."""
    errors = []
    for mine, wanted in zip(mix.scales[1][:2], reference.scales[1][:2], strict=True):
        floor = FLOOR * wanted.max() + 1e-20
        heard = wanted > floor
        if heard.any():
            errors.append(float(np.abs(10 * np.log10((mine + floor) / (wanted + floor)))[heard].mean()))
    return float(np.mean(errors))


def levels_lu(parts: F32 | list[F32], whole: F32) -> F64:
    """Loudness of each part against the whole's, not below ``QUIET_LU``."""
    level = integrated_loudness(whole, RATE)
    return np.maximum([integrated_loudness(part, RATE) - level for part in parts], QUIET_LU)


def pan_indices(tracks: F32) -> F64:
    """-1 (left) to 1 (right) by energy; 0 for silence."""
    energies = np.square(tracks, dtype=np.float64).sum(axis=-1)  # [tracks, 2]
    return np.asarray((energies[:, 1] - energies[:, 0]) / np.maximum(energies.sum(axis=1), 1e-12))


def best_shares_db(tracks: F32) -> F64:
    """Share of the power that each track holds in its best band, in dB: what makes it heard beside the others."""
    powers = band_powers(tracks, *SCALES[1]).mean(axis=2).sum(axis=1)  # [tracks, bands]
    shares = powers / np.maximum(powers.sum(axis=0), 1e-20)
    return np.asarray(10 * np.log10(np.maximum(shares.max(axis=1), 1e-9)))


def envelope_db(x: F32, frame_s: float = 0.05) -> F64:
    """Level of each frame of ``[2, time]``."""
    frame = round(frame_s * RATE)
    whole = x[:, : x.shape[1] // frame * frame].reshape(2, -1, frame)
    return np.asarray(10 * np.log10(np.square(whole, dtype=np.float64).mean(axis=(0, 2)) + 1e-12))


def meter(x: F32) -> LoudnessMeter:
    """A meter that has heard the mix, true peak included."""
    heard = LoudnessMeter(RATE, 2)
    heard.push(np.ascontiguousarray(x))
    return heard
