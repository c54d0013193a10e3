"""DAWproject's own devices for our processors: Equalizer, Compressor, Limiter."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from interfaces.daw.dawproject_xml import Ids, Real, band, device, percent_of_ratio, real, semitones, switch
from interfaces.daw.rows import bypassed, knob_value
from mixer.biquad import BUTTERWORTH_Q
from mixer.knobs import target_chain
from mixer.processor import find
from mixer.processors.equalizer import HIGHPASS, PEAKS
from mixer.processors.fader import GAIN
from mixer.session import Session

Writer = Callable[[Ids, Session, str, float], Element]


def devices(ids: Ids, session: Session, target: str, input_db: float = 0.0) -> list[Element]:
    """The devices of a target in the chain's order; ``input_db`` is what the limiter's input adds."""
    return [DEVICES[name](ids, session, target, input_db) for name in target_chain(target) if name in DEVICES]


def _gain(value: float = 0.0) -> Real:
    return Real(value, "decibel", GAIN.low, GAIN.high)


def _equalizer(ids: Ids, session: Session, target: str, _: float) -> Element:
    def knob(name: str) -> float:
        return knob_value(session, target, "equalizer", name)

    def hz(name: str) -> Real:
        param = find("equalizer").param(name)
        return Real(semitones(knob(name)), "semitones", semitones(param.low), semitones(param.high))

    def gain(name: str) -> Real:
        param = find("equalizer").param(name)
        return Real(knob(name), "decibel", param.low, param.high)

    fixed = Real(BUTTERWORTH_Q, "linear", 0.1, 10)
    high_pass = not HIGHPASS.is_off(knob(HIGHPASS.name))
    bands = [band(ids, "highPass", 0, high_pass, hz(HIGHPASS.name), None, fixed)]
    bands.append(band(ids, "lowShelf", 1, True, hz("low_hz"), gain("low_gain_db"), fixed))
    for order, index in enumerate(PEAKS, 2):
        q = find("equalizer").param(f"peak{index}_q")
        narrow = Real(knob(q.name), "linear", q.low, q.high)
        bands.append(band(ids, "bell", order, True, hz(f"peak{index}_hz"), gain(f"peak{index}_gain_db"), narrow))
    bands.append(band(ids, "highShelf", len(bands), True, hz("high_hz"), gain("high_gain_db"), fixed))
    ends = [real(ids, "InputGain", _gain()), real(ids, "OutputGain", _gain())]
    return device(ids, "Equalizer", not bypassed(session, target, "equalizer"), *bands, *ends)


def _compressor(ids: Ids, session: Session, target: str, _: float) -> Element:
    def knob(name: str, unit: str, convert: Callable[[float], float] = float) -> Real:
        param = find("compressor").param(name)
        value = knob_value(session, target, "compressor", name)
        return Real(convert(value), unit, convert(param.low), convert(param.high))

    inside = [
        real(ids, "Attack", knob("attack_ms", "seconds", _seconds)),
        switch(ids, "AutoMakeup", False),
        real(ids, "InputGain", _gain()),
        real(ids, "OutputGain", knob("makeup_db", "decibel")),
        real(ids, "Ratio", knob("ratio", "percent", percent_of_ratio)),
        real(ids, "Release", knob("release_ms", "seconds", _seconds)),
        real(ids, "Threshold", knob("threshold_db", "decibel")),
    ]
    return device(ids, "Compressor", not bypassed(session, target, "compressor"), *inside)


def _limiter(ids: Ids, session: Session, target: str, input_db: float) -> Element:
    ceiling, release = (find("limiter").param(name) for name in ("ceiling_db", "release_ms"))
    stands = {param.name: knob_value(session, target, "limiter", param.name) for param in (ceiling, release)}
    on = knob_value(session, target, "limiter", "active") != 0.0 and not bypassed(session, target, "limiter")
    times = Real(_seconds(stands[release.name]), "seconds", _seconds(release.low), _seconds(release.high))
    inside = [
        real(ids, "InputGain", _gain(input_db)),
        real(ids, "OutputGain", _gain()),
        real(ids, "Release", times),
        real(ids, "Threshold", Real(stands[ceiling.name], "decibel", ceiling.low, ceiling.high)),
    ]
    return device(ids, "Limiter", on, *inside)


def _seconds(milliseconds: float) -> float:
    return milliseconds / 1000


DEVICES: dict[str, Writer] = {"equalizer": _equalizer, "compressor": _compressor, "limiter": _limiter}
"""The format's own devices for our processors."""
