"""The session format of Ardour 7, as far as a mix needs it: routes, their processors, playlists of whole files."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal
from xml.etree.ElementTree import Element

SUPERCLOCKS = 282_240_000
"""Ardour's units of time in a second."""
MASTER = "Master"
REVERB = "Reverb"
_FLAGS = {"track": "AudioTrack", "bus": "AudioBus", "master": "MasterOut"}
_BALANCE = "http://ardour.org/plugin/panner_balance"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin in a route: a Lua script that the session carries, or an LV2 plugin by its URI."""

    name: str
    ports: Mapping[str, float]
    """Control ports by number (Lua, from 0) or symbol (LV2)."""
    script: str = ""
    uri: str = ""
    active: bool = True
    post_fader: bool = False
    latency: int = 0
    """In samples. Ardour learns a script's latency only once it runs, which is too late for an export."""


@dataclass(frozen=True, slots=True)
class Send:
    """A post-fader send to the reverb bus, panned as the track is."""

    gain: float
    active: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A whole file on a track."""

    file: str
    channels: int
    frames: int


@dataclass(frozen=True, slots=True)
class Route:
    """A track, a bus, or the master."""

    name: str
    kind: Literal["track", "bus", "master"]
    channels: int
    colour: str
    fader: float
    azimuth: float = 0.5
    plugins: Sequence[Plugin] = ()
    send: Send | None = None
    region: Region | None = None
    mute: bool = False
    solo: bool = False


@dataclass(slots=True)
class _Numbers:
    """Ids are unique in a session and are handed out in one pass."""

    ids: Iterable[int] = field(default_factory=lambda: count(100))
    bits: Iterable[int] = field(default_factory=lambda: count(1))
    route_ids: dict[str, str] = field(default_factory=dict)

    def fresh(self) -> str:
        return str(next(iter(self.ids)))

    def bit(self) -> str:
        return str(next(iter(self.bits)))


def session_xml(name: str, sample_rate: int, frames: int, routes: Sequence[Route]) -> Element:
    """The document: ``frames`` is the length of the song; sends go to the one bus among the routes."""
    numbers = _Numbers()
    numbers.route_ids.update((route.name, numbers.fresh()) for route in routes)
    bus = next((numbers.route_ids[route.name] for route in routes if route.kind == "bus"), "")
    sources, playlists, written = [], [], []
    for order, route in enumerate(routes):
        playlist = numbers.fresh() if route.region else ""
        written.append(_route(numbers, route, order, bus, playlist))
        if route.region:
            ids = [numbers.fresh() for _ in range(route.region.channels)]
            sources += [_source(route.region.file, channel, number) for channel, number in enumerate(ids)]
            playlists.append(_playlist(numbers, route, route.region, playlist, ids, sample_rate))
    end = _clock(frames, sample_rate)
    whole = {"id": numbers.fresh(), "name": "session", "start": "a0", "end": f"a{end}", "flags": "IsSessionRange"}
    location = _node("Location", whole | {"locked": "0", "timestamp": "0"})
    return _node(
        "Session",
        {
            "version": "7002",
            "name": name,
            "sample-rate": str(sample_rate),
            "session-range-is-free": "0",
            "id-counter": numbers.fresh(),
            "name-counter": "1",
            "event-counter": "0",
            "vca-counter": "1",
        },
        _node("ProgramVersion", {"created-with": "Faderwise", "modified-with": "Ardour 7.3.0"}),
        _config(),
        _node("Metadata"),
        _node("Sources", {}, *sources),
        _node("Regions"),
        _node("Locations", {}, location),
        _node("Routes", {}, *written),
        _node("Playlists", {}, *playlists),
        _node("UnusedPlaylists"),
        _node("RouteGroups"),
        _tempo(),
    )


def _node(tag: str, attributes: Mapping[str, str] | None = None, *children: Element) -> Element:
    made = Element(tag, dict(attributes or {}))
    made.extend(children)
    return made


def _clock(frames: int, sample_rate: int) -> int:
    return frames * SUPERCLOCKS // sample_rate


def _config() -> Element:
    options = {
        "native-file-data-format": "FormatFloat",
        "native-file-header-format": "WAVE",
        "use-region-fades": "0",
        "use-transport-fades": "0",
        "realtime-export": "0",
    }
    return _node("Config", {}, *(_node("Option", {"name": name, "value": value}) for name, value in options.items()))


def _tempo() -> Element:
    moment = {"sclock": "0", "quarters": "0:0", "bbt": "1|1|0"}
    pace = {"npm": "120", "enpm": "120", "note-type": "4", "type": "Tempo::Constant"}
    tempo = _node("Tempo", pace | {"active": "1", "locked-to-meter": "0", "continuing": "0", "omega": "0"} | moment)
    meter = _node("Meter", {"note-value": "4", "divisions-per-bar": "4"} | moment)
    scale = {"superclocks-per-second": str(SUPERCLOCKS)}
    return _node("TempoMap", scale, _node("Tempos", {}, tempo), _node("Meters", {}, meter), _node("MusicTimes"))


def _source(file: str, channel: int, number: str) -> Element:
    fields = {"name": file, "take-id": "", "type": "audio", "flags": "", "id": number}
    return _node("Source", fields | {"channel": str(channel), "origin": file, "gain": "1"})


def _playlist(
    numbers: _Numbers, route: Route, region: Region, playlist: str, sources: Sequence[str], sample_rate: int
) -> Element:
    length = _clock(region.frames, sample_rate)
    fields = {
        "name": route.name,
        "id": numbers.fresh(),
        "type": "audio",
        "channels": str(region.channels),
        "start": "a0",
        "length": f"a{length}@a0",
        "sync-position": "a0",
        "ancestral-start": "a0",
        "ancestral-length": "a0@a0",
        "stretch": "1",
        "shift": "1",
        "layering-index": "0",
        "scale-amplitude": "1",
        "first-edit": "nothing",
        "tags": "",
        "contents": "0",
        "opaque": "1",
    }
    for index, number in enumerate(sources):
        fields[f"source-{index}"] = fields[f"master-source-{index}"] = number
    off = (
        *("muted", "locked", "video-locked", "automatic", "whole-file", "import", "external", "sync-marked"),
        *("left-of-split", "right-of-split", "hidden", "position-locked", "valid-transients", "default-fade-in"),
        *("default-fade-out", "fade-in-active", "fade-out-active", "fade-before-fx", "envelope-active"),
    )
    whole = _node("Region", fields | dict.fromkeys(off, "0"))
    about = {"id": playlist, "name": route.name, "type": "audio", "orig-track-id": numbers.route_ids[route.name]}
    rest = {"pgroup-id": "", "shared-with-ids": "", "frozen": "0", "combine-ops": "0"}
    return _node("Playlist", about | rest, whole)


# --- routes ------------------------------------------------------------------------------------------------------


def _route(numbers: _Numbers, route: Route, order: int, bus: str, playlist: str) -> Element:
    fields = {
        "version": "7002",
        "id": numbers.route_ids[route.name],
        "name": route.name,
        "default-type": "audio",
        "strict-io": "1",
        "active": "1",
        "denormal-protection": "0",
        "meter-point": "MeterPostFader",
        "disk-io-point": "DiskIOPreFader",
        "meter-type": "MeterPeak",
    }
    if route.kind == "track":
        fields |= {"audio-playlist": playlist, "saved-meter-point": "MeterPostFader", "mode": "Normal"}
        fields |= {"alignment-choice": "Automatic"}
    colour = int(route.colour.removeprefix("#") + "ff", 16)
    flags = f"{_FLAGS[route.kind]},OrderSet"
    shown = _node("PresentationInfo", {"order": str(order), "flags": flags, "color": str(colour)})
    muted = {"mute-point": "PreFader,PostFader,Listen,Main", "muted": _bit(route.mute)}
    children = [shown, _ports(numbers, route, "Input"), _ports(numbers, route, "Output"), _node("MuteMaster", muted)]
    children += [_control(numbers, "mute", "Toggle", _bit(route.mute)), _solo(numbers, route)]
    if route.kind != "master":
        place = _control(numbers, "pan-azimuth", "", repr(route.azimuth))
        children.append(_node("Pannable", {}, place, _control(numbers, "pan-width", "", "1")))
    if route.kind == "bus":  # other tracks' solo must not silence the room that the soloed ones stand in
        isolated = _control(numbers, "solo-iso", "Toggle", "1")
        isolated.set("solo-isolated", "1")
        children.append(isolated)
    children += [*_head(numbers, route), _amp(numbers, "trim", 1.0)]
    children += [_plugin(numbers, plugin, route.channels) for plugin in route.plugins if not plugin.post_fader]
    children.append(_amp(numbers, "amp", route.fader))
    children += [_plugin(numbers, plugin, 2) for plugin in route.plugins if plugin.post_fader]
    if route.send is not None:
        children.append(_aux(numbers, route.send, bus))
    children += [*_tail(numbers, route)]
    return _node("Route", fields, *children)


def _bit(on: bool) -> str:
    return "1" if on else "0"


def _control(numbers: _Numbers, name: str, flags: str, value: str) -> Element:
    return _node("Controllable", {"name": name, "id": numbers.fresh(), "flags": flags, "value": value})


def _solo(numbers: _Numbers, route: Route) -> Element:
    control = _control(numbers, "solo", "Toggle,RealTime", _bit(route.solo))
    control.attrib |= {"self-solo": _bit(route.solo), "soloed-by-upstream": "0", "soloed-by-downstream": "0"}
    return control


def _ports(numbers: _Numbers, route: Route, direction: Literal["Input", "Output"]) -> Element:
    inward = direction == "Input"
    channels = range(1, (route.channels if inward else 2) + 1)
    ports = []
    for channel in channels:
        port = _node("Port", {"type": "audio", "name": f"{route.name}/audio_{'in' if inward else 'out'} {channel}"})
        if not inward:
            other = f"system:playback_{channel}" if route.kind == "master" else f"{MASTER}/audio_in {channel}"
            port.append(_node("Connection", {"other": other}))
        ports.append(port)
    fields = {"name": route.name, "id": numbers.fresh(), "direction": direction, "default-type": "audio"}
    return _node("IO", fields, *ports)


def _processor(numbers: _Numbers, name: str, kind: str, extra: Mapping[str, str], *children: Element) -> Element:
    fields = {"id": numbers.fresh(), "name": name, "active": "1", "user-latency": "0", "use-user-latency": "0"}
    return _node("Processor", fields | {"type": kind} | dict(extra), *children)


def _head(numbers: _Numbers, route: Route) -> list[Element]:
    if route.kind == "track":
        recorder = _processor(numbers, f"recorder:{route.name}", "diskwriter", {"record-safe": "0"})
        return [recorder, _processor(numbers, f"player:{route.name}", "diskreader", {})]
    return [_processor(numbers, "Return", "intreturn", {})] if route.kind == "bus" else []


def _amp(numbers: _Numbers, kind: Literal["trim", "amp"], gain: float) -> Element:
    control = _control(numbers, "trimcontrol" if kind == "trim" else "gaincontrol", "GainLike", repr(gain))
    return _processor(numbers, "Amp", kind, {}, control)


def _plugin(numbers: _Numbers, plugin: Plugin, channels: int) -> Element:
    key = "id" if plugin.script else "symbol"
    ports = [_node("Port", {key: name, "value": repr(float(value))}) for name, value in plugin.ports.items()]
    if plugin.script:
        script = _node("script", {"lua": "Lua 5.3", "origin": ""})
        script.text = base64.b64encode(plugin.script.encode()).decode()
        state, kind = _node("luaproc", {}, script, *ports), "luaproc"
    else:
        presets = {"last-preset-uri": "", "last-preset-label": "", "parameter-changed-since-last-preset": "0"}
        state, kind = _node("lv2", presets, *ports), "lv2"
    configured = [
        _node(f"Configured{side}", {}, _node("Channels", {"type": "audio", "count": str(channels)}))
        for side in ("Input", "Output")
    ]
    # an LV2 plugin has one channel, and Ardour runs one copy for each
    copies = "1" if plugin.script or plugin.uri.endswith("#stereo") else str(channels)
    fields = {"unique-id": plugin.uri, "count": copies, "custom": "0", "active": _bit(plugin.active)}
    if plugin.latency and plugin.active:
        fields |= {"user-latency": str(plugin.latency), "use-user-latency": "1"}
    return _processor(numbers, plugin.name, kind, fields, *configured, state)


def _aux(numbers: _Numbers, send: Send, target: str) -> Element:
    fields = {"own-input": "1", "own-output": "1", "role": "Aux", "bitslot": numbers.bit(), "selfdestruct": "0"}
    fields |= {"target": target, "allow-feedback": "0", "active": _bit(send.active)}
    panner = _node("PannerShell", {"bypassed": "0", "user-panner": "", "linked-to-route": "1"})
    polarity = _control(numbers, "polarity-invert", "Toggle", "0")
    gain = _control(numbers, "gaincontrol", "GainLike,InlineControl", repr(send.gain))
    return _processor(numbers, REVERB, "intsend", fields, panner, _node("Pannable"), polarity, gain)


def _tail(numbers: _Numbers, route: Route) -> Iterable[Element]:
    balance = _BALANCE if route.kind != "master" and route.channels == 2 else ""
    panner = _node("PannerShell", {"bypassed": "0", "user-panner": balance, "linked-to-route": "1"})
    outputs = {"own-input": "1", "own-output": "0", "output": route.name, "role": "Main"}
    yield _processor(numbers, route.name, "main-outs", outputs, panner)
    yield _processor(numbers, f"meter-{route.name}", "meter", {})
    yield _node("Slavable")
    if route.kind == "track":
        monitor = _control(numbers, "monitor", "RealTime", "0")
        monitor.set("monitoring", "")
        yield monitor
