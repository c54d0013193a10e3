"""How sure a mean is, and whether one system truly beats another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import wilcoxon

DRAWS = 2000
SEED = 7


def interval(values: Sequence[float], songs: Sequence[str]) -> tuple[float, float]:
    """Bootstrap 95 % interval of the mean: songs are drawn, then cases of each, since cases of a song are alike.

    >>> interval([2.0, 2.0, 2.0], ["a", "a", "b"])
    (2.0, 2.0)
    """
    rng = np.random.default_rng(SEED)
    by_song = [np.array([v for v, s in zip(values, songs, strict=True) if s == song]) for song in sorted(set(songs))]
    means = np.empty(DRAWS)
    for draw in range(DRAWS):
        picked = [by_song[index] for index in rng.integers(0, len(by_song), len(by_song))]
        means[draw] = np.concatenate([rng.choice(some, len(some)) for some in picked]).mean()
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def paired_p(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Wilcoxon's signed-rank test over the same cases, two-sided: how likely such differences are by chance.

    >>> paired_p([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    """
    apart = np.subtract(ours, theirs)
    return float(wilcoxon(apart).pvalue) if np.any(apart) else 1.0
