"""What a DAWproject carries of each knob, in a producer's words."""

from __future__ import annotations

from interfaces.daw.dawproject_devices import DEVICES
from interfaces.daw.exporter import Carried
from interfaces.daw.rows import at_rest, bypassed, knob_rows, sends_anywhere, unmapped
from mixer.param import Param
from mixer.processor import Processor
from mixer.session import Session

_OWN = "the value arrives exactly; the sound is the other program's own {device}"
_LAW = "the value arrives exactly; the pan law is the other program's own: up to 3 dB apart at the sides"
_NO_PLACE = {"compressor.knee_db": "the format's Compressor has no knee", "panner.width": "the format has no width"}


def dawproject_rows(session: Session, printed: bool) -> list[Carried]:
    """A row for every knob of every target."""
    channels = {track.id: track.channels for track in session.tracks}
    wet = sends_anywhere(session)

    def judge(target: str, processor: Processor, param: Param, value: float) -> Carried:
        name, what = processor.name, f"{processor.name}.{param.name}"
        idle = value == param.default
        if what in _NO_PLACE:
            used = not (idle and at_rest(session, target, name))  # a bypassed knob that was set is lost, too
            if what == "panner.width":
                used = channels.get(target) == 2 and not idle
            return Carried(target, what, "not carried" if used else "exact", _NO_PLACE[what] if used else "")
        if name == "panner" and not bypassed(session, target, name):
            return Carried(target, what, "exact" if idle else "approximate", "" if idle else _LAW)
        if name == "reverb":
            note = "printed as audio: to change it, export again" if printed else "nothing is heard of it"
            return Carried(target, what, "not carried", note)
        if name == "send":
            note = "goes to the mute track Reverb, for a reverb of the other program's" if wet else "nothing sends"
            return Carried(target, what, "exact", note)
        if name in ("fader", "panner"):
            lost = bypassed(session, target, name) and not idle
            note = f"bypassed: stands at {param.show(param.default)}"
            return Carried(target, what, "not carried" if lost else "exact", note if lost else _master_note(target))
        if name in DEVICES:
            rests = at_rest(session, target, name)
            note = "" if rests else _OWN.format(device={"equalizer": "Equalizer"}.get(name, name.capitalize()))
            return Carried(target, what, "exact" if rests else "approximate", note)
        return unmapped(target, processor, param, value)

    return [row for target in (*channels, "reverb", "master") for row in knob_rows(session, target, judge)]


def _master_note(target: str) -> str:
    return "in front of the limiter while that is on, else the master's volume" if target == "master" else ""
