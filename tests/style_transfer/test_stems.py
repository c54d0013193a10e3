"""What a reference's stems say: true stems all of it, separated ones what is known of their separator."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.arrays import F32
from mixer.errors import AudioError, UsageError
from mixer.loudness import integrated_loudness
from mixer.roles import Group
from separation.registry import DEFAULT, about_separator
from style_transfer.features import BANDS, CENTRES_HZ
from style_transfer.stems import Presence, ReferenceStems, hear_stems, stems_note
from style_transfer.stems.calibration import calibration
from style_transfer.stems.hear import say
from style_transfer.stems.heard import StemHeard, StemsMeasurement
from tests.songs import RATE, stems

KNOWN = f"{DEFAULT} {about_separator(DEFAULT).version}"


def groups(seconds: float = 6.0) -> dict[Group, F32]:
    """The small song's tracks as four stems ``[2, time]``, the rest to the left."""
    tracks = {name: np.array(np.broadcast_to(t, (2, t.shape[1]))) for name, t in stems(seconds).items()}
    names = list(tracks)
    made = {
        Group.DRUMS: sum((tracks[name] for name in names[:3]), np.zeros((2, 1), np.float32)),
        Group.BASS: tracks[names[3]],
        Group.OTHER: (tracks[names[4]] + tracks[names[5]]) * np.array([[1], [0.25]], np.float32),
        Group.VOCALS: tracks[names[6]],
    }
    return {group: np.ascontiguousarray(stem, np.float32) for group, stem in made.items()}


def written(
    folder: Path, parts: dict[Group, F32], separator: str | None = None, start_s: float = 0.0
) -> ReferenceStems:
    folder.mkdir(exist_ok=True)
    for group, stem in parts.items():
        audio.write(folder / f"{group.value}.wav", stem, RATE, depth="float")
    return ReferenceStems({group: folder / f"{group.value}.wav" for group in parts}, separator, start_s)


def test_true_stems_say_what_they_measure(tmp_path: Path) -> None:
    parts = groups()
    mix = np.asarray(sum(parts.values()), np.float32)
    said = {next(iter(one.groups)): one for one in hear_stems(written(tmp_path, parts), None, RATE)}
    assert set(said) == set(Group)
    for group, stem in parts.items():
        truth = integrated_loudness(stem, RATE) - integrated_loudness(mix, RATE)
        level = said[group].level_lu
        assert level == pytest.approx(truth, abs=1e-3)
        assert said[group].presence is Presence.PRESENT
        bands = np.array(said[group].tone_db)
        assert said[group].owned == tuple((bands > bands.max() - 30).tolist())  # all that it has is its own
    left = said[Group.OTHER].imbalance
    assert left == pytest.approx((0.25**2 - 1) / (0.25**2 + 1), abs=0.1)  # noise of the pad differs by side
    assert said[Group.BASS].imbalance == pytest.approx(0, abs=1e-6)
    assert said[Group.BASS].width_db == pytest.approx(-30, abs=0.1)  # mono, at the floor
    tone = said[Group.BASS].tone_db
    assert tone is not None
    assert CENTRES_HZ[int(np.argmax(tone))] < 150  # a note at 82 Hz


def test_level_does_not_matter_and_a_missing_group_is_absent(tmp_path: Path) -> None:
    parts = groups()
    del parts[Group.VOCALS]
    said = hear_stems(written(tmp_path / "a", parts), None, RATE)
    quieter = {group: stem * np.float32(0.1) for group, stem in parts.items()}
    softer = hear_stems(written(tmp_path / "b", quieter), None, RATE)
    for one, other in zip(said, softer, strict=True):
        if Group.VOCALS in one.groups:
            assert (one.presence, one.level_lu, one.tone_db) == (Presence.ABSENT, None, None)
        else:
            assert one.level_lu == pytest.approx(other.level_lu, abs=0.02)  # the gate at -70 LUFS


def test_a_segment_is_counted_from_the_start_of_the_reference(tmp_path: Path) -> None:
    parts = groups(8.0)
    parts[Group.VOCALS][:, : 4 * RATE] = 0  # nobody sings in the first half
    whole = written(tmp_path / "whole", parts)
    late = written(tmp_path / "late", {g: stem[:, 2 * RATE :] for g, stem in parts.items()}, start_s=2.0)
    for span, presence in (((2.5, 4.0), Presence.ABSENT), ((4.5, 8.0), Presence.PRESENT)):
        one, other = (hear_stems(each, span, RATE) for each in (whole, late))
        assert [x.level_lu for x in one] == pytest.approx([x.level_lu for x in other], abs=0.01)
        assert next(x.presence for x in one if Group.VOCALS in x.groups) is presence
    with pytest.raises(UsageError, match=r"the stems hold 2-8 s of the reference, not 0-3 s"):
        hear_stems(late, (0.0, 3.0), RATE)


