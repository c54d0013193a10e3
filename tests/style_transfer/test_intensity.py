"""How far a suggestion goes: what people type, what it comes to at each knob, and which knobs belong to what."""

from __future__ import annotations

import pytest

from mixer.errors import UsageError
from mixer.param import Param
from mixer.processor import Aspect, processors
from style_transfer.draft import moved, on_the_way
from style_transfer.intensity import Intensity
from tests.sessions import make_session, make_track

SESSION = make_session(
    make_track("kick", "Kick"),
    make_track("oh", "OH", role="cymbals"),
    make_track("bass_di", "Bass DI", role="bass"),
    make_track("ldvox", "LdVox", role="lead_vocal"),
    make_track("levels", "levels = 2", role="fx"),
)


def test_every_processor_belongs_to_one_aspect_and_every_aspect_has_one() -> None:
    assert {entry.aspect for entry in processors().values()} >= set(Aspect)
    expected = {"equalizer": "eq", "compressor": "dynamics", "fader": "level", "panner": "pan", "send": "space"}
    expected |= {"reverb": "space", "limiter": "dynamics"}
    assert {name: processors()[name].aspect.value for name in expected} == expected


@pytest.mark.parametrize(
    ("texts", "shares"),
    [
        ([], {"kick.fader": 1.0, "master.limiter": 1.0}),
        (["60"], {"kick.fader": 0.6, "master.equalizer": 0.6}),
        (["60", "level=50"], {"kick.fader": 0.3, "kick.equalizer": 0.6}),
        (["LdVox=0", "eq=50%"], {"ldvox.fader": 0.0, "kick.equalizer": 0.5, "kick.fader": 1.0}),
        (["drums=20", "Kick=80"], {"kick.fader": 0.8, "oh.fader": 0.2, "bass_di.fader": 1.0}),
        (["Kick=80", "drums=20"], {"kick.fader": 0.8, "oh.fader": 0.2}),
        (["master=0", "reverb=10"], {"master.fader": 0.0, "reverb.reverb": 0.1, "kick.send": 1.0}),
        (["bass=40"], {"bass_di.panner": 0.4}),
        (["levels = 2=30"], {"levels.fader": 0.3, "kick.fader": 1.0}),
        (["all=50"], {"kick.fader": 0.5}),
    ],
)
def test_what_people_type_and_what_it_comes_to(texts: list[str], shares: dict[str, float]) -> None:
    made = Intensity.parse(SESSION, texts)
    assert {where: made.share(*where.split(".")) for where in shares} == pytest.approx(shares)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["101"], "intensity of 101 is out of range"),
        (["level=-1"], "intensity of -1 is out of range"),
        (["nan"], "intensity of nan is out of range"),
        (["loud"], "'loud' is no intensity"),
        (["LdVox=much"], "'LdVox=much' is no intensity"),
        (["60", "50"], "'50' gives the overall intensity a second time"),
        (["ldvx=50"], "did you mean 'ldvox'"),
        (["LdVox.fader=50"], "LdVox.fader has no intensity of its own"),
        (["drums.eq=50"], "drums.eq has no intensity of its own"),
    ],
)
def test_what_makes_no_sense_is_said(texts: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Intensity.parse(SESSION, texts)
    assert said in str(caught.value)


def test_half_of_a_move_is_made_at_its_whole_frequency_and_threshold() -> None:
    found = {
        target: {name: dict(knobs) for name, knobs in SESSION.values(target).items()} for target in SESSION.targets
    }
    found["kick"]["equalizer"] |= {"peak1_gain_db": -6.0, "peak1_hz": 315.0, "peak1_q": 2.0, "highpass_hz": 80.0}
    found["kick"]["compressor"] |= {"threshold_db": -30.0, "ratio": 4.0, "attack_ms": 20.0, "makeup_db": 4.0}
    half = moved(SESSION, found, lambda *_: 0.5)
    equalizer, compressor = (half.values("kick")[name] for name in ("equalizer", "compressor"))
    assert [equalizer[knob] for knob in ("peak1_gain_db", "peak1_hz", "peak1_q")] == [-3.0, 315.0, 2.0]
    assert equalizer["highpass_hz"] == pytest.approx(40.0)
    assert [compressor[knob] for knob in ("threshold_db", "ratio", "attack_ms", "makeup_db")] == [-30.0, 2.0, 20.0, 2.0]
    found["kick"]["equalizer"] |= {"peak1_hz": 1260.0}
    again = moved(half, found, lambda *_: 0.5).values("kick")["equalizer"]
    assert again["peak1_hz"] == pytest.approx(630.0, abs=0.1)  # the band is at work by now: it goes half the way
    assert moved(SESSION, found, lambda *_: 0.0) is SESSION


def test_the_way_is_gone_in_the_knobs_own_scale() -> None:
    hz = Param("cut_hz", "Hz", 20.0, 2000.0, 20.0, "log", "Corner.")
    level = Param("level_db", "dB", -60.0, 12.0, -60.0, "db", "Level.", off_at_low=True)
    assert on_the_way(hz, 100.0, 400.0, 0.5) == pytest.approx(200.0)
    assert on_the_way(level, -60.0, 0.0, 0.5) == pytest.approx(-6.02)  # half the amplitude, from silence
    assert on_the_way(level, -10.0, 0.0, 0.5) == pytest.approx(-5.0)
    assert on_the_way(level, -12.345, 0.0, 0.0) == -12.345  # not a bit of it
    assert on_the_way(level, -10.0, -1.234, 1.0) == -1.234
