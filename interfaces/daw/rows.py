"""What exporters say about the parts that they all treat alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from interfaces.daw.exporter import Carried
from mixer.console import is_open
from mixer.knobs import ProcessorSettings, target_chain
from mixer.param import Param
from mixer.processor import Place, Processor
from mixer.session import Session

Judge = Callable[[str, Processor, Param, float], Carried]
"""``(target, processor, knob, value)``: how one knob arrives."""


def unmapped(target: str, processor: Processor, param: Param, value: float) -> Carried:
    """The row of a knob that nobody has written an exporter for."""
    what = f"{processor.name}.{param.name}"
    return Carried(target, what, "not carried", f"stands at {param.show(value)}; this export has no place for it")


def knob_rows(session: Session, target: str, judge: Judge) -> Iterator[Carried]:
    """A row for every knob of a target."""
    for name, processor in target_chain(target).items():
        given = session.target_settings(target).get(name, ProcessorSettings())
        for param in processor.params:
            value = given.knobs[param.name].value if param.name in given.knobs else param.default
            yield judge(target, processor, param, value)


def flag_rows(session: Session, resampled: set[str], folder: str = "audio") -> Iterator[Carried]:
    """Rows for names, mutes, solos and the audio of every track."""
    for track in session.tracks:
        yield Carried(track.id, "name", "exact")
        yield Carried(track.id, "mute", "exact")
        yield Carried(track.id, "solo", "exact")
        converted = f"converted to {session.sample_rate} Hz in {folder}/" if track.id in resampled else ""
        yield Carried(track.id, "audio", "exact", converted)


def sends_anywhere(session: Session) -> bool:
    """Whether any track, audible or not, has an open send to the reverb."""
    return any(is_open(session.values(track.id), Place.SEND) for track in session.tracks)


def bypassed(session: Session, target: str, processor: str) -> bool:
    """Whether a processor is out of the circuit."""
    return session.target_settings(target).get(processor, ProcessorSettings()).bypass


def knob_value(session: Session, target: str, processor: str, knob: str) -> float:
    """Where a knob stands, bypassed or not."""
    return session.knob(f"{target}.{processor}.{knob}").value


def at_rest(session: Session, target: str, processor: str) -> bool:
    """Whether a processor lets everything through as it is: bypassed, or its knobs at settings that do nothing.

    What another program does with its own device in that place makes no difference then.
    """
    if bypassed(session, target, processor):
        return True
    entry = target_chain(target)[processor]
    values = {param: knob_value(session, target, processor, param.name) for param in entry.params}
    if processor == "equalizer":
        return all(param.is_off(value) or value == 0 for param, value in values.items() if _shapes(param))
    if processor == "compressor":
        return all(value == param.default for param, value in values.items() if param.name in ("ratio", "makeup_db"))
    if processor == "limiter":
        return all(value == 0 for param, value in values.items() if param.name == "active")
    return all(value == param.default for param, value in values.items())


def _shapes(param: Param) -> bool:
    """Whether a knob of the equaliser does something by itself, and is not only the place or width of a band."""
    return param.off_at_low or param.unit == "dB"
