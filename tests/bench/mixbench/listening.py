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

FINE = (4096, 32)
"""Window and number of bands of the finest look: 93 ms."""
SCALES = ((*FINE, 0.4), (8192, 40, 1.5), (16384, 48, np.inf))
"""Window, number of bands and seconds over which powers are averaged. Not less: in shorter ones the noise of a reverb
differs as much from one reverb to the same with another seed as from one mix to another."""
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
    """Band powers ``[4, frames, bands]`` of left, right, mid and side: in each scale of time, and the finest look."""

    scales: tuple[F64, ...]
    fine: F64

    @classmethod
    def of(cls, mix: F32) -> Spectra:
        """Measured on ``[2, time]``."""
        sides = four_sides(mix)
        scales = tuple(_averaged(band_powers(sides, size, bands), size, span_s) for size, bands, span_s in SCALES)
        return cls(scales, band_powers(sides, *FINE))


def _averaged(powers: F64, size: int, span_s: float) -> F64:
    """Means over so many seconds, of frames ``[4, frames, bands]`` half overlapping."""
    frames = powers.shape[1]
    held = int(min(frames, max(1.0, round(min(span_s, 1e6) * RATE / (size // 2)))))
    whole = powers[:, : frames // held * held]
    return np.asarray(whole.reshape(4, -1, held, powers.shape[2]).mean(axis=2))


def _compared(mine: F64, wanted: F64) -> tuple[F64, F64]:
    """Differences in dB and their weights, of powers ``[4, frames, bands]``."""
    floor = FLOOR * float(wanted[:2].max()) + 1e-20
    a_db, b_db = _levels_db(mine, floor), _levels_db(wanted, floor)
    return a_db - b_db, _weights(a_db, b_db)


def spectral_distance_db(mix: Spectra, reference: Spectra) -> float:
    """Multi-scale spectral distance of two mixes at one loudness, over left, right, mid and side.

    Per scale of time, the bands' levels, smooth below half a decibel, loud ones counting more; the mean of all scales.
    """
    distances = []
    for mine, wanted in zip(mix.scales, reference.scales, strict=True):
        apart_db, weights = _compared(mine, wanted)
        smooth = np.sqrt(np.square(apart_db) + UNHEARD_DB**2) - UNHEARD_DB
        distances.append(float(((weights * smooth).sum((1, 2)) / weights.sum((1, 2))).mean()))
    return float(np.mean(distances))


def band_errors_db(mix: Spectra, reference: Spectra) -> tuple[float, float]:
    """Mean error of the long-term half octaves of mid and of side, loud ones counting more.

    Narrower bands would tell one song's notes from another's, which no mix should even out.
    """
    mine, wanted = (spectra.scales[-1].reshape(4, 1, -1, 3).sum(axis=3) for spectra in (mix, reference))
    apart_db, weights = _compared(mine, wanted)
    errors = (weights * np.abs(apart_db)).sum((1, 2)) / weights.sum((1, 2))
    return float(errors[2]), float(errors[3])


def time_frequency_error_db(mix: Spectra, reference: Spectra) -> float:
    """Mean error of the cells of time and band where the reference is within 60 dB of its loudest, left and right."""
    errors = []
    for mine, wanted in zip(mix.fine[:2], reference.fine[:2], strict=True):
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
    powers = band_powers(tracks, *FINE).mean(axis=2).sum(axis=1)  # [tracks, bands]
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
