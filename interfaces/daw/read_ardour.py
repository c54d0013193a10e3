"""Reading an Ardour session: our scripts exactly, others as far as they are tracks, audio, faders and pans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from interfaces.daw.ardour_law import read_back
from interfaces.daw.ardour_strip import NAMES
from interfaces.daw.ardour_xml import REVERB, SUPERCLOCKS
from interfaces.daw.daw_session import Clip, DawSession, DawStrip, number_at
from interfaces.daw.read_ardour_stock import stock_kind, stock_knobs
from interfaces.dsp.lua_script import lua_script
from mixer.processors.equalizer import HIGHPASS
from mixer.processors.fader import GAIN

_SCRIPTS = {shown: name for name, shown in NAMES.items()}
_PLUGINS = ("luaproc", "lv2", "ladspa", "vst", "windows-vst", "lxvst", "mac-vst", "vst3", "audiounit")


def read_ardour(path: Path) -> DawSession:
    """The session in a .ardour; ValueError where it is none."""
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        raise ValueError(f"its XML is broken ({error})") from None
    if root.tag != "Session":
        raise ValueError(f"it is no Ardour session, but <{root.tag}>")
    rate = int(number_at([root.get("sample-rate", "")], 0))
    session = DawSession(path, root.get("name") or path.stem, sample_rate=rate if rate > 0 else None)
    routes = {route.get("id", ""): route for route in root.findall("Routes/Route")}
    reverbs = {key for key, route in routes.items() if _is_reverb(route)}
    clips = _clips(root, rate or 48000)
    for key, route in routes.items():
        flags = (_child(route, "PresentationInfo").get("flags") or "") + route.get("flags", "")
        strip = _strip(route, reverbs, {other: item.get("name", "") for other, item in routes.items()}, rate or 48000)
        strip.clips = clips.get(route.get("audio-playlist", ""), clips.get(key, []))
        if "MasterOut" in flags:
            session.master = _as_master(strip)
        elif key in reverbs and session.reverb is None:
            session.reverb = strip
            strip.active["reverb"] = strip.active.get("reverb", True) and not strip.mute
        elif "MonitorOut" not in flags and "Auditioner" not in flags:
            session.tracks.append(strip)
    return session


def _child(owner: Element, tag: str) -> Element:
    found = owner.find(tag)
    return Element(tag) if found is None else found


def _is_reverb(route: Element) -> bool:
    scripts = {processor.get("name") for processor in route.findall("Processor")}
    return NAMES["reverb"] in scripts or (route.get("name") == REVERB and not route.get("audio-playlist"))


def _control(owner: Element, name: str, otherwise: float) -> float:
    for control in owner.iter("Controllable"):
        if control.get("name") == name:
            return number_at([control.get("value", "")], 0, otherwise)
    return otherwise


def _strip(route: Element, reverbs: set[str], names: dict[str, str], rate: int) -> DawStrip:
    strip = DawStrip(route.get("name") or "Track")
    fader, trim_db, scripted = 1.0, 0.0, False
    stock: dict[str, dict[str, float]] = {}
    for processor in route.findall("Processor"):
        kind, active = processor.get("type", ""), processor.get("active", "1") in ("1", "yes", "true")
        if kind == "amp":
            fader = _control(processor, "gaincontrol", 1.0)
        elif kind == "intsend":
            level, target = _control(processor, "gaincontrol", 1.0), processor.get("target", "")
            if target in reverbs:
                strip.send = (level, active)
            elif processor.get("role", "Aux") == "Aux":
                strip.left.append(f"the send to {names.get(target, 'another bus')}")
        elif kind == "luaproc" and processor.get("name") in _SCRIPTS:
            name = _SCRIPTS[processor.get("name", "")]
            values = _ports(processor, name)
            if name == "level":
                scripted, trim_db = True, values["gain_db"] if values["gain_db"] > GAIN.low else 0.0
                strip.knobs["panner"] = {"width": values["width"]}
            else:
                strip.knobs[name], strip.active[name] = values, active
        elif (own := stock_kind(processor)) and own not in stock:
            stock[own], strip.active[own] = stock_knobs(processor, rate), active
        elif kind in _PLUGINS:
            strip.left.append(f"the plugin {processor.get('name')}")
    _take_stock(strip, stock)
    azimuth = _control(_child(route, "Pannable"), "pan-azimuth", 0.5)
    strip.place = _place(fader, azimuth, trim_db, scripted)
    muted = _child(route, "MuteMaster").get("muted", "0") in ("1", "yes", "true")
    strip.mute = muted or _route_control(route, "mute") > 0.5
    strip.solo = _route_control(route, "solo") > 0.5
    for owner in route.iter("AutomationList"):
        if owner.find("events") is not None:
            strip.left.append(f"automation ({owner.get('automation-id', 'a control')})")
    return strip


def _take_stock(strip: DawStrip, stock: dict[str, dict[str, float]]) -> None:
    """Ardour's own equaliser has no high-pass: where it stands, our script beside it has that alone."""
    if "equalizer" in stock:
        high_pass = strip.knobs.pop("equalizer", {}).get(HIGHPASS.name, HIGHPASS.low)
        strip.knobs["equalizer"] = {HIGHPASS.name: high_pass, **stock["equalizer"]}
    if "compressor" in stock:
        strip.knobs.setdefault("compressor", stock["compressor"])


