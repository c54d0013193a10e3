"""One number for a mix, which cannot be cheated, and the check that it cannot.

A score over the mixture alone ranks a song with its voice muted and its master matched above an honest mix. So the
balance of the stem groups counts as much as the mixture's sound, by root mean square, so that one group given away is
not made up for by three that are right; and every audible track that is lost costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

LOST_COST = 20.0
"""What losing every audible track costs, in the score's decibels."""
PLAIN = "plain sum"


def score(figures: Mapping[str, float]) -> float:
    """Decibels away from right: mixture, balance of groups (and of tracks, where it is known), and what was lost."""
    if "spectral_db" in figures:
        sound, tracks = figures["spectral_db"], figures["track_lu"]
    else:
        sound, tracks = (figures["mid_db"] + figures["side_db"]) / 2, 0.0
    return sound + tracks + figures["group_rms_lu"] + LOST_COST * figures["lost"]


class ScoreIsCheatedError(AssertionError):
    """The benchmark's own score ranks an adversary above the plain sum: none of its ranks mean anything."""


def mean_ranks(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """System -> its mean rank over the cases, 1 for the best; all have a score for each case, ties share."""
    table = np.array(list(scores.values()))  # [systems, cases]
    below = (table[:, None] > table[None]).sum(axis=1)
    level = (table[:, None] == table[None]).sum(axis=1)
    return dict(zip(scores, (below + (level + 1) / 2).mean(axis=1).tolist(), strict=True))


def check_adversaries(scores: Mapping[str, Sequence[float]], adversaries: Sequence[str]) -> None:
    """Every adversary ranks below the plain sum: by its mean score and by its mean rank.

    Raises:
        ScoreIsCheatedError: one does not.
    """
    ranks = mean_ranks(scores)
    plain = float(np.mean(scores[PLAIN]))
    for name in adversaries:
        theirs = float(np.mean(scores[name]))
        if theirs <= plain or ranks[name] <= ranks[PLAIN]:
            raise ScoreIsCheatedError(
                f"{name!r} scores {theirs:.2f} (rank {ranks[name]:.1f}), the plain sum {plain:.2f} "
                f"(rank {ranks[PLAIN]:.1f}): the score can be cheated"
            )
