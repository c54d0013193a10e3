"""How far balances leave practice: in the examples that the controller learnt from, and in mixes that people make."""

from __future__ import annotations

import math

from torch import Tensor

GROUP_SIGMA_DB, TRACK_SIGMA_DB = 3.5, 3.0
"""Of the faders in the examples, around practice: of whole stem groups, and of each track beside that. Wider than mixes
are, so that the controller hears what a reference has rather than what is usual."""
DRAWN_SIGMA_LU = math.hypot(GROUP_SIGMA_DB, TRACK_SIGMA_DB)


def with_prior(offset_lu: Tensor, sigma_lu: Tensor, usual_sigma_lu: Tensor) -> tuple[Tensor, Tensor]:
    """What is thought of levels where mixes are known to leave practice by less than the examples did.

    All are normal around practice: what was learnt is the product of the examples' spread and of what was heard, and
    the first factor is exchanged for the spread of mixes.

    Args:
        offset_lu: what was learnt, from practice; sigma_lu: how sure that is.
        usual_sigma_lu: how far mixes leave practice.

    Returns:
        Offset and standard deviation, between practice and what was learnt.

    >>> import torch
    >>> offset, sigma = with_prior(torch.tensor(3.0), torch.tensor(2.2), torch.tensor(2.5))
    >>> round(float(offset), 2), round(float(sigma), 2)
    (1.94, 1.77)
    """
    learnt = 1 / sigma_lu.square()
    heard = (learnt - 1 / DRAWN_SIGMA_LU**2).clamp(min=0)
    precision = heard + 1 / usual_sigma_lu.square()
    return offset_lu * (learnt / precision).clamp(max=1), precision.rsqrt()
