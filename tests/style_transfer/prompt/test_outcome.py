"""Asked against achieved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixer.edits import set_locks
from style_transfer.features import BANDS, Features
from style_transfer.prompt.outcome import Outcome, outcomes
from style_transfer.prompt.understand import understand
from style_transfer.prompt.wishes import Wish, wishes
from tests.prompts_corpus import sessions

SONG = sessions()["band"]
FLAT = Features(
    seconds=10.0,
    loudness_lufs=-20.0,
    loudness_range_lu=5.0,
    true_peak_db=-6.0,
    crest_db=14.0,
    mid_db=(-15.0,) * BANDS,
    side_db=(-30.0,) * BANDS,
    ranges_db=(10.0, 6.0, 3.0),
    width_db=-15.0,
    imbalance=0.0,
)


def wish(text: str) -> Wish:
    return wishes(understand(text, SONG).intents, SONG)[0]


def came(text: str, **changes: object) -> Outcome:
    return outcomes(wish(text), FLAT, replace(FLAT, **changes), SONG)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [1.0, 0.5, 0.0, -1.0])
def test_a_tone_is_measured_by_its_share_of_the_asked_curve(share: float) -> None:
    curve = np.array(wish("warmer guitars").bands_db)
    outcome = came("warmer guitars", mid_db=tuple(-15.0 + 3.0 + share * curve))  # 3 dB louder besides
    assert outcome.share == pytest.approx(share, abs=1e-9)
    assert outcome.met == (share >= 0.5)


def test_a_level_is_measured_against_the_mix() -> None:
    louder = replace(FLAT, loudness_lufs=-17.0)
    both = outcomes(wish("vocals louder"), FLAT, louder, SONG, mix=(FLAT, replace(FLAT, loudness_lufs=-19.0)))[0]
    assert (both.asked, both.achieved, both.unit) == (2.0, 2.0, "LU")
    assert both.met


def test_width_that_shrank_has_gone_the_wrong_way() -> None:
    outcome = came("wider strings", width_db=-16.0)
    assert outcome.share is not None
    assert outcome.share < 0
    assert outcome.reason


def test_a_lock_is_named_as_the_reason() -> None:
    locked = set_locks(SONG, ["strings"], True)
    outcome = outcomes(wish("strings louder"), FLAT, FLAT, locked)[0]
    assert outcome.reason == "strings: locked"


def test_wetness_is_not_claimed() -> None:
    outcome = outcomes(wish("more reverb on the vocals"), FLAT, FLAT, SONG)[0]
    assert outcome.achieved is None
    assert "cannot be measured" in outcome.reason
