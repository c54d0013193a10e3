"""Whether a listener model hears the mix move towards the words: told beside what was measured, never instead of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["agrees", "disagrees", "cannot tell"]
LEAST_SHIFT = 0.005
"""A shift of the cosine under this is no opinion."""
_SURE = 2.0
"""Times the standard error over the segments."""


class Opinion(BaseModel):
    """What a listener model made of a suggestion."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: Annotated[str, Field(description="Its name.")]
    sha256: Annotated[str, Field(description="Of its weights.")]
    license: Annotated[str, Field(description="Of its weights, as its card says.")]
    text: Annotated[str, Field(description="What it compared with.")]
    anchor: Annotated[str, Field(description="Neutral words, whose likeness is taken off.")]
    before: Annotated[float, Field(description="Likeness to the text less that to the anchor, -2 to 2.")]
    after: float
    verdict: Verdict
    refined: Annotated[bool, Field(description="It moved knobs too; then its agreement proves nothing.")] = False

    @property
    def sentence(self) -> str:
        """For people."""
        if self.refined:
            heard = "refined what the words had moved, so that its agreement proves nothing"
        elif self.verdict == "cannot tell":
            heard = "cannot tell whether the mix moved towards the words"
        else:
            heard = f"{self.verdict} that the mix moved towards the words"
        shift = f"{self.after - self.before:+.3f}"
        model = f"{self.model}, sha256 {self.sha256[:12]}, licence {self.license}"
        return f"a listener model ({model}) {heard} ({shift}); it decides nothing"


def verdict(shifts: Sequence[float]) -> Verdict:
    """From the shift in each segment; where segments differ about it, nobody can tell.

    >>> verdict([0.02, 0.03, 0.025]), verdict([0.02, -0.03, 0.01]), verdict([-0.02, -0.02])
    ('agrees', 'cannot tell', 'disagrees')
    """
    mean = sum(shifts) / len(shifts)
    spread = math.sqrt(sum((shift - mean) ** 2 for shift in shifts) / max(1, len(shifts) - 1) / len(shifts))
    if abs(mean) <= max(LEAST_SHIFT, _SURE * spread):
        return "cannot tell"
    return "agrees" if mean > 0 else "disagrees"
