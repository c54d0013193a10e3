"""The demo that ships: complete, playable, small, and uneven enough for a mix to have something to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
import soundfile
from scipy.signal import resample_poly

from mixer.roles import Group, role_from_name

Audio = npt.NDArray[np.float64]

RATE = 44_100
DEMO = Path(__file__).parents[1] / "interfaces" / "demo"
STEMS = sorted(path.name for path in (DEMO / "song").glob("*.ogg"))


@pytest.fixture(scope="module")
def stems() -> dict[str, Audio]:
    """Each track as [samples, channels], at the one rate that they all have."""
    read = {name: soundfile.read(DEMO / "song" / name, always_2d=True) for name in STEMS}
    assert {rate for _, rate in read.values()} == {RATE}
    return {name: audio for name, (audio, _) in read.items()}


@pytest.fixture(scope="module")
def reference() -> Audio:
    audio, rate = soundfile.read(DEMO / "reference.ogg", always_2d=True)
    assert rate == RATE
    return np.asarray(audio, dtype=np.float64)


def test_there_are_tracks_of_every_group_and_their_names_say_which() -> None:
    guesses = [role_from_name(Path(name).stem) for name in STEMS]
    roles = [guess.role for guess in guesses if guess is not None]
    assert len(roles) == len(STEMS) >= 8
    assert {role.group for role in roles} == set(Group)
    assert {"kick", "snare", "hats", "bass", "guitar", "keys", "lead_vocal", "backing_vocal"} <= set(map(str, roles))


def test_the_tracks_start_and_end_together(stems: dict[str, Audio]) -> None:
    lengths = [len(audio) for audio in stems.values()]
    assert max(lengths) <= 1.01 * min(lengths)
    assert 30 * RATE <= min(lengths) <= 45 * RATE


def test_no_track_clips_or_is_silent(stems: dict[str, Audio]) -> None:
    for name, audio in stems.items():
        peak_db = 20 * np.log10(np.abs(audio).max())
        # recorded under -3 dBFS; the coder moves a peak by some tenths
        assert -40 < peak_db < -2.5, name


def test_the_levels_are_uneven(stems: dict[str, Audio]) -> None:
    rms_db = [10 * np.log10(np.mean(audio**2)) for audio in stems.values()]
    assert max(rms_db) - min(rms_db) > 10


def test_somebody_always_plays_and_the_chorus_is_fuller(stems: dict[str, Audio]) -> None:
    mono = np.sum([audio.mean(axis=1) for audio in stems.values()], axis=0)
    seconds = mono[: len(mono) // RATE * RATE].reshape(-1, RATE)
    assert np.all(10 * np.log10(np.mean(seconds**2, axis=1)) > -45)
    sounding = np.array([_sounds(audio, 8, 18) for audio in stems.values()])
    assert sounding.sum() < np.sum([_sounds(audio, 21, 36) for audio in stems.values()])


def _sounds(audio: Audio, start_s: int, end_s: int) -> bool:
    return bool(np.abs(audio[start_s * RATE : end_s * RATE]).max() > 1e-3)


def test_the_plain_sum_buries_the_lead_voice(stems: dict[str, Audio]) -> None:
    meter = pyloudnorm.Meter(RATE)
    total = np.sum([np.broadcast_to(audio, (len(audio), 2)) for audio in stems.values()], axis=0)
    lead = next(audio for name, audio in stems.items() if "LdVox" in name)
    below_lu = meter.integrated_loudness(total) - meter.integrated_loudness(np.repeat(lead, 2, axis=1))
    # finished mixes hold the lead some 2 to 8 LU under the whole
    assert below_lu > 8


def test_the_reference_is_a_finished_stereo_mix(reference: Audio) -> None:
    assert 25 * RATE <= len(reference) <= 40 * RATE
    assert reference.shape[1] == 2
    # made at -14 LUFS; Vorbis changes the loudness by less than 0.5 LU
    assert pyloudnorm.Meter(RATE).integrated_loudness(reference) == pytest.approx(-14, abs=0.5)
    assert np.abs(resample_poly(reference, 8, 1, axis=0)).max() < 1
    mid, side = reference.sum(axis=1), reference[:, 0] - reference[:, 1]
    width_db = 10 * np.log10(np.mean(side**2) / np.mean(mid**2))
    assert -18 < width_db < -3


def test_the_demo_is_small_and_the_card_names_every_file() -> None:
    files = [*(DEMO / "song" / name for name in STEMS), DEMO / "reference.ogg"]
    assert sum(path.stat().st_size for path in files) < 3.5e6
    card = (DEMO / "CARD.md").read_text(encoding="utf-8")
    for path in files:
        assert f"`{path.relative_to(DEMO).as_posix()}`" in card
