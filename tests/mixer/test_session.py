"""The models: what a session holds, and what it refuses."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from mixer.errors import FaderwiseError, SessionError, UsageError
from mixer.knobs import Knob, ProcessorSettings, target_chain
from mixer.processor import Place, chain
from mixer.roles import Group
from mixer.session import ReferenceContext, Session
from tests.sessions import make_session, make_track


def with_knob(processor: str, knob: str, value: float, **state: object) -> dict[str, object]:
    return {processor: {"knobs": {knob: {"value": value, **state}}}}


def test_what_is_never_touched_stands_at_the_processors_defaults() -> None:
    session = make_session()
    for target in session.targets:
        assert session.values(target) == {name: entry.defaults() for name, entry in target_chain(target).items()}
    assert list(session.values("kick")) == [entry.name for place in (Place.STRIP, Place.SEND) for entry in chain(place)]


def test_values_fill_in_what_is_not_set_and_leave_out_what_is_bypassed() -> None:
    settings = with_knob("compressor", "ratio", 4.0) | {"equalizer": {"bypass": True}}
    session = make_session(make_track("kick", settings=settings))
    values = session.values("kick")
    assert "equalizer" not in values
    assert values["compressor"]["ratio"] == 4.0
    assert values["compressor"]["threshold_db"] == session.knob("kick.compressor.threshold_db").value


def test_settings_that_say_nothing_are_dropped_and_those_that_do_stay() -> None:
    silent = make_track("kick", settings={**with_knob("fader", "gain_db", 0.0), "panner": {}})
    assert silent.settings == {}
    for state in ({"locked": True}, {"source": "user"}, {"reason": "it is right as it is"}):
        kept = make_track("kick", settings=with_knob("fader", "gain_db", 0.0, **state))
        assert kept.settings["fader"].knobs["gain_db"].model_dump() == {"value": 0.0, **state}


def test_settings_are_kept_in_the_order_of_the_chain() -> None:
    given = (
        with_knob("send", "level_db", -20.0) | with_knob("fader", "gain_db", 1.0) | with_knob("equalizer", "low_hz", 90)
    )
    assert list(make_track("kick", settings=given).settings) == ["equalizer", "fader", "send"]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (with_knob("fader", "gain_db", 99.0), ["kick.fader.gain_db", "99", "-60 to 24 dB"]),
        (with_knob("fader", "gian_db", 1.0), ["kick.fader", "gian_db", "gain_db"]),
        (with_knob("fadr", "gain_db", 1.0), ["kick", "fadr", "fader"]),
        (with_knob("reverb", "decay_s", 1.0), ["kick", "reverb"]),
    ],
)
def test_a_bad_setting_is_named_with_track_processor_knob_value_and_limits(
    settings: dict[str, object], named: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        make_track("kick", settings=settings)
    assert all(word in str(caught.value) for word in named)


@pytest.mark.parametrize("value", [math.nan, math.inf, "3", True, None])
def test_a_knob_holds_a_finite_number_and_nothing_else(value: object) -> None:
    with pytest.raises(ValidationError):
        make_track("kick", settings={"fader": {"knobs": {"gain_db": {"value": value}}}})


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../kick.wav", "a/../../kick.wav", "C:\\kick.wav", "..\\k.wav", "", ".", "a\0b"]
)
def test_a_path_that_leads_outside_the_folder_is_refused(path: str) -> None:
    with pytest.raises(SessionError, match="outside"):
        make_track("kick", path=path)
    with pytest.raises(SessionError, match="outside"):
        ReferenceContext(name="song", sha256="0" * 64, path=path)


@pytest.mark.parametrize("path", ["kick.wav", "takes/kick 1.wav", "..kick.wav", "キック.flac"])
def test_a_path_inside_the_folder_is_kept_as_it_is(path: str) -> None:
    assert make_track("kick", path=path).path == path


@pytest.mark.parametrize("ids", [("kick", "kick"), ("kick", "Kick"), ("master",), ("reverb",), ("session",)])
def test_ids_are_unique_and_not_reserved(ids: tuple[str, ...]) -> None:
    with pytest.raises(SessionError, match=ids[-1]):
        make_session(*(make_track(track_id) for track_id in ids))


@pytest.mark.parametrize("track_id", ["a.b", "a b", "", "a=b", "a/b"])
def test_an_id_can_stand_in_an_address(track_id: str) -> None:
    with pytest.raises(ValidationError):
        make_track(track_id)


@pytest.mark.parametrize(
    "change",
    [{"sample_rate": 22050}, {"sample_rate": 384000}, {"loudness_lufs": -4.0}, {"colour": "blue"}, {"schema": "x"}],
)
def test_a_session_outside_its_limits_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Session.model_validate({"name": "x", "sample_rate": 48000, "tracks": [], **change})


def test_solo_wins_and_mute_beats_solo() -> None:
    def audible(**flags: dict[str, bool]) -> list[str]:
        none: dict[str, bool] = {}
        session = make_session(*(make_track(name, None, **flags.get(name, none)) for name in ("kick", "bass", "voice")))
        return [track.id for track in session.audible_tracks()]

    assert audible() == ["kick", "bass", "voice"]
    assert audible(bass={"mute": True}) == ["kick", "voice"]
    assert audible(bass={"solo": True}) == ["bass"]
    assert audible(bass={"solo": True}, voice={"solo": True, "mute": True}) == ["bass"]
    assert audible(bass={"solo": True, "mute": True}) == []


def test_a_knob_is_locked_by_itself_its_processor_or_its_track() -> None:
    def locked(settings: dict[str, object] | None = None, whole: bool = False) -> bool:
        session = make_session(make_track("kick", settings=settings or {}, locked=whole))
        return session.is_locked("kick", "fader", "gain_db")

    assert not locked()
    assert not locked({"panner": {"locked": True}})
    assert locked(whole=True)
    assert locked({"fader": {"locked": True}})
    assert locked(with_knob("fader", "gain_db", 0.0, locked=True))
    master = Session(name="x", sample_rate=44100, tracks=[], master={"fader": ProcessorSettings(locked=True)})
    assert master.is_locked("master", "fader", "gain_db")


def test_unknown_tracks_and_knobs_are_answered_with_what_there_is() -> None:
    session = make_session()
    for ask in (lambda: session.track("bass"), lambda: session.values("bass")):
        with pytest.raises(UsageError, match=r"bass.*kick, ldvox"):
            ask()
    with pytest.raises(UsageError, match="gain_db"):
        session.knob("kick.fader.level_db")
    with pytest.raises(UsageError, match="fader"):
        session.knob("kick.reverb.decay_s")


def test_a_reference_takes_stem_groups_and_roles_and_a_segment_with_length() -> None:
    reference = ReferenceContext.model_validate({"name": "s", "sha256": "0" * 64, "roles": ["vocals", "drums", "kick"]})
    assert reference.roles[0] is Group.VOCALS
    assert reference.roles[1] is Group.DRUMS  # the whole group, not a track that is a kit
    for segment in ((5.0, 5.0), (-1.0, 5.0), (9.0, 5.0)):
        with pytest.raises(ValidationError, match="segment"):
            ReferenceContext(name="s", sha256="0" * 64, segment=segment)


def test_models_do_not_change_in_place() -> None:
    session = make_session()
    with pytest.raises(ValidationError):
        session.tracks[0].mute = True
    with pytest.raises(ValidationError):
        Knob(value=1.0).value = 2.0


def test_every_error_of_a_session_is_one_line() -> None:
    for path in ("../x", "/x"):
        with pytest.raises(FaderwiseError) as caught:
            make_track("kick", path=path)
        assert "\n" not in str(caught.value)
