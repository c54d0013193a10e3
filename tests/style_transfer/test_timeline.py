"""Second by second: correlation of known signals, and the range of a tone that is known to change."""

from __future__ import annotations

import numpy as np
import pytest

from mixer.arrays import F32
from style_transfer.features import CENTRES_HZ
from style_transfer.timeline import Timeline
from tests.signals import RATE, music, sine


def listened(sound: F32, block: int = 10_000) -> Timeline:
    line = Timeline(RATE)
    for start in range(0, sound.shape[1], block):
        line.push(sound[:, start : start + block])
    return line


def test_correlation_of_what_is_known() -> None:
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((2, 3 * RATE)).astype(np.float32) * np.float32(0.1)
    seconds = [noise[:1, :RATE].repeat(2, axis=0), noise[:, RATE : 2 * RATE], np.zeros((2, RATE), np.float32)]
    opposite = noise[:1, 2 * RATE :] * np.array([[1], [-0.5]], np.float32)
    values = listened(np.concatenate([*seconds, opposite], axis=1)).correlation()
    # mono; unrelated noise (a second of it leaves 1/sqrt(44100) = 0.005); silence; one side turned over, at half level
    assert values[[0, 3]] == pytest.approx([1, -1], abs=1e-6)
    assert values[1] == pytest.approx(0, abs=0.03)
    assert np.isnan(values[2])


def test_the_range_spans_what_changes_and_nothing_else() -> None:
    low, high = sine(150, 10), sine(1600, 10)
    swell = np.repeat(np.where(np.arange(10) % 2, 0.1, 0.01), RATE).astype(np.float32)
    tone = listened(np.float32(0.3) * low + np.float32(0.3) * swell * high).tone_range()
    assert tone is not None
    lowest, highest = tone.mid_db
    moving, steady = CENTRES_HZ.index(min(CENTRES_HZ, key=lambda hz: abs(hz - 1600))), 1
    # 20 dB against 150 Hz, beside which it is too soft to move the whole by more than 0.1 dB
    assert highest[moving] - lowest[moving] == pytest.approx(20, abs=0.2)
    assert highest[steady] - lowest[steady] < 0.2


def test_quiet_seconds_do_not_count() -> None:
    loud, hiss = music(4, 2, seed=1), np.float32(1e-3) * np.random.default_rng(2).standard_normal((2, 2 * RATE))
    alone = listened(loud).tone_range()
    faded = listened(np.concatenate([loud, hiss.astype(np.float32)], axis=1)).tone_range()
    assert alone is not None
    assert faded is not None
    np.testing.assert_array_equal(alone.mid_db, faded.mid_db)


def test_how_it_is_cut_does_not_matter() -> None:
    sound = music(3.5, 2, seed=3)
    whole, cut = listened(sound, sound.shape[1]), listened(sound, 777)
    np.testing.assert_array_equal(whole.correlation(), cut.correlation())
    assert len(whole.correlation()) == 3


@pytest.mark.parametrize(("seconds", "count"), [(0.3, 1), (1.0, 1), (0.0, 0)])
def test_short_ones(seconds: float, count: int) -> None:
    line = listened(music(seconds, 1) if seconds else np.zeros((1, 0), np.float32))
    assert len(line.correlation()) == count
    assert (line.tone_range() is None) == (count == 0)


def test_silence_has_no_range() -> None:
    assert listened(np.zeros((2, 3 * RATE), np.float32)).tone_range() is None
