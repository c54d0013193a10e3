"""Reading a DAWproject: levels, pans, and the format's own devices where they are such as we write."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from interfaces.daw.daw_session import Clip, DawSession, DawStrip
from interfaces.daw.dawproject import PRINTED, strip_id
from interfaces.daw.dawproject_xml import hertz, ratio_of_percent
from mixer.processors.equalizer import HIGHPASS, PEAKS
from mixer.processors.fader import GAIN

_LARGEST_BYTES = 256 * 2**20
_TAKEN = ("Equalizer", "Compressor", "Limiter")


def read_dawproject(path: Path) -> DawSession:
    """The project in an archive; ValueError where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("project.xml").file_size > _LARGEST_BYTES:
                raise ValueError("its project.xml is too large")
            root = ElementTree.fromstring(archive.read("project.xml"))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, EOFError) as error:
        raise ValueError(f"it is no archive with a readable project.xml ({error})") from None
    session = DawSession(path, path.stem)
    tempo = _number(root.find("Transport/Tempo"), 120.0) or 120.0
    strips = {track.get("id", ""): _strip(track) for track in root.iter("Track")}
    _read_sends(root, strips)
    _read_clips(root, strips, 60 / tempo)
    for track in root.iter("Track"):
        strip = strips[track.get("id", "")]
        channel = track.find("Channel")
        role = channel.get("role", "regular") if channel is not None else ""
        if role == "master":
            session.master = strip
        elif strip.mark == strip_id("reverb") or (role == "effect" and strip.name == "Reverb"):
            session.reverb = strip
        elif strip.name != PRINTED:
            session.tracks.append(strip)
    _finish_master(session.master)
    rates = {int(sound.get("sampleRate", 0)) for sound in root.iter("Audio") if sound.get("sampleRate", "").isdigit()}
    session.sample_rate = max(rates, default=0) or None
    return session


def _number(element: Element | None, otherwise: float, read: Callable[[float, str], float] | None = None) -> float:
    """A parameter's value, in the unit that ``read`` turns it into."""
    if element is None:
        return otherwise
    try:
        value = float(element.get("value", ""))
    except ValueError:
        return otherwise
    if not math.isfinite(value):
        return otherwise
    return read(value, element.get("unit", "")) if read else value


def _amplitude(value: float, unit: str) -> float:
    return 10 ** (value / 20) if unit == "decibel" else value


def _decibels(value: float, unit: str) -> float:
    if unit != "linear":
        return value
    return 20 * math.log10(value) if value > 0 else GAIN.low


def _hertz(value: float, unit: str) -> float:
    return hertz(value) if unit == "semitones" else value


def _ratio(value: float, unit: str) -> float:
    return ratio_of_percent(value) if unit == "percent" else value


def _pan(value: float, unit: str) -> float:
    return 2 * value - 1 if unit == "normalized" else value / 100 if unit == "percent" else value


def _is_on(element: Element | None, otherwise: bool = True) -> bool:
    return otherwise if element is None else element.get("value", "").strip().lower() in ("true", "1")


def _strip(track: Element) -> DawStrip:
    strip = DawStrip(track.get("name") or "Track", mark=track.get("id", ""))
    channel = track.find("Channel")
    if channel is None:
        strip.left.append("has no channel")
        return strip
    volume = _number(channel.find("Volume"), 1.0, _amplitude)
    pan = min(max(_number(channel.find("Pan"), 0.0, _pan), -1.0), 1.0)
    gain_db = GAIN.clamp(20 * math.log10(volume)) if volume > 0 else GAIN.low
    strip.place = lambda channels: (gain_db, pan)  # noqa: ARG005  # the format has no pan law
    strip.mute = _is_on(channel.find("Mute"), False)
    strip.solo = channel.get("solo", "").strip().lower() in ("true", "1")
    for device in channel.findall("Devices/*"):
        reader = _READERS.get(device.tag)
        if reader is None or device.tag.lower() in strip.knobs:
            strip.left.append(f"the device {device.get('deviceName') or device.tag}")
        else:
            strip.active[device.tag.lower()] = _is_on(device.find("Enabled"))
            reader(strip, device)
    return strip


def _read_equalizer(strip: DawStrip, device: Element) -> None:
    free = {"highPass": ["highpass"], "lowShelf": ["low"], "highShelf": ["high"]}
    free["bell"] = [f"peak{index}" for index in PEAKS]
    knobs: dict[str, float] = {}
    for band in device.findall("Band"):
        names = free.get(band.get("type", ""), [])
        on = _is_on(band.find("Enabled"))
        if not names:
            strip.left += [f"a band of its equaliser ({band.get('type')})"] if on else []
            continue
        name = names.pop(0)
        frequency = _number(band.find("Freq"), 1000.0, _hertz)
        if name == "highpass":
            knobs[HIGHPASS.name] = frequency if on else HIGHPASS.low
            continue
        knobs[f"{name}_hz"] = frequency
        knobs[f"{name}_gain_db"] = _number(band.find("Gain"), 0.0) if on else 0.0
        if name.startswith("peak"):
            knobs[f"{name}_q"] = _number(band.find("Q"), 1.0)
    strip.knobs["equalizer"] = knobs


