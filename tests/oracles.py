"""Slow twins of the processors in float64, written from their sources: what tests and benchmarks measure against."""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.signal import sosfilt

from mixer.arrays import F32, F64
from mixer.processor import Values, find
from mixer.processors.equalizer import curve_sections


def sections_of(values: Values, rate: int) -> torch.Tensor:
    """Coefficients ``[7, 5]`` of the equaliser's curve."""
    full = find("equalizer").defaults() | dict(values)
    return curve_sections(rate, {name: torch.tensor([at], dtype=torch.float64) for name, at in full.items()})[0]


def sos_of(values: Values, rate: int) -> F64:
    """The same as scipy takes them, ``[7, 6]``."""
    rows = sections_of(values, rate).numpy()
    return np.concatenate([rows[:, :3], np.ones((len(rows), 1)), rows[:, 3:]], axis=1)


def equalized(audio: F32, values: Values, rate: int) -> F64:
    """The equaliser as scipy's cascade."""
    return np.asarray(sosfilt(sos_of(values, rate), audio.astype(np.float64)))


def curve_db(level_db: float, threshold_db: float, ratio: float, knee_db: float) -> float:
    """The compressor's output level for an input level: Giannoulis, Massberg, Reiss, JAES 2012, eq. (4)."""
    over = level_db - threshold_db
    if 2 * over < -knee_db:
        return level_db
    if knee_db > 0 and 2 * abs(over) <= knee_db:
        return level_db + (1 / ratio - 1) * (over + knee_db / 2) ** 2 / (2 * knee_db)
    return threshold_db + over / ratio


def compressed(audio: F32, values: Values, rate: int) -> F64:
    """The compressor sample by sample: peak of the louder channel, curve, branching one-pole (eq. 16), make-up."""
    v = find("compressor").defaults() | dict(values)
    attack = math.exp(-1000 / (v["attack_ms"] * rate))
    release = math.exp(-1000 / (v["release_ms"] * rate))
    gain_db, reduction = np.empty(audio.shape[1]), 0.0
    for n, peak in enumerate(np.abs(audio).max(axis=0).tolist()):
        level_db = 20 * math.log10(max(peak, 1e-9))
        wanted = level_db - curve_db(level_db, v["threshold_db"], v["ratio"], v["knee_db"])
        coefficient = attack if wanted > reduction else release
        reduction = coefficient * reduction + (1 - coefficient) * wanted
        gain_db[n] = v["makeup_db"] - reduction
    return np.asarray(audio * 10 ** (gain_db / 20))
