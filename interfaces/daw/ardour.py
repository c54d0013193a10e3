"""Ardour 7: a session whose every strip, send, bus and master sounds as our console does, and can be edited there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import ElementTree, indent

from interfaces.daw.ardour_check import check_ardour
from interfaces.daw.ardour_strip import RESPONSE, Chain, Strip
from interfaces.daw.ardour_xml import MASTER, REVERB, Region, Route, session_xml
from interfaces.daw.colours import MASTER as MASTER_COLOUR
from interfaces.daw.colours import REVERB as REVERB_COLOUR
from interfaces.daw.colours import colour_of
from interfaces.daw.exporter import Carried, Exported
from interfaces.daw.material import Material, file_name, place_audio
from interfaces.daw.names import plain_names
from interfaces.daw.registry import Kind
from mixer import audio
from mixer.arrays import F32
from mixer.console import is_open
from mixer.knobs import ProcessorSettings
from mixer.processor import Place, find
from mixer.processors.fader import LEVEL
from mixer.processors.reverb import response_of
from mixer.progress import Progress
from mixer.session import Session, Track

_FORBIDDEN = "/:\\"
_LONGEST_BYTES = 120
_SNAPSHOT_FORBIDDEN = "/:\\<>|\"*?;'"
_INTERCHANGE = "interchange/faderwise/audiofiles"
_EMPTY = ("analysis", "dead", "export", "externals", "peaks", "plugins")


def export_ardour(session: Session, session_folder: Path, new_folder: Path, progress: Progress) -> Exported:
    """An Ardour 7 session with our processors as Lua scripts inside it; see ``Exporter``."""
    return _export(session, session_folder, new_folder, progress, stock=False)


def export_ardour_stock(session: Session, session_folder: Path, new_folder: Path, progress: Progress) -> Exported:
    """The same with Ardour's own equaliser, compressor and panner where they can do what is asked of them."""
    return _export(session, session_folder, new_folder, progress, stock=True)


KIND = Kind(
    "ardour", "An Ardour 7 session; everything can be edited there.", export_ardour, check_ardour, export_ardour_stock
)


def _export(session: Session, session_folder: Path, folder: Path, progress: Progress, *, stock: bool) -> Exported:
    for name in (_INTERCHANGE, *_EMPTY):
        (folder / name).mkdir(parents=True)
    wet = _wants_bus(session)
    response = _place_response(session, folder) if wet else None
    materials = []
    for index, track in enumerate(session.tracks, 1):
        progress((index - 1) / max(1, len(session.tracks)), "copying audio")
        target = folder / _INTERCHANGE / file_name(index, track)
        materials.append(place_audio(track, session_folder, target, session.sample_rate))
    routes, rows = _routes(session, materials, wet=wet, stock=stock)
    frames = _song_frames(session, materials, response)
    (name,) = plain_names([session.name], forbidden=_SNAPSHOT_FORBIDDEN, longest_bytes=_LONGEST_BYTES)
    document = session_xml(name, session.sample_rate, frames, routes)
    indent(document, " ")
    project = folder / f"{name}.ardour"
    ElementTree(document).write(project, encoding="UTF-8", xml_declaration=True)
    progress(1.0, "done")
    return Exported(folder, project, rows, notes=_notes(session, materials, wet=wet))


def _wants_bus(session: Session) -> bool:
    """Whether any track's send is up, heard or not."""
    values = {track.id: session.knob(f"{track.id}.send.{LEVEL.name}").value for track in session.tracks}
    return any(not LEVEL.is_off(value) for value in values.values())


def _reverb_is_bypassed(session: Session) -> bool:
    return session.reverb.get("reverb", ProcessorSettings()).bypass


def _place_response(session: Session, folder: Path) -> F32:
    values = {knob: session.knob(f"reverb.reverb.{knob}").value for knob in find("reverb").knobs}
    response = response_of(session.sample_rate, values)
    audio.write(folder / RESPONSE, response, session.sample_rate, depth="float")
    return response


def _song_frames(session: Session, materials: Sequence[Material], response: F32 | None) -> int:
    """As long as our own render: the longest track that sounds, and the reverb's tail where one of them sends."""
    audible = {track.id for track in session.audible_tracks()}
    heard = [item.frames for track, item in zip(session.tracks, materials, strict=True) if track.id in audible]
    frames = max(heard or [item.frames for item in materials], default=session.sample_rate)
    sending = any(is_open(session.values(track), Place.SEND) for track in audible)
    if response is not None and sending and is_open(session.values("reverb"), Place.BUS):
        frames += response.shape[1] - 1
    return frames


def _routes(
    session: Session, materials: Sequence[Material], *, wet: bool, stock: bool
) -> tuple[list[Route], list[Carried]]:
    master = Chain(session, "master", 2, wet=False, stock=stock).build()
    routes = [Route(MASTER, "master", 2, MASTER_COLOUR, master.place.fader, plugins=master.plugins)]
    rows: list[Carried] = []
    names = plain_names(
        (track.name for track in session.tracks),
        forbidden=_FORBIDDEN,
        longest_bytes=_LONGEST_BYTES,
        taken=(MASTER, REVERB, "Click", "Monitor", "Auditioner"),
    )
    for track, name, material in zip(session.tracks, names, materials, strict=True):
        strip = Chain(session, track.id, track.channels, wet=wet, stock=stock).build()
        routes.append(_track_route(track, name, material, strip))
        rows += [*_flag_rows(track, name), *strip.rows]
    reverb = Chain(session, "reverb", 2, wet=wet, stock=stock).build()
    if wet:
        muted = _reverb_is_bypassed(session)
        routes.append(Route(REVERB, "bus", 2, REVERB_COLOUR, 1.0, plugins=reverb.plugins, mute=muted))
    return routes, [*rows, *reverb.rows, *master.rows]


def _track_route(track: Track, name: str, material: Material, strip: Strip) -> Route:
    return Route(
        name,
        "track",
        track.channels,
        colour_of(track.role),
        strip.place.fader,
        strip.place.azimuth,
        strip.plugins,
        strip.send,
        Region(material.path.name, material.channels, material.frames),
        mute=track.mute,
        solo=track.solo,
    )


def _flag_rows(track: Track, name: str) -> list[Carried]:
    renamed = f"called {name!r} there" if name != track.name else ""
    rows = [Carried(track.id, "name", "approximate" if renamed else "exact", renamed)]
    rows.append(Carried(track.id, "role", "exact", "as the track's colour"))
    rows += [Carried(track.id, flag, "exact") for flag in ("mute", "solo") if getattr(track, flag)]
    return rows


def _notes(session: Session, materials: Sequence[Material], *, wet: bool) -> list[str]:
    notes = [f"Open {session.name!r} with Ardour 7 or later; no plugin needs to be installed."]
    changed = sum(material.resampled for material in materials)
    if changed:
        notes.append(f"{changed} of {len(materials)} tracks were resampled to {session.sample_rate} Hz.")
    if wet:
        notes.append("The reverb bus is not muted by solo, so a soloed track keeps its room.")
    notes.append("Reasons, locks and history stay in the Faderwise session.")
    return notes