def _read_compressor(strip: DawStrip, device: Element) -> None:
    strip.knobs["compressor"] = {
        "threshold_db": _number(device.find("Threshold"), -18.0, _decibels),
        "ratio": _number(device.find("Ratio"), 1.0, _ratio),
        "attack_ms": 1000 * _number(device.find("Attack"), 0.01),
        "release_ms": 1000 * _number(device.find("Release"), 0.12),
        "makeup_db": _number(device.find("OutputGain"), 0.0, _decibels),
    }
    if _is_on(device.find("AutoMakeup"), False):
        strip.left.append("the automatic make-up of its compressor")


def _read_limiter(strip: DawStrip, device: Element) -> None:
    strip.knobs["limiter"] = {
        "ceiling_db": _number(device.find("Threshold"), -1.0, _decibels),
        "release_ms": 1000 * _number(device.find("Release"), 0.1),
    }
    strip.knobs["fader"] = {"gain_db": _number(device.find("InputGain"), 0.0, _decibels)}


_READERS = dict(zip(_TAKEN, (_read_equalizer, _read_compressor, _read_limiter), strict=True))


def _finish_master(master: DawStrip | None) -> None:
    """Our output gain is the limiter's input while that is on, else the volume; the switch is the device's own."""
    if master is None:
        return
    limited = master.active.pop("limiter", None)
    gain_db, _ = master.place(2)
    before = master.knobs.pop("fader", {}).get("gain_db", 0.0)
    if limited is not None:
        master.knobs["limiter"]["active"] = float(limited)
    if limited and gain_db != 0 and not GAIN.is_off(gain_db):
        master.left.append("the master's volume: it is after the limiter, our output gain before")
    silent = GAIN.is_off(gain_db)
    master.knobs["fader"] = {"gain_db": gain_db if silent or not limited else before}


def _read_sends(root: Element, strips: dict[str, DawStrip]) -> None:
    owners = {
        channel.get("id", ""): strips[track.get("id", "")]
        for track in root.iter("Track")
        for channel in track.findall("Channel")
    }
    for track in root.iter("Track"):
        for send in track.findall("Channel/Sends/Send"):
            strip, receiver = strips[track.get("id", "")], owners.get(send.get("destination", ""))
            ours = receiver is not None and (receiver.mark == strip_id("reverb") or receiver.name == "Reverb")
            if ours and send.get("type", "post") == "post":
                strip.send = (_number(send.find("Volume"), 0.0, _amplitude), _is_on(send.find("Enable")))
            else:
                strip.left.append(f"the send to {receiver.name if receiver else 'another channel'}")


def _read_clips(root: Element, strips: dict[str, DawStrip], beat_s: float) -> None:
    for lanes, unit in _lanes(root.find("Arrangement/Lanes"), "beats"):
        strip = strips.get(lanes.get("track", ""))
        if strip is None:
            continue
        second = {"seconds": 1.0}.get(unit, beat_s)
        for clips in lanes.findall("Clips"):
            here = {"seconds": 1.0, "beats": beat_s}.get(clips.get("timeUnit", ""), second)
            for clip in clips.findall("Clip"):
                _read_clip(strip, clip, here, beat_s)


def _lanes(lanes: Element | None, unit: str) -> Iterator[tuple[Element, str]]:
    if lanes is not None:
        unit = lanes.get("timeUnit", unit)
        yield lanes, unit
        for inner in lanes.findall("Lanes"):
            yield from _lanes(inner, unit)


def _read_clip(strip: DawStrip, clip: Element, unit_s: float, beat_s: float) -> None:
    sound = next(clip.iter("Audio"), None)
    file = sound.find("File") if sound is not None else None
    if file is None:
        strip.left.append("a clip that is no audio")
        return
    if next(clip.iter("Warps"), None) is not None:
        strip.left.append(f"the stretching of {file.get('path')}")
    inner = {"seconds": 1.0, "beats": beat_s}.get(clip.get("contentTimeUnit", ""), unit_s)
    length = _time(clip, "duration") * unit_s or None
    place, offset = _time(clip, "time") * unit_s, _time(clip, "playStart") * inner
    strip.clips.append(Clip(file.get("path", ""), max(place, 0.0), max(offset, 0.0), length))


def _time(clip: Element, name: str) -> float:
    try:
        value = float(clip.get(name, "0"))
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0
