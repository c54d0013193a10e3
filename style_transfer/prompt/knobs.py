"""Knob talk into edits: 'cut 3 dB at 250 Hz on the bass' needs no match, only the knobs that it names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from mixer.edits import at, lock_on, put
from mixer.knobs import Knob
from mixer.param import Param
from mixer.processor import find
from mixer.session import LOUDNESS, Edit, Session
from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.bands import Band, band_for
from style_transfer.prompt.intent import Intent, Understanding

_PLAIN_EQ_DB = 3.0
"""A boost or cut at a frequency where no amount was said."""
_SHELF_OVER_CORNER = 1.7
"""A high shelf all the way down takes 3 dB, as a low-pass does at its corner, at its own frequency over this."""
_ALWAYS = frozenset({"mute", "solo", "centre", "pan", "eq", "highpass"})


@dataclass(frozen=True, slots=True)
class KnobTalk:
    """What named knobs and numbers come to.

    Attributes:
        edits: in order, each on top of those before it; source ``prompt``.
        done: the intents that they fulfil.
        refused: subject and reason of what could not be done, in a producer's words.
    """

    edits: tuple[Edit, ...]
    done: tuple[Intent, ...]
    refused: tuple[tuple[str, str], ...]


def is_explicit(intent: Intent) -> bool:
    """Whether an intent says what to do with a knob, so that nothing has to be measured."""
    if intent.direction == "keep":
        return False
    if intent.attribute in _ALWAYS:
        return True
    units = {number.unit for number in intent.numbers}
    wanted = {
        "level": {"dB", "LUFS", "%"},
        "forwardness": {"dB"},
        "width": {"%"},
        "reverb": {"dB", "%"},
        "compression": {":1"},
        "highs": {"dB"},
        "lows": {"dB"},
        "lowpass": {"Hz"},
    }
    return bool(wanted.get(intent.attribute, set()) & units)


def knob_edits(understood: Understanding, session: Session) -> KnobTalk:
    """The edits that the sure intents of a prompt ask for by name and number. The session is not changed.

    Locked knobs stay, and so does what would leave a knob's range: both are refused with the reason.
    """
    draft = session
    edits: list[Edit] = []
    done: list[Intent] = []
    refused: list[tuple[str, str]] = []
    said = {intent: row.text for row in understood.rows for intent in row.intents}
    for intent in understood.sure:
        if not is_explicit(intent):
            continue
        for address, value in _asked(intent, draft, refused):
            if lock := lock_on(draft, address):
                reason = "is locked" if lock == address else f"{lock} is locked"
                refused.append((address, f"{reason}: unlock it if it should move"))
                continue
            edit = _edit(draft, address, value, said[intent])
            draft = put(draft, address, edit.after)
            edits.append(edit)
            if intent not in done:
                done.append(intent)
    return KnobTalk(tuple(edits), tuple(done), tuple(refused))


def _edit(session: Session, address: str, value: float | bool, said: str) -> Edit:
    before = at(session, address)
    after: JsonValue = value
    if isinstance(before, dict):
        knob = Knob(value=float(value), source="prompt", reason=f"asked for: {said!r}")
        after = {**before, **knob.model_dump(mode="json")}
    return Edit(address=address, before=before, after=after)


def _asked(intent: Intent, session: Session, refused: list[tuple[str, str]]) -> Iterator[tuple[str, float | bool]]:
    """Addresses and values; each is asked for when those before it have been made."""
    name, places = intent.attribute, _places(intent, session)
    if name in ("mute", "solo"):
        yield from ((f"{place}.{name}", intent.sign > 0) for place in intent.target.tracks)
    elif name in ("level", "forwardness"):
        yield from _levels(intent, session)
    elif name in ("pan", "centre"):
        yield from _pans(intent, session)
    elif name == "width":
        yield from _widths(intent, session, refused)
    elif name == "reverb":
        yield from _sends(intent, session, refused)
    elif name == "compression":
        ratio = _inside("compressor", "ratio", intent.number(":1") or 1.0)
        yield from ((f"{place}.compressor.ratio", ratio) for place in places)
    else:
        for place in places:
            yield from _equalised(intent, place, session, refused)


def _places(intent: Intent, session: Session) -> tuple[str, ...]:
    return ("master",) if intent.target.whole else tuple(t.id for t in session.tracks if t.id in intent.target.tracks)


def _param(processor: str, knob: str) -> Param:
    return find(processor).param(knob)


def _inside(processor: str, knob: str, value: float) -> float:
    return _param(processor, knob).clamp(value)


def _step_db(intent: Intent) -> float:
    """The change in dB that was said; per cent are of the amplitude."""
    if (db := intent.number("dB")) is not None:
        return intent.sign * db
    share = 1 + intent.sign * (intent.number("%") or 0.0) / 100
    return 20 * math.log10(max(share, 1e-3))


def _levels(intent: Intent, session: Session) -> Iterator[tuple[str, float]]:
    if (asked := intent.number("LUFS")) is not None and intent.target.whole:
        yield f"session.{LOUDNESS.name}", LOUDNESS.clamp(-asked)
    elif intent.target.whole:
        yield f"session.{LOUDNESS.name}", LOUDNESS.clamp(session.loudness_lufs + _step_db(intent))
    for place in intent.target.tracks:
        now = session.knob(f"{place}.fader.gain_db").value
        yield f"{place}.fader.gain_db", _inside("fader", "gain_db", now + _step_db(intent))


def _pans(intent: Intent, session: Session) -> Iterator[tuple[str, float]]:
    """To a place that was said in per cent, to the centre, or some way from where the track is."""
    share = intent.number("%")
    for place in intent.target.tracks:
        now = session.knob(f"{place}.panner.pan").value
        step = intent.sign * intent.intensity * attributes()["pan"].pan
        asked = 0.0 if intent.attribute == "centre" else now + step if share is None else intent.sign * share / 100
        yield f"{place}.panner.pan", _inside("panner", "pan", asked)


def _widths(intent: Intent, session: Session, refused: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    for place in _tracks(intent, session):
        if session.track(place).channels == 1:
            refused.append((place, "is a mono track, which has no width of its own: pan it, or spread its group"))
            continue
        now = session.knob(f"{place}.panner.width").value
        step = intent.sign * (intent.number("%") or 0.0) / 100
        yield f"{place}.panner.width", _inside("panner", "width", now + step)


def _sends(intent: Intent, session: Session, refused: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    param = _param("send", "level_db")
    for place in _tracks(intent, session):
        now = session.knob(f"{place}.send.level_db").value
        if param.is_off(now):
            refused.append((place, "sends nothing to the reverb yet, so there is no level to start from"))
            continue
        yield f"{place}.send.level_db", param.clamp(now + _step_db(intent))


def _tracks(intent: Intent, session: Session) -> tuple[str, ...]:
    return tuple(track.id for track in session.tracks if intent.target.whole or track.id in intent.target.tracks)


def _equalised(
    intent: Intent, place: str, session: Session, refused: list[tuple[str, str]]
) -> Iterator[tuple[str, float]]:
    """One band, shelf or filter of the equaliser."""
    hz = intent.number("Hz")
    prefix = f"{place}.equalizer"
    if intent.attribute == "highpass":
        knob = _param("equalizer", "highpass_hz")
        yield f"{prefix}.highpass_hz", knob.clamp(hz if hz is not None and intent.sign > 0 else knob.low)
        return
    if intent.attribute == "lowpass":
        # the console has none: its high shelf, all the way, is what comes nearest
        knob = _param("equalizer", "high_gain_db")
        yield f"{prefix}.high_hz", _inside("equalizer", "high_hz", _SHELF_OVER_CORNER * (hz or 0.0))
        yield f"{prefix}.high_gain_db", knob.low if intent.sign > 0 else knob.default
        return
    gain_db = intent.sign * (intent.number("dB") or _PLAIN_EQ_DB * intent.intensity)
    if intent.attribute in ("highs", "lows"):
        shelf = "high" if intent.attribute == "highs" else "low"
        now = session.knob(f"{prefix}.{shelf}_gain_db").value
        if hz is not None:
            yield f"{prefix}.{shelf}_hz", _inside("equalizer", f"{shelf}_hz", hz)
        yield f"{prefix}.{shelf}_gain_db", _inside("equalizer", f"{shelf}_gain_db", now + gain_db)
        return
    if hz is None:
        refused.append((place, "no frequency was said: write one, as in 'cut 3 dB at 250 Hz'"))
        return
    band = band_for(session, place, hz)
    if band is None:
        refused.append((place, f"all four bands are in use, none is left for {hz:g} Hz: free one"))
        return
    yield from _banded(band, prefix, hz, gain_db)


def _banded(band: Band, prefix: str, hz: float, gain_db: float) -> Iterator[tuple[str, float]]:
    if band.free:
        yield f"{prefix}.{band.name}_hz", _inside("equalizer", f"{band.name}_hz", hz)
    total = _inside("equalizer", f"{band.name}_gain_db", band.gain_db + gain_db)
    yield f"{prefix}.{band.name}_gain_db", total