def test_silence_says_nothing(tmp_path: Path) -> None:
    silence = written(tmp_path, {group: np.zeros((2, 2 * RATE), np.float32) for group in Group})
    with pytest.raises(AudioError, match="silent"):
        hear_stems(silence, None, RATE)


def test_measuring_does_not_depend_on_where_files_are_cut() -> None:
    together = np.stack([groups(8.0)[group] for group in Group])
    whole, pieces = StemsMeasurement(RATE), StemsMeasurement(RATE)
    whole.push(together)
    for at in range(0, 8 * RATE, 2 * RATE):
        pieces.push(together[..., at : at + 2 * RATE])
    for one, other in zip(whole.heard("").values(), pieces.heard("").values(), strict=True):
        assert one.loudness_lu == pytest.approx(other.loudness_lu, abs=1e-6)
        assert one.share == pytest.approx(other.share, abs=0.1)  # frames over the cuts are left out
        level = 10 * math.log10(float(one.power.mid.sum() / other.power.mid.sum()))
        assert level == pytest.approx(0, abs=0.3)


def heard_as(loudness_lu: float, share: float, clearness: float) -> dict[Group, StemHeard]:
    """A vocal that reads so; its sound does not matter here."""
    measured = StemsMeasurement(RATE)
    measured.push(np.stack([groups(2.0)[group] for group in Group]))
    one = measured.heard("")[Group.VOCALS]
    return {Group.VOCALS: StemHeard(loudness_lu, one.power, one.own_share, share, clearness)}


def test_separated_stems_are_corrected_and_unsure_ones_say_less() -> None:
    clear, faint, gone = (say(heard_as(-12.0, *how), KNOWN, RATE)[0] for how in ((0.5, 0.9), (0.1, 0.2), (0.01, 0.02)))
    assert (clear.presence, faint.presence, gone.presence) == (Presence.PRESENT, Presence.UNSURE, Presence.ABSENT)
    assert clear.level_lu is not None
    assert -12.0 < clear.level_lu < -10.0  # a voice is under-read, and by about one LU
    assert faint.level_tolerance_lu > clear.level_tolerance_lu
    assert gone.level_lu is None


def test_louder_is_never_said_to_be_softer() -> None:
    for known in (calibration(KNOWN), calibration("new 1")):
        for group in known.groups.values():
            levels = [said[0] for heard in np.arange(-30, 0.5, 0.5) if (said := group.level_lu(heard)) is not None]
            assert np.diff(levels).min(initial=1) > 0
            assert max(levels, default=0) <= 0.5  # no group is louder than the mix by more than the gates of loudness


def test_a_separator_that_nobody_measured_is_trusted_less(tmp_path: Path) -> None:
    unknown, own = (written(tmp_path, groups(2.0), who) for who in ("new 1", None))
    assert "new was never measured" in (stems_note(unknown) or "")
    assert stems_note(own) is None
    assert stems_note(ReferenceStems({}, KNOWN)) is None
    for group, known in calibration(KNOWN).groups.items():
        wide = calibration("new 1").groups[group].level_lu(-8.0)
        narrow = known.level_lu(-8.0)
        assert wide is not None
        assert narrow is not None
        assert wide[1] > narrow[1]


def test_a_group_owns_the_bands_where_it_is_alone() -> None:
    time = np.arange(3 * RATE) / RATE
    low, high = (np.tile(0.2 * np.sin(2 * np.pi * hz * time), (2, 1)).astype(np.float32) for hz in (60.0, 5000.0))
    noise = np.random.default_rng(0).standard_normal((2, len(time))).astype(np.float32)
    together = np.zeros((len(Group), 2, len(time)), np.float32)
    together[list(Group).index(Group.BASS)] = low
    together[list(Group).index(Group.DRUMS)] = high
    together[list(Group).index(Group.OTHER)] = 1e-3 * noise
    measured = StemsMeasurement(RATE)
    measured.push(together)
    heard = measured.heard("")
    bands = np.arange(BANDS)
    at = {hz: int(np.argmin(abs(np.log(np.array(CENTRES_HZ) / hz)))) for hz in (60.0, 5000.0)}
    assert at[60.0] in bands[heard[Group.BASS].own_share > 0.9]
    assert max(bands[heard[Group.BASS].own_share > 0.5]) < 4  # as far as the window's side lobes reach over the noise
    assert heard[Group.DRUMS].own_share[at[5000.0]] > 0.9
    assert heard[Group.OTHER].own_share[at[60.0]] < 0.5
    assert heard[Group.OTHER].own_share[12] > 0.9
