"""Wishes as first moves of the knobs."""

from __future__ import annotations

import math

import pytest

from mixer.edits import set_locks
from mixer.session import Session
from style_transfer.features import band_weights
from style_transfer.listen import Heard, hear
from style_transfer.prompt.strokes import Strokes, strokes
from style_transfer.prompt.tone import tone_curve_db
from style_transfer.prompt.understand import understand
from style_transfer.prompt.wishes import wishes
from style_transfer.start import current_values
from tests.songs import write_song

Material = tuple[Session, list[Heard]]


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("song")
    session = write_song(folder, 4.0)
    return session, hear(session, folder)


def made(text: str, material: Material) -> Strokes:
    session, heard = material
    return strokes(wishes(understand(text, session).intents, session), session, heard)


def test_louder_is_a_fader(material: Material) -> None:
    values = made("vocals louder, kick much quieter", material).values
    assert values["ldvox"]["fader"]["gain_db"] == 2.0
    assert values["kick"]["fader"]["gain_db"] == -3.0


def test_the_whole_mix_is_its_loudness(material: Material) -> None:
    found = made("louder", material)
    assert found.loudness_lu == 2.0
    assert found.values == current_values(material[0])


def test_a_tone_leaves_the_loudness(material: Material) -> None:
    session, heard = material
    track = next(entry for entry in heard if entry.track.id == "gtr")
    values = made("much warmer guitar", material).values["gtr"]
    curve = tone_curve_db(values["equalizer"], session.sample_rate)
    power = (track.power.mid + track.power.side) * band_weights(session.sample_rate)
    moved = 10 * math.log10(float((power * 10 ** (curve / 10)).sum() / power.sum())) + values["fader"]["gain_db"]
    assert abs(moved) < 0.02  # faders are dialled in 0.01 dB
    assert values["equalizer"]["high_gain_db"] < -1


def test_the_tone_of_the_mix_is_on_the_master(material: Material) -> None:
    values = made("brighter mix", material).values
    assert values["master"]["equalizer"]["high_gain_db"] > 1
    assert all(values[track.id] == current_values(material[0])[track.id] for track in material[0].tracks)


def test_a_stereo_track_is_widened_and_a_single_mono_one_refused(material: Material) -> None:
    assert made("wider pad", material).values["pad"]["panner"]["width"] == pytest.approx(1.41, abs=0.01)  # 3 dB
    refused = made("wider guitar", material).refused
    assert len(refused) == 1
    assert "no width of its own" in refused[0].reason


def test_more_reverb_on_the_mix_leaves_kick_and_bass_dry(material: Material) -> None:
    values = made("more reverb", material).values
    assert values["ldvox"]["send"]["level_db"] > -20
    assert values["kick"]["send"]["level_db"] == -60.0
    assert values["bass_di"]["send"]["level_db"] == -60.0


def test_drier_than_dry_is_dry(material: Material) -> None:
    assert made("drier vocals", material).values == current_values(material[0])


def test_punch_lets_the_blow_through(material: Material) -> None:
    compressor = made("punchier kick", material).values["kick"]["compressor"]
    assert compressor["ratio"] == 3.0
    assert compressor["attack_ms"] == 30.0


def test_less_punch_takes_the_peaks(material: Material) -> None:
    compressor = made("less punch on the kick", material).values["kick"]["compressor"]
    assert compressor["ratio"] == 3.0
    assert compressor["attack_ms"] < 5.0


def test_undoing_compression_that_is_not_there_is_refused(material: Material) -> None:
    assert "nothing to undo" in made("less compression on the vocals", material).refused[0].reason


def test_locks_and_keeps_hold(material: Material) -> None:
    session, heard = material
    locked = set_locks(session, ["ldvox"], True)
    assert made("vocals louder and brighter", (locked, heard)).values == current_values(locked)
    kept = made("keep the drums as they are. everything wider. the kick louder", material).values
    assert kept["kick"] == current_values(session)["kick"]


def test_tracks_that_were_not_heard_are_left_alone(material: Material) -> None:
    session, _ = material
    assert made("vocals louder", (session, [])).values == current_values(session)
