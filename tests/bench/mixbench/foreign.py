"""A mix of another song as the reference: its true stem groups are kept by the benchmark, the system hears what it may.

Only the common part can be compared: the groups that both songs have, against the sum of their powers. What only one
song has should keep the ratio to the rest that it has in the plain sum.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mixer.arrays import F32, F64
from mixer.loudness import integrated_loudness
from mixer.roles import Group
from tests.bench.mixbench.audible import Audibility
from tests.bench.mixbench.listening import (
    QUIET_LU,
    Outcome,
    Spectra,
    at_loudness,
    band_errors_db,
    levels_lu,
    meter,
)
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.songs import Multitrack

PRESENT_LU = -30.0
"""A group of the reference below this counts as absent."""


class ForeignJudge:
    """Holds what is measured of a song and a reference once; ``truth`` are the reference's groups, where known."""

    def __init__(self, song: Multitrack, reference: F32, truth: Mapping[Group, F32] | None) -> None:
        self._song = song
        self._lufs = integrated_loudness(reference, RATE)
        self._spectra, self._meter = Spectra.of(reference), meter(reference)
        self._audibility = Audibility(song)
        self._common: list[Group] = []
        self._wanted = self._before = np.zeros(0)
        if truth is not None:
            present = dict(zip(truth, levels_lu(list(truth.values()), reference), strict=True))
            self._common = [group for group in song.groups if present.get(group, QUIET_LU) > PRESENT_LU]
            plain = song.stereo()
            self._wanted = self._shares_lu(truth)
            self._before = self._alone_lu({group: plain[song.rows(group)].sum(0) for group in song.groups})

    def figures(self, outcome: Outcome) -> dict[str, float]:
        """Tone, density, and whether everything is still there; with a truth, the balance of the groups too."""
        spectra = Spectra.of(at_loudness(outcome.mix, self._lufs))
        mid_db, side_db = band_errors_db(spectra, self._spectra)
        now, then = meter(outcome.mix), self._meter
        return self._balance(outcome.groups) | {
            "mid_db": mid_db,
            "side_db": side_db,
            "crest_db": abs((now.true_peak_db - now.integrated) - (then.true_peak_db - then.integrated)),
            "lost": float(self._audibility.lost(outcome.tracks).mean()),
            "fall_lu": self._audibility.deepest_fall_lu(outcome),
        }

    def _balance(self, groups: Mapping[Group, F32]) -> dict[str, float]:
        """Errors of the common groups, in all and each; and how far moved what only the song has."""
        if not self._common:
            return {}
        errors = np.abs(self._shares_lu(groups) - self._wanted)
        moves = np.abs(self._alone_lu(groups) - self._before)
        figures = {f"{group}_lu": float(error) for group, error in zip(self._common, errors, strict=True)}
        figures["group_lu"] = float(errors.mean())
        figures["group_rms_lu"] = float(np.sqrt(np.square(np.concatenate([errors, moves])).mean()))
        return figures | ({"alone_lu": float(moves.mean())} if len(moves) else {})

    def _shares_lu(self, groups: Mapping[Group, F32]) -> F64:
        """Loudness of each common group against the sum of their powers.

        Not against the loudness of their sum: how far that lies above its parts depends on how they overlap in time,
        which belongs to a song; no balance can change it.
        """
        parts = [groups[group] for group in self._common]
        if not parts:
            return np.zeros(0)
        levels = levels_lu(parts, np.sum(parts, axis=0))
        return np.asarray(levels - 10 * np.log10((10 ** (levels / 10)).sum()))

    def _alone_lu(self, groups: Mapping[Group, F32]) -> F64:
        """Loudness of each group that only the song has against the sum of the common ones."""
        alone = [groups[group] for group in self._song.groups if group not in self._common]
        common = [groups[group] for group in self._common]
        return levels_lu(alone, np.sum(common, axis=0)) if alone and common else np.zeros(0)
