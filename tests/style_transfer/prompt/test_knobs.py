"""Knob talk becomes exactly the edits that it names."""

from __future__ import annotations

import pytest

from mixer.edits import apply, set_locks
from mixer.session import Session
from style_transfer.prompt.knobs import knob_edits
from style_transfer.prompt.understand import understand
from tests.prompts_corpus import sessions

SONG = sessions()["band"]


def after(text: str, song: Session = SONG) -> Session:
    return apply(song, knob_edits(understand(text, song), song).edits, "prompt", text)


@pytest.mark.parametrize(
    ("text", "address", "value"),
    [
        ("vocals up 2 dB", "bgv1.fader.gain_db", 2.0),
        ("drop the Rhodes by 4 dB", "rhodes.fader.gain_db", -4.0),
        ("make the snare 50% louder", "snare.fader.gain_db", 3.52),  # 20 log10 of 1.5
        ("pan guitar 2 hard left", "gtr2.panner.pan", -1.0),
        ("pan the sax 40% right", "sax.panner.pan", 0.4),
        ("piano to the centre", "piano.panner.pan", 0.0),
        ("compress the vocals 4:1", "ldvox.compressor.ratio", 4.0),
        ("2:1 on the mix bus", "master.compressor.ratio", 2.0),
        ("high-pass the guitars at 100 Hz", "acgtr.equalizer.highpass_hz", 100.0),
        ("roll off everything below 40 Hz", "master.equalizer.highpass_hz", 40.0),
        ("add a high shelf of 3 dB at 10 kHz on the master", "master.equalizer.high_gain_db", 3.0),
        ("add a high shelf of 3 dB at 10 kHz on the master", "master.equalizer.high_hz", 10000.0),
        ("strings 20% wider", "strings.panner.width", 1.2),
    ],
)
def test_a_named_knob_goes_where_it_was_told(text: str, address: str, value: float) -> None:
    knob = after(text).knob(address)
    assert knob.value == pytest.approx(value, abs=0.01)
    if value != 0.0:
        assert knob.source == "prompt"


def test_mute_and_solo() -> None:
    assert after("mute the tambourine").track("tamb").mute
    muted = after("mute the tambourine")
    assert not after("unmute the tambourine", muted).track("tamb").mute
    assert {track.id for track in after("solo the drums").tracks if track.solo} == {
        "kick",
        "snare",
        "hats",
        "toms",
        "oh",
        "tamb",
    }


def test_the_mix_itself_is_turned_by_its_loudness() -> None:
    assert after("turn the whole mix down 1 dB").loudness_lufs == SONG.loudness_lufs - 1.0
    assert after("make it -14 LUFS").loudness_lufs == -14.0


def test_a_cut_takes_a_free_band_and_the_next_one_another() -> None:
    song = after("cut 3 dB at 250 Hz on the bass")
    assert list(song.track("bass").settings["equalizer"].knobs) == ["peak1_gain_db", "peak1_hz"]
    twice = after("boost the bass 2 dB at 900 Hz", song)
    equalizer = twice.track("bass").settings["equalizer"].knobs
    assert equalizer["peak1_gain_db"].value == -3.0
    assert (equalizer["peak2_gain_db"].value, equalizer["peak2_hz"].value) == (2.0, 900.0)


def test_the_same_frequency_moves_the_same_band() -> None:
    song = after("cut 3 dB at 250 Hz on the bass")
    assert after("boost the bass 1 dB at 250 Hz", song).knob("bass.equalizer.peak1_gain_db").value == -2.0


def test_a_fifth_band_is_refused() -> None:
    text = ", ".join(f"cut 2 dB at {hz} Hz on the bass" for hz in (100, 300, 900, 2700, 8100))
    talk = knob_edits(understand(text, SONG), SONG)
    assert len(talk.edits) == 8
    assert [subject for subject, _ in talk.refused] == ["bass"]


def test_what_is_locked_stays() -> None:
    locked = set_locks(SONG, ["bass"], True)
    talk = knob_edits(understand("bass up 2 dB, kick up 2 dB", locked), locked)
    assert [edit.address for edit in talk.edits] == ["kick.fader.gain_db"]
    assert talk.refused == (("bass.fader.gain_db", "bass is locked: unlock it if it should move"),)


def test_values_stay_inside_their_ranges() -> None:
    assert after("kick up 20 dB, boost the kick 15 dB").knob("kick.fader.gain_db").value == 24.0


def test_undone_bit_for_bit() -> None:
    from mixer.edits import undo

    text = "cut 3 dB at 250 Hz on the bass, mute the sax, pan guitar 1 hard right"
    assert undo(after(text))[0] == SONG


def test_guesses_turn_no_knob() -> None:
    assert knob_edits(understand("low-pass the pad at 6 kHz", SONG), SONG).edits == ()
