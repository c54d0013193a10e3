"""A mix of the same tracks as the reference: how near a system comes to what the other engineer did."""

from __future__ import annotations

import numpy as np

from mixer.arrays import F64
from mixer.loudness import integrated_loudness
from tests.bench.mixbench.audible import Audibility
from tests.bench.mixbench.engine import Mix
from tests.bench.mixbench.listening import (
    Outcome,
    Spectra,
    at_loudness,
    band_errors_db,
    best_shares_db,
    envelope_db,
    levels_lu,
    meter,
    pan_indices,
    spectral_distance_db,
    time_frequency_error_db,
)
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.songs import Multitrack

HEARD_LU = -35.0
"""Tracks further under the reference say nothing about level, pan or dynamics."""
ENVELOPE_RANGE_DB = 40.0


class PairedJudge:
    """Holds what is measured of the truth once, for all systems of a case."""

    def __init__(self, song: Multitrack, truth: Mix) -> None:
        self._song, self._truth = song, truth
        self._lufs = integrated_loudness(truth.audio, RATE)
        self._spectra = Spectra.of(truth.audio)
        self._levels = levels_lu(list(truth.tracks), truth.dry)
        self._groups = levels_lu([truth.groups[group] for group in song.groups], truth.audio)
        self._heard = self._levels > HEARD_LU
        self._pans = pan_indices(truth.tracks)
        self._envelopes = [envelope_db(track) for track in truth.tracks]
        self._meter = meter(truth.audio)
        self._audibility = Audibility(song)
        self._shares = best_shares_db(truth.tracks)

    def figures(self, outcome: Outcome) -> dict[str, float]:
        """All figures of one system; smaller is better."""
        mix, heard = at_loudness(outcome.mix, self._lufs), self._heard
        spectra, now, then = Spectra.of(mix), meter(mix), self._meter
        mid_db, side_db = band_errors_db(spectra, self._spectra)
        levels = levels_lu(list(outcome.tracks), outcome.tracks.sum(0))
        mine = [outcome.groups[group] for group in self._song.groups]
        groups = levels_lu(mine, np.sum(mine, axis=0)) - self._groups
        return {
            "spectral_db": spectral_distance_db(spectra, self._spectra),
            "mid_db": mid_db,
            "side_db": side_db,
            "track_lu": float(np.abs(levels - self._levels)[heard].mean()),
            "group_lu": float(np.abs(groups).mean()),
            "group_rms_lu": float(np.sqrt(np.square(groups).mean())),
            "pan": float(np.abs(pan_indices(outcome.tracks) - self._pans)[heard].mean()),
            "time_frequency_db": time_frequency_error_db(spectra, self._spectra),
            "envelope_db": float(np.mean(self._envelope_errors_db(outcome))),
            "dynamics_lu": _dynamics_error_lu(now.momentary, then.momentary),
            "crest_db": abs((now.true_peak_db - now.integrated) - (then.true_peak_db - then.integrated)),
            "lost": float(self._audibility.lost(outcome.tracks, self._shares).mean()),
        }

    def _envelope_errors_db(self, outcome: Outcome) -> list[float]:
        """Mean distance of each track's level over time from the truth's, in 50 ms frames, a constant apart."""
        errors = []
        for row in np.flatnonzero(self._heard).tolist():
            mine, wanted = envelope_db(outcome.tracks[row]), self._envelopes[row]
            loud = wanted > wanted.max() - ENVELOPE_RANGE_DB
            apart, weights = (mine - wanted)[loud], 10 ** (wanted[loud] / 10)
            errors.append(float(np.abs(apart - np.average(apart, weights=weights)).mean()))
        return errors


def _dynamics_error_lu(mine: F64, wanted: F64) -> float:
    """Mean distance of the momentary loudness (400 ms) from the reference's, a constant apart."""
    floor = wanted.max() - ENVELOPE_RANGE_DB
    apart = np.maximum(mine, floor) - np.maximum(wanted, floor)
    return float(np.abs(apart - apart.mean()).mean())
