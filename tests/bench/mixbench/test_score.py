"""The score cannot be cheated, and the check that says so can fail."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mixer.loudness import integrated_loudness
from tests.bench.mixbench.baselines import ADVERSARIES, matched, plain_sum, pseudo_stereo
from tests.bench.mixbench.engine import Finish, Taste, drawn_recipe, mixed
from tests.bench.mixbench.foreign import ForeignJudge
from tests.bench.mixbench.listening import Spectra, at_loudness, band_errors_db
from tests.bench.mixbench.material import small_song
from tests.bench.mixbench.paired import PairedJudge
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.score import PLAIN, ScoreIsCheatedError, check_adversaries, mean_ranks, score
from tests.bench.mixbench.statistics import interval, paired_p
from tests.signals import difference_db

SEEDS = (1, 2)


@cache
def measured() -> dict[str, list[dict[str, float]]]:
    """The plain sum and the adversaries on references of both tastes, paired and as if of another song."""
    song, rows = small_song(), dict[str, list[dict[str, float]]]()
    for seed, taste in zip(SEEDS, Taste, strict=True):
        truth = mixed(song, drawn_recipe(song, taste, seed), Finish.CLEAN)
        judges = (PairedJudge(song, truth), ForeignJudge(song, truth.audio, truth.groups))
        for name, make in {PLAIN: plain_sum, **ADVERSARIES}.items():
            outcome = make(song, truth.audio)
            rows.setdefault(name, []).extend(judge.figures(outcome) for judge in judges)
    return rows


def test_every_adversary_ranks_below_the_plain_sum() -> None:
    scores = {name: [score(figures) for figures in rows] for name, rows in measured().items()}
    check_adversaries(scores, list(ADVERSARIES))
    for name in ADVERSARIES:
        assert all(theirs > plain for theirs, plain in zip(scores[name], scores[PLAIN], strict=True)), name


def test_a_score_of_the_mixture_alone_fails_the_check() -> None:
    # the literature's way: what the mixture sounds like, and nothing of what is in it
    scores = {name: [figures["mid_db"] + figures["side_db"] for figures in rows] for name, rows in measured().items()}
    with pytest.raises(ScoreIsCheatedError, match="vocals muted"):
        check_adversaries(scores, [name for name in ADVERSARIES if "vocals" in name])


@pytest.mark.parametrize("blind", ["group_rms_lu", "lost"])
def test_each_part_of_the_score_holds_an_adversary_off_by_itself(blind: str) -> None:
    scores = {name: [score(figures | {blind: 0.0}) for figures in rows] for name, rows in measured().items()}
    check_adversaries(scores, [name for name in ADVERSARIES if "drums" in name])


def test_the_check_fails_on_a_better_mean_and_on_a_better_rank() -> None:
    with pytest.raises(ScoreIsCheatedError):
        check_adversaries({PLAIN: [3.0, 3.0], "cheat": [2.0, 2.0]}, ["cheat"])
    with pytest.raises(ScoreIsCheatedError):  # one absurd case does not hide two lost ones
        check_adversaries({PLAIN: [3.0, 3.0, 3.0], "cheat": [2.0, 2.0, 99.0]}, ["cheat"])
    with pytest.raises(ScoreIsCheatedError):
        check_adversaries({PLAIN: [3.0, 3.0, 90.0], "cheat": [4.0, 4.0, 5.0]}, ["cheat"])
    check_adversaries({PLAIN: [3.0, 3.0], "cheat": [4.0, 5.0]}, ["cheat"])


def test_ranks_start_at_one_and_ties_share() -> None:
    assert mean_ranks({"a": [1.0, 1.0], "b": [2.0, 1.0], "c": [3.0, 3.0]}) == {"a": 1.25, "b": 1.75, "c": 3.0}


def test_the_master_match_of_the_adversaries_is_a_good_one() -> None:
    # a feeble adversary would prove nothing
    song = small_song()
    truth = mixed(song, drawn_recipe(song, Taste.PLAUSIBLE, 1), Finish.CLEAN)
    wide, level = pseudo_stereo(song.stereo()), integrated_loudness(truth.audio, RATE)
    before, after = (
        band_errors_db(Spectra.of(at_loudness(tracks.sum(axis=0), level)), Spectra.of(truth.audio))
        for tracks in (wide, matched(wide, truth.audio))
    )
    # what is left lies in bands where the tones of this song leave nothing to equalise
    assert after[0] < before[0] / 2
    assert after[1] < before[1] / 2


def test_pseudo_stereo_widens_and_is_unheard_in_mono() -> None:
    mono = np.repeat(small_song().stereo()[:1, :1], 2, axis=1)
    wide = pseudo_stereo(mono)[0]
    assert difference_db(wide.mean(axis=0), mono[0, 0]) < -120
    assert difference_db(wide[0] - wide[1], 2 * 0.7 * mono[0, 0]) < 6  # the side is a delayed copy of the mid


def test_an_interval_is_as_wide_as_the_songs_differ() -> None:
    alike = interval([1.0, 1.1, 0.9, 1.0], ["a", "a", "b", "b"])
    apart = interval([1.0, 1.1, 2.9, 3.0], ["a", "a", "b", "b"])
    assert alike[0] <= 1.0 <= alike[1] < alike[0] + 0.3
    assert apart[0] < 1.2
    assert apart[1] > 2.8


def test_the_paired_test_tells_a_habit_from_chance() -> None:
    rng = np.random.default_rng(1)
    ours = rng.uniform(0, 5, 20)
    assert paired_p(ours.tolist(), (ours + rng.uniform(0.1, 0.5, 20)).tolist()) < 1e-4
    assert paired_p(ours.tolist(), (ours + rng.normal(0, 1, 20)).tolist()) > 0.01
