"""Recorded drums are struck when and as hard as the notes say, and every style has the drums that it plays."""

import tomllib
from typing import Any

import make_pattern_songs
import numpy as np
import pytest
from corpus_manifest import RATE
from make_demo_score import Note
from one_shots import DAMPED_S, KITS, Kit

KIT_NOTES: dict[str, dict[str, list[str]]] = tomllib.loads(KITS.read_text(encoding="utf-8"))
PATTERNS: dict[str, Any] = tomllib.loads(make_pattern_songs.STYLES.read_text(encoding="utf-8"))


def _kit() -> Kit:
    """A soft and a hard snare of other heights, and hats that ring for a second."""
    soft, hard = np.full((1, 100), 0.1, np.float32), np.full((1, 100), 1.0, np.float32)
    return Kit("test", {38: (soft, hard), 42: (np.ones((1, RATE), np.float32),), 46: (np.ones((2, RATE), np.float32),)})


def test_strokes_are_where_the_notes_are_and_hard_ones_are_other_recordings() -> None:
    track = _kit().play([Note(0.5, 0.1, 38, 60), Note(1.0, 0.1, 38, 120), Note(1.9999, 0.1, 38, 120)], 2.0)
    assert track.shape == (2, 2 * RATE)
    assert not track[:, : RATE // 2].any()
    assert not track[:, RATE // 2 + 100 : RATE].any()
    soft, hard = track[0, RATE // 2], track[0, RATE]
    assert soft == pytest.approx(0.1 * (60 / 127) ** 1.5)
    assert hard == pytest.approx((120 / 127) ** 1.5)


def test_a_stroke_of_the_hats_ends_the_one_before() -> None:
    track = _kit().play([Note(0.0, 0.1, 46, 127), Note(0.5, 0.1, 42, 127)], 2.0)
    assert track[0, round(0.4 * RATE)] == pytest.approx(1.0)
    assert track[0, round((0.5 + DAMPED_S) * RATE) + 2] == pytest.approx(1.0)  # only the closed hat is left
    alone = _kit().play([Note(0.0, 0.1, 46, 127), Note(0.5, 0.1, 38, 127)], 2.0)
    assert alone[0, round(0.9 * RATE)] == pytest.approx(1.0)  # a snare leaves them alone


@pytest.mark.parametrize("style", sorted(style for style, table in PATTERNS.items() if "kit" in table))
def test_styles_strike_drums_that_their_kit_has(style: str) -> None:
    table = PATTERNS[style]
    struck = {note for part in table["parts"] for note in part.get("drums", {})}
    assert struck
    assert struck <= set(KIT_NOTES[table["kit"]])


def test_no_loop_is_used() -> None:
    """Where some loops come from is doubtful; strokes alone were given away by who recorded them."""
    assert not [name for notes in KIT_NOTES.values() for names in notes.values() for name in names if "loop" in name]
