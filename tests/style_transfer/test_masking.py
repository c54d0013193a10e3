"""What covers what: tones and noise whose masking can be told beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.edits import put
from mixer.render import sources
from mixer.roles import Group
from mixer.scan import scan
from mixer.session import Session
from style_transfer.analysis import measure_sources
from style_transfer.features import CENTRES_HZ
from style_transfer.masking import Activity, Masking, Part, masking
from tests.signals import RATE, music, sine

PARTS: list[Part] = [(RATE, 3 * RATE)]


def band(hz: float) -> int:
    return CENTRES_HZ.index(min(CENTRES_HZ, key=lambda centre: abs(centre - hz)))


@pytest.fixture
def song(tmp_path: Path) -> Session:
    """A bass, and two voices that meet at 1600 Hz, the second 6 dB lower."""
    audio.write(tmp_path / "Bass.wav", 0.5 * sine(60, 4), RATE)
    audio.write(tmp_path / "LdVox.wav", 0.4 * sine(1600, 4), RATE)
    audio.write(tmp_path / "BGV.wav", 0.2 * sine(1600, 4), RATE)
    return scan(tmp_path).session


def measured(session: Session, folder: Path) -> tuple[Masking, dict[str, int]]:
    found = masking(session, folder, PARTS)
    assert found is not None
    return found, {track.id: index for index, track in enumerate(found.tracks)}


def test_the_louder_of_two_covers_the_other(song: Session, tmp_path: Path) -> None:
    found, row = measured(song, tmp_path)
    at = band(1600)
    # equal tones 6.02 dB apart: one over the other in power
    assert float(found.over_db[row["ldvox"], at]) == pytest.approx(6.02, abs=0.1)
    assert float(found.over_db[row["bgv"], at]) == pytest.approx(-6.02, abs=0.1)
    assert int(found.covered_by[row["bgv"], at]) == row["ldvox"]
    assert int(found.covered_by[row["ldvox"], at]) == row["bgv"]
    assert float(found.over_db[row["bass"], band(60)]) == pytest.approx(40)  # nothing is near it


def test_the_map_follows_the_mix(song: Session, tmp_path: Path) -> None:
    louder = put(song, "bgv.fader.gain_db", {"value": 6.02})
    found, row = measured(louder, tmp_path)
    assert float(found.over_db[row["bgv"], band(1600)]) == pytest.approx(0, abs=0.1)
    muted = put(song, "ldvox.mute", True)
    found, row = measured(muted, tmp_path)
    assert set(row) == {"bass", "bgv"}
    assert float(found.over_db[row["bgv"], band(1600)]) > 25


def test_bands_that_a_track_does_not_fill_are_told(song: Session, tmp_path: Path) -> None:
    found, row = measured(song, tmp_path)
    own = found.own_db[row["ldvox"]]
    assert float(own[band(1600)]) == 0
    assert float(own[band(60)]) < -60


def test_groups_have_their_tone(song: Session, tmp_path: Path) -> None:
    found, _ = measured(song, tmp_path)
    assert set(found.tones) == {Group.BASS, Group.VOCALS}
    assert int(found.tones[Group.VOCALS].mid_db.argmax()) == band(1600)


def test_nothing_to_measure(song: Session, tmp_path: Path) -> None:
    assert masking(song, tmp_path, []) is None
    for track in song.tracks:
        song = put(song, f"{track.id}.mute", True)
    assert masking(song, tmp_path, PARTS) is None


def test_the_parts_are_those_in_which_each_is_heard(tmp_path: Path) -> None:
    late, early = np.zeros((1, 12 * RATE), np.float32), np.zeros((1, 12 * RATE), np.float32)
    early[:, : 3 * RATE], late[:, 9 * RATE :] = music(3, 1, seed=1), music(3, 1, seed=2)
    audio.write(tmp_path / "Kick.wav", early, RATE)
    audio.write(tmp_path / "Rhodes.wav", late, RATE)
    session = scan(tmp_path).session
    activity = Activity(RATE)
    plain = measure_sources(session, sources(session, tmp_path))
    tapped = measure_sources(session, [activity.tapped(source) for source in sources(session, tmp_path)])
    assert tapped.features() == plain.features()
    covered = {second for start, stop in activity.parts() for second in range(start // RATE, stop // RATE)}
    assert {0, 1, 2, 9, 10, 11} <= covered
