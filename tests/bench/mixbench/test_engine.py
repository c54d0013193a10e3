"""The other engine: seeded, honest about its truth, and truly another one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mixer import audio
from mixer.arrays import F32
from mixer.loudness import integrated_loudness, true_peak_db
from mixer.processor import find
from tests.bench.mixbench.effects import compressed, placed, room
from tests.bench.mixbench.engine import CEILING_DB, LOUD_LUFS, Finish, Mix, Taste, drawn_recipe, mixed
from tests.bench.mixbench.material import small_song
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.references import LEAD_IN_S, written
from tests.signals import difference_db, rms_db, sine


def made(taste: Taste, finish: Finish, seed: int = 1) -> Mix:
    return mixed(small_song(), drawn_recipe(small_song(), taste, seed), finish)


def test_a_seed_makes_the_same_mix_and_another_seed_another() -> None:
    first, again, other = (made(Taste.WILD, Finish.LIMITED, seed).audio for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert difference_db(other, first) > -10


@pytest.mark.parametrize("finish", [Finish.CLEAN, Finish.LIMITED])
@pytest.mark.parametrize("taste", Taste)
def test_the_groups_add_up_to_the_mix_and_the_tracks_to_the_dry_one(taste: Taste, finish: Finish) -> None:
    mix = made(taste, finish)
    # float32 sums in another order
    assert difference_db(np.sum(list(mix.groups.values()), axis=0), mix.audio) < -110
    assert difference_db(mix.tracks.sum(axis=0), mix.dry) < -110
    assert set(mix.groups) == set(small_song().groups)


def test_a_limited_mix_is_loud_and_holds_its_ceiling() -> None:
    clean, limited = made(Taste.PLAUSIBLE, Finish.CLEAN).audio, made(Taste.PLAUSIBLE, Finish.LIMITED).audio
    assert abs(integrated_loudness(limited, RATE) - LOUD_LUFS) < 0.5
    assert true_peak_db(limited) < CEILING_DB + 0.3  # its window smooths over some of the look-ahead
    crest = [true_peak_db(x) - integrated_loudness(x, RATE) for x in (clean, limited)]
    assert crest[1] < crest[0] - 2


def test_the_same_reverb_with_other_noise_changes_the_wet_sound_alone() -> None:
    song, recipe = small_song(), drawn_recipe(small_song(), Taste.PLAUSIBLE, 1)
    again = recipe.__class__(**{name: getattr(recipe, name) for name in recipe.__slots__} | {"again": True})
    first, second = (mixed(song, some, Finish.CLEAN) for some in (recipe, again))
    level = integrated_loudness(first.audio, RATE) - integrated_loudness(second.audio, RATE)
    assert difference_db(second.tracks * 10 ** (level / 20), first.tracks) < -40
    wet = first.audio - first.dry
    assert -6 < difference_db(second.audio - second.dry, wet) < 6  # unlike noise: the difference has twice the power


@pytest.mark.parametrize("finish", [Finish.OGG, Finish.MP3])
def test_a_coded_reference_begins_late_and_sounds_the_same(finish: Finish, tmp_path: Path) -> None:
    mix = made(Taste.PLAUSIBLE, finish).audio
    heard, rate = audio.read(written(mix, finish, tmp_path), RATE)
    lead = round((LEAD_IN_S - 0.02) * RATE)  # a coder spreads the first sound over its window
    assert rms_db(heard[:, :lead]) < -60
    assert heard.shape[1] >= mix.shape[1] + lead
    assert abs(integrated_loudness(heard, rate) - integrated_loudness(mix, RATE)) < 0.3


def test_the_compressors_are_of_other_laws_than_the_console_s() -> None:
    rng = np.random.default_rng(3)
    bursts = (rng.standard_normal((1, 2 * RATE)) * (0.02 + 0.3 * (np.arange(2 * RATE) % 22050 < 4000))).astype(
        np.float32
    )
    knobs = {"threshold_db": -24.0, "ratio": 4.0, "attack_ms": 10.0, "release_ms": 120.0}
    with torch.no_grad():
        ours = find("compressor")(torch.from_numpy(bursts)[None], RATE, **knobs)[0].numpy()
    for rms in (True, False):
        theirs = compressed(bursts, -24.0, 4.0, 10.0, 120.0, rms=rms)
        assert difference_db(at_power(theirs, ours), ours) > -30  # 1 dB of envelope is a difference of -19 dB


def at_power(x: F32, wanted: F32) -> F32:
    return x * np.float32(np.sqrt(np.square(wanted).mean() / np.square(x).mean()))


def test_the_power_compressor_turns_a_tone_down_by_its_ratio() -> None:
    tone = sine(500, 1.0, 10 ** (-6 / 20))
    down = compressed(tone, -18.0, 4.0, 10.0, 100.0, rms=True)
    assert rms_db(down[:, RATE // 2 :]) - rms_db(tone) == pytest.approx(-12 * 0.75, abs=0.3)  # 12 dB over, 3/4 taken


def test_the_room_decays_by_sixty_decibels_in_its_time() -> None:
    click = np.zeros((2, 2 * RATE), np.float32)
    click[:, 0] = 1
    tail = room(click, 1, 1.0, 0.0)
    assert rms_db(tail) - rms_db(click) == pytest.approx(0, abs=0.1)
    early, late = (rms_db(tail[:, round(s * RATE) : round((s + 0.1) * RATE)]) for s in (0.1, 0.6))
    assert early - late == pytest.approx(30, abs=7)  # and it gets darker, which takes some more


def test_the_pan_law_is_three_decibels_down_in_the_middle() -> None:
    tone = sine(500, 0.5)
    middle, left = placed(tone, 0.0, 1.0), placed(tone, -1.0, 1.0)
    assert rms_db(middle[0]) - rms_db(tone[0]) == pytest.approx(-3.01, abs=0.01)
    assert rms_db(left[0]) == pytest.approx(rms_db(tone[0]), abs=0.01)
    assert rms_db(left[1]) < -100
