"""What people type, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixer.address import resolve, resolve_all
from mixer.assignment import parse_assignment
from mixer.edits import apply
from mixer.errors import UsageError
from mixer.knobs import target_chain
from mixer.naming import slug
from mixer.session import RESERVED_IDS
from tests.sessions import make_session, make_track

SESSION = make_session(
    make_track("kick", "Kick"),
    make_track("kick_in", "Kick.in"),
    make_track("ldvox", "LdVox"),
    make_track("egtr_1_l", "E-Gtr 1 (L)"),
    make_track("vox", "Vox"),
    make_track("vox_2", "Vox"),
    make_track("歌", "歌"),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("LdVox.fader.gain_db", "ldvox.fader.gain_db"),
        ("LDVOX.Fader.Gain dB", "ldvox.fader.gain_db"),
        ("ld.fader.gain_db", "ldvox.fader.gain_db"),
        ("ldvox.pan", "ldvox.panner.pan"),
        ("kick", "kick"),
        ("kick.fader", "kick.fader"),
        ("Kick.in.fader.gain_db", "kick_in.fader.gain_db"),
        ("kick.in.mute", "kick_in.mute"),
        ("E-Gtr 1 (L).send.level_db", "egtr_1_l.send.level_db"),
        ("e gtr.role", "egtr_1_l.role"),
        ("vox_2.name", "vox_2.name"),
        ("歌.locked", "歌.locked"),
        ("kick.compressor.bypass", "kick.compressor.bypass"),
        ("reverb.decay_s", "reverb.reverb.decay_s"),
        ("reverb.reverb.decay_s", "reverb.reverb.decay_s"),
        ("Master.fader.gain_db", "master.fader.gain_db"),
        ("session.loudness_lufs", "session.loudness_lufs"),
    ],
)
def test_people_write_addresses_as_they_like(typed: str, meant: str) -> None:
    assert resolve(SESSION, typed) == meant


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("kikc.fader.gain_db", "'kick'"),
        ("kick.fader.gian_db", "'fader.gain_db'"),
        ("kick.compresor.ratio", "'compressor.ratio'"),
        ("kick.zzz", "equalizer, compressor"),
        ("zzz.fader.gain_db", "kick"),
        ("master.mute", "master has no 'mute'"),
        ("", "there is no track"),
        ("...", "there is no track"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is_near(typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(SESSION, typed)
    assert hint in str(caught.value)


@pytest.mark.parametrize(("typed", "both"), [("Vo.mute", "vox, vox_2"), ("kic.fader.gain_db", "kick, kick_in")])
def test_a_beginning_that_fits_two_tracks_is_not_guessed_at(typed: str, both: str) -> None:
    with pytest.raises(UsageError, match=both):
        resolve(SESSION, typed)


BAND = make_session(
    make_track("kick", "Kick"),
    make_track("sn", "Sn", role="snare"),
    make_track("ldvox", "LdVox", role="lead_vocal"),
    make_track("bgv", "BGV", role="backing_vocal"),
    make_track("pan_flute", "Pan flute", role="woodwind"),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vocals", ["ldvox", "bgv"]),
        ("Drums.compressor", ["kick.compressor", "sn.compressor"]),
        ("drums.pan", ["kick.panner.pan", "sn.panner.pan"]),
        ("vocals.space", ["ldvox.send", "bgv.send"]),
        ("LdVox.eq", ["ldvox.equalizer"]),
        ("master.dynamics", ["master.compressor", "master.limiter"]),
        ("space", ["kick.send", "sn.send", "ldvox.send", "bgv.send", "pan_flute.send", "reverb.reverb"]),
        ("all", ["kick", "sn", "ldvox", "bgv", "pan_flute", "reverb", "master"]),
        ("all.limiter", ["master.limiter"]),
        ("pan flute", ["pan_flute"]),
        ("kick.fader", ["kick.fader"]),
    ],
)
def test_a_word_may_stand_for_many(typed: str, meant: list[str]) -> None:
    assert resolve_all(BAND, typed) == meant


def test_a_track_called_like_a_group_comes_first_and_an_empty_group_is_none() -> None:
    stems = make_session(make_track("drums", "Drums", role="drums"), make_track("oh", "OH", role="cymbals"))
    assert resolve_all(stems, "drums") == ["drums"]
    synth = make_session(make_track("bass_di", "Bass DI", role="synth"))
    assert resolve_all(synth, "bass") == ["bass_di"]  # the only beginning that fits
    with pytest.raises(UsageError, match="there is no track 'vocals'"):
        resolve_all(synth, "vocals")
    with pytest.raises(UsageError, match="'limiter' is nothing that drums has"):
        resolve_all(BAND, "drums.limiter")


def test_every_canonical_address_means_itself() -> None:
    for target in SESSION.targets:
        for name, entry in target_chain(target).items():
            for address in (target, f"{target}.{name}", *(f"{target}.{name}.{knob}" for knob in entry.knobs)):
                assert resolve(SESSION, address) == address


@given(st.lists(st.text(), max_size=8))
def test_any_names_get_ids_that_a_session_takes(names: list[str]) -> None:
    ids: list[str] = []
    for name in names:
        ids.append(slug(name, [*RESERVED_IDS, *ids]))
    session = make_session(make_track("first"), *(make_track(f"t{i}", name) for i, name in enumerate(names)))
    for track_id, name in zip(ids, names, strict=True):
        assert make_track(track_id, name).id not in RESERVED_IDS
    assert len({track_id.casefold() for track_id in ids}) == len(names)
    assert resolve(session, "first.pan") == "first.panner.pan"


@given(st.text())
def test_any_text_is_an_assignment_or_a_usage_error(text: str) -> None:
    for typed in (text, f"kick.{text}", f"kick.fader.gain_db={text}", f"{text}=1"):
        try:
            edit = parse_assignment(SESSION, typed)
        except UsageError:
            continue
        apply(SESSION, [edit], "set", "anything")


@pytest.mark.parametrize(
    ("text", "address", "after"),
    [
        ("kick.fader.gain_db=-3", "kick.fader.gain_db", -3.0),
        ("kick.fader.gain_db = -3 dB", "kick.fader.gain_db", -3.0),
        ("kick.fader.gain_db=−3dB", "kick.fader.gain_db", -3.0),
        ("kick.fader.gain_db=off", "kick.fader.gain_db", -60.0),
        ("kick.fader.gain_db=-inf dB", "kick.fader.gain_db", -60.0),
        ("kick.equalizer.peak3_hz=2.5kHz", "kick.equalizer.peak3_hz", 2500.0),
        ("kick.peak3_hz=900 Hz", "kick.equalizer.peak3_hz", 900.0),
        ("kick.highpass_hz=off", "kick.equalizer.highpass_hz", 20.0),
        ("kick.attack_ms=20ms", "kick.compressor.attack_ms", 20.0),
        ("kick.release_ms=0.5 s", "kick.compressor.release_ms", 500.0),
        ("reverb.decay_s=800ms", "reverb.reverb.decay_s", 0.8),
        ("kick.ratio=4:1", "kick.compressor.ratio", 4.0),
        ("kick.pan=-30%", "kick.panner.pan", -0.3),
        ("kick.fader.gain_db+=2", "kick.fader.gain_db", 2.0),
        ("kick.fader.gain_db -= 2 dB", "kick.fader.gain_db", -2.0),
        ("kick.mute=on", "kick.mute", True),
        ("kick.solo=FALSE", "kick.solo", False),
        ("kick.compressor.bypass=true", "kick.compressor.bypass", True),
        ("kick.role=Lead Vocal", "kick.role", "lead_vocal"),
        ("kick.name=Kick = loud", "kick.name", "Kick = loud"),
        ("session.loudness_lufs=-14 LUFS", "session.loudness_lufs", -14.0),
    ],
)
def test_assignments_take_units_switches_and_relative_changes(text: str, address: str, after: object) -> None:
    edit = parse_assignment(SESSION, text)
    assert (edit.address, edit.after) == (address, pytest.approx(after) if isinstance(after, float) else after)


def test_a_relative_change_starts_from_where_the_knob_stands() -> None:
    session = apply(SESSION, [parse_assignment(SESSION, "kick.fader.gain_db=-3")], "set", "quieter")
    edit = parse_assignment(session, "kick.fader.gain_db-=1.5")
    assert (edit.before, edit.after) == (-3.0, -4.5)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("kick.fader.gain_db=99", "kick.fader.gain_db = 99 is out of range: use -60 to 24 dB"),
        ("kick.fader.gain_db+=99", "use -60 to 24 dB"),
        ("kick.fader.gain_db=loud", "use a number in dB, -60 to 24"),
        ("kick.fader.gain_db=3 Hz", "use a number in dB"),
        ("kick.fader.gain_db=nan", "use a number"),
        ("kick.fader.gain_db=", "gives no value"),
        ("kick.fader.gain_db", "is no assignment"),
        ("kick.ratio=off", "use a number in :1, 1 to 20"),
        ("kick=3", "kick.equalizer.highpass_hz"),
        ("kick.fader=3", "gain_db, bypass"),
        ("session=3", "session.loudness_lufs"),
        ("kick.mute=perhaps", "use on or off"),
        ("kick.mute+=1", "is no number"),
        ("kick.role=leadvocal", "'lead_vocal'"),
        ("kick.role=qqq", "there are lead_vocal"),
        ("session.loudness_lufs=0", "use -40 to -5 LUFS"),
    ],
)
def test_a_senseless_assignment_says_what_would_make_sense(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_assignment(SESSION, text)
    assert hint in str(caught.value)
