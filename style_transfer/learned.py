"""Where the search begins, if the controller has something to say: its estimate in the place of good practice."""

from __future__ import annotations

from style_transfer.controller.estimate import Estimate, estimate
from style_transfer.controller.weights import controller, has_weights
from style_transfer.prepare import Listening
from style_transfer.start import Values
from style_transfer.variant import USUAL, Variant


def learned_start(listening: Listening, start: Values, variant: Variant = USUAL) -> Estimate | None:
    """The controller's estimate; None where it knows nothing better than practice.

    It is asked where a reference speaks for the whole mix, no rough mix has decided anything, and the variant is the
    one that it learnt: good practice as it is.

    Raises:
        ModelError: the weights that came with the package are damaged.
    """
    speak = any(not reference.context.roles for reference in listening.references)
    if not speak or listening.rough is not None or variant != USUAL or not has_weights():
        return None
    heard = listening.desk(start).heard
    return estimate(listening.session, heard, listening.references, start, controller())