def _place(fader: float, azimuth: float, trim_db: float, scripted: bool) -> Callable[[int], tuple[float, float]]:
    return lambda channels: read_back(fader, azimuth, trim_db, channels, scripted=scripted)


def _route_control(route: Element, name: str) -> float:
    """A control that is the route's own, not one of its processors'."""
    for control in route.findall("Controllable"):
        if control.get("name") == name:
            return number_at([control.get("value", "")], 0)
    return 0.0


def _ports(processor: Element, name: str) -> dict[str, float]:
    knobs = lua_script(name).knobs
    values = {knob.param.name: knob.param.default for knob in knobs}
    for port in processor.findall("luaproc/Port"):
        place = int(number_at([port.get("id", "")], 0, -1))
        if 0 <= place < len(knobs):
            param = knobs[place].param
            values[param.name] = number_at([port.get("value", "")], 0, param.default)
    return values


def _as_master(strip: DawStrip) -> DawStrip:
    """Ardour's master fader stands where ours does: before the limiter."""
    strip.knobs["fader"] = {"gain_db": strip.place(2)[0]}
    strip.knobs.pop("panner", None)
    return strip


def _clips(root: Element, rate: int) -> dict[str, list[Clip]]:
    """The audio of each playlist, by the playlist's id and by its track's."""
    files = {source.get("id", ""): source.get("name", "") for source in root.findall("Sources/Source")}
    found: dict[str, list[Clip]] = {}
    for playlist in root.findall("Playlists/Playlist"):
        clips = [_clip(region, files, rate) for region in playlist.findall("Region")]
        taken = [clip for clip in clips if clip is not None]
        found[playlist.get("id", "")] = taken
        found.setdefault(playlist.get("orig-track-id") or playlist.get("orig_track_id") or "", taken)
    found.pop("", None)
    return found


def _clip(region: Element, files: dict[str, str], rate: int) -> Clip | None:
    file = files.get(region.get("source-0", ""), "")
    if not file or region.get("muted", "0") in ("1", "yes", "true"):
        return None
    length, _, place = region.get("length", "").partition("@")
    position = place or region.get("position", "0")
    return Clip(
        file, _seconds(position, rate), _seconds(region.get("start", "0"), rate), _seconds(length, rate) or None
    )


def _seconds(text: str, rate: int) -> float:
    """A time as Ardour 7 writes it (``a`` and superclocks), or in samples as before."""
    if text.startswith("a"):
        return max(0.0, number_at([text[1:]], 0) / SUPERCLOCKS)
    return max(0.0, number_at([text], 0) / rate)
