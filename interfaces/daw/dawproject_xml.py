"""DAWproject 1.0: the elements of its XML that a mix needs. Children stand in the schema's order, the alphabet's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from xml.etree.ElementTree import Element

from interfaces.dsp.knobs import number

A4_HZ, A4_SEMITONES = 440.0, 69


def semitones(hz: float) -> float:
    """A frequency as the format's EQs have it: MIDI note numbers, with fractions."""
    return A4_SEMITONES + 12 * math.log2(hz / A4_HZ)


def hertz(semitone: float) -> float:
    """The inverse of ``semitones``."""
    return A4_HZ * 2 ** ((semitone - A4_SEMITONES) / 12)


def percent_of_ratio(ratio: float) -> float:
    """A compressor's ratio as the format has it: 0 % is 1:1, 100 % a limiter."""
    return 100 * (1 - 1 / ratio)


def ratio_of_percent(percent: float) -> float:
    """The inverse of ``percent_of_ratio``; 100 % gives infinity."""
    return math.inf if percent >= 100 else 1 / (1 - percent / 100)


@dataclass(frozen=True, slots=True)
class Real:
    """A number with its unit and limits."""

    value: float
    unit: str
    low: float
    high: float


@dataclass(slots=True)
class Ids:
    """Ids for elements that nothing refers to."""

    numbers: count[int] = field(default_factory=lambda: count(1))

    def fresh(self) -> str:
        return f"id{next(self.numbers)}"


def node(tag: str, attributes: Mapping[str, str] | None = None, *children: Element) -> Element:
    """An element with its children."""
    made = Element(tag, dict(attributes or {}))
    made.extend(children)
    return made


def flag(on: bool) -> str:
    """A boolean as XML Schema writes it."""
    return "true" if on else "false"


def real(ids: Ids, tag: str, given: Real) -> Element:
    """A parameter that is a number."""
    limits = {"max": number(given.high), "min": number(given.low), "unit": given.unit}
    return node(tag, limits | {"value": number(given.value), "id": ids.fresh(), "name": tag})


def switch(ids: Ids, tag: str, on: bool) -> Element:
    """A parameter that is on or off."""
    return node(tag, {"value": flag(on), "id": ids.fresh(), "name": tag})


def device(ids: Ids, tag: str, enabled: bool, *inside: Element) -> Element:
    """A built-in device."""
    about = {"deviceName": tag, "deviceRole": "audioFX", "loaded": "true", "id": ids.fresh(), "name": tag}
    return node(tag, about, node("Parameters"), switch(ids, "Enabled", enabled), *inside)


def band(ids: Ids, kind: str, order: int, enabled: bool, hz: Real, gain: Real | None, q: Real) -> Element:
    """A band of an Equalizer; a high-pass has no gain."""
    inside = [real(ids, "Freq", hz), *([real(ids, "Gain", gain)] if gain else []), real(ids, "Q", q)]
    return node("Band", {"type": kind, "order": str(order)}, *inside, switch(ids, "Enabled", enabled))


@dataclass(frozen=True, slots=True)
class Strip:
    """A track with its channel."""

    id: str
    name: str
    colour: str
    role: str
    """regular, effect or master."""
    channels: int
    volume: float
    pan: float
    """0 is left, 0.5 the centre."""
    devices: Sequence[Element] = ()
    sends: Mapping[str, tuple[float, bool]] = field(default_factory=dict)
    """Level and whether it is on, by the channel that it goes to."""
    mute: bool = False
    solo: bool = False
    file: str = ""
    """Inside the archive; empty for a track without audio."""
    frames: int = 0


def channel_id(strip_id: str) -> str:
    """The id of a track's channel."""
    return f"{strip_id}-channel"


def track(ids: Ids, strip: Strip, destination: str, loudest: float, loudest_send: float) -> Element:
    """A track in the project's structure."""
    inside = [node("Devices", {}, *strip.devices)] if strip.devices else []
    inside += [switch(ids, "Mute", strip.mute), real(ids, "Pan", Real(strip.pan, "normalized", 0, 1))]
    if strip.sends:
        inside.append(node("Sends", {}, *(_send(ids, *item, loudest_send) for item in strip.sends.items())))
    inside.append(real(ids, "Volume", Real(strip.volume, "linear", 0, loudest)))
    about = {"audioChannels": str(strip.channels), "role": strip.role, "solo": flag(strip.solo)}
    about |= {"id": channel_id(strip.id)} | ({"destination": destination} if destination else {})
    shown = {"contentType": "audio", "loaded": "true", "id": strip.id, "name": strip.name, "color": strip.colour}
    return node("Track", shown, node("Channel", about, *inside))


def _send(ids: Ids, destination: str, level: tuple[float, bool], loudest: float) -> Element:
    gain, on = level
    pan, volume = Real(0.5, "normalized", 0, 1), Real(gain, "linear", 0, loudest)
    about = {"destination": destination, "type": "post", "id": ids.fresh()}
    return node("Send", about, switch(ids, "Enable", on), real(ids, "Pan", pan), real(ids, "Volume", volume))


def lane(ids: Ids, strip: Strip, sample_rate: int) -> Element:
    """Where a track's audio stands in the arrangement: all of it, from the start."""
    seconds = number(strip.frames / sample_rate)
    shape = {"channels": str(strip.channels), "duration": seconds, "sampleRate": str(sample_rate), "id": ids.fresh()}
    sound = node("Audio", shape, node("File", {"path": strip.file}))
    place = {"time": "0", "duration": seconds, "contentTimeUnit": "seconds", "playStart": "0"}
    fades = {"fadeTimeUnit": "seconds", "fadeInTime": "0", "fadeOutTime": "0", "name": strip.name}
    clips = node("Clips", {"id": ids.fresh()}, node("Clip", place | fades, sound))
    return node("Lanes", {"track": strip.id, "id": ids.fresh()}, clips)
