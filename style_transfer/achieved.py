"""What words asked for against what came of it, measured on the telling segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from mixer.console import add
from style_transfer.features import Features, measure
from style_transfer.prepare import Listening
from style_transfer.prompt.outcome import outcomes
from style_transfer.start import Values, current_values
from style_transfer.suggestion import Achieved


def achieved(listening: Listening, values: Values, mix_after: Features) -> list[Achieved]:
    """One for each aspect of each wish, in the order of the words."""
    now = current_values(listening.session)
    everyone = [track.track.id for track in listening.heard]
    whole = (_features(listening, now, everyone), _features(listening, values, everyone)) if listening.wishes else None
    found = []
    for wish in listening.wishes:
        if wish.place == "mix":
            before, after = listening.mix_before, mix_after
        else:
            before, after = (_features(listening, state, wish.tracks) for state in (now, values))
        found += [
            Achieved(
                words=one.words,
                aspect=one.aspect,
                asked=round(one.asked, 2),
                achieved=None if one.achieved is None or not np.isfinite(one.achieved) else round(one.achieved, 2),
                unit=one.unit,
                met=one.met,
                reason=one.reason,
            )
            for one in outcomes(wish, before, after, listening.session, mix=whole)
        ]
    return found


def _features(listening: Listening, values: Values, tracks: Sequence[str]) -> Features:
    """Of the sum of these tracks through their strips; the master is the whole mix's."""
    desk = listening.desk(values)
    rows = [entry.track.id in tracks for entry in desk.heard]
    table, rate = desk.tensors({}), desk.sample_rate
    with torch.no_grad():
        heard = [add(desk.posts(segment, table)[rows]) for segment in listening.segments]
    return measure([np.ascontiguousarray(part.numpy()) for part in heard], rate)
