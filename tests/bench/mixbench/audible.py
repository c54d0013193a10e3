"""Whether what could be heard can still be heard. A track counts as audible where it holds its own in some band."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixer.arrays import F32, F64
from mixer.roles import Group
from tests.bench.mixbench.listening import Outcome, best_shares_db, levels_lu
from tests.bench.mixbench.songs import Multitrack

AUDIBLE_DB = -12.0
"""Share of the power in its best band from which a track counts as audible in the plain sum."""
BURIED_DB = -20.0
SUNK_DB = 12.0


class Audibility:
    """What is audible in the plain sum of a song, and how its groups stand to one another there."""

    def __init__(self, song: Multitrack) -> None:
        plain = song.stereo()
        self._groups = song.groups
        self._before = best_shares_db(plain)
        self._against_rest = self._rest_lu({group: plain[song.rows(group)].sum(0) for group in song.groups})

    def lost(self, tracks: F32, shares_of_truth_db: F64 | None = None) -> npt.NDArray[np.bool_]:
        """Which tracks were audible in the plain sum and are inaudible in ``[tracks, 2, time]``.

        Lost is what fell by more than 12 dB in its best band, and there lies under -20 dB. Where the truth is known,
        what the reference buries itself is not held against the system.
        """
        lost = self._buried(best_shares_db(tracks))
        return lost if shares_of_truth_db is None else lost & ~self._buried(shares_of_truth_db)

    def _buried(self, now_db: F64) -> npt.NDArray[np.bool_]:
        return (self._before > AUDIBLE_DB) & (now_db < np.maximum(BURIED_DB, self._before - SUNK_DB))

    def deepest_fall_lu(self, outcome: Outcome) -> float:
        """How far the group that fell most did so against the rest, compared with the plain sum."""
        return float(np.max(self._against_rest - self._rest_lu(outcome.groups), initial=0.0))

    def _rest_lu(self, groups: Mapping[Group, F32]) -> F64:
        """Loudness of each group against all others; nothing where there is only one."""
        if len(self._groups) < 2:
            return np.zeros(0)
        whole = np.sum([groups[group] for group in self._groups], axis=0)
        return np.concatenate([levels_lu([groups[group]], whole - groups[group]) for group in self._groups])
