"""DAWproject: an archive that Bitwig, Cubase, Studio One and others open, with their own devices at our settings."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from interfaces.daw.broadcast_wav import WavFile
from interfaces.daw.colours import MASTER, REVERB, colour_of
from interfaces.daw.dawproject_devices import devices
from interfaces.daw.dawproject_rows import dawproject_rows
from interfaces.daw.dawproject_xml import Ids, Real, Strip, channel_id, lane, node, real, track
from interfaces.daw.exporter import Exported
from interfaces.daw.marks import file_stem, guid, shown_name
from interfaces.daw.material import file_name, place_audio
from interfaces.daw.null_depth import not_measurable
from interfaces.daw.printing import Printing
from interfaces.daw.registry import Kind
from interfaces.daw.rows import bypassed, flag_rows, knob_value, sends_anywhere
from mixer.param import Param
from mixer.processors.fader import GAIN, LEVEL
from mixer.progress import Progress, span
from mixer.session import Session, Track

PRINTED = "Reverb (printed)"
_LOUDEST, _LOUDEST_SEND = (10 ** (param.high / 20) for param in (GAIN, LEVEL))
_REVERB_FILE = "audio/reverb.wav"
Archive = zipfile.ZipFile


def strip_id(target: str) -> str:
    """The id of a track's element: the same each time."""
    return f"track-{guid(target)[1:-1].lower()}"


def export_dawproject(session: Session, session_folder: Path, new_folder: Path, progress: Progress) -> Exported:
    """A .dawproject with its audio inside; see ``interfaces.daw.exporter``."""
    project = new_folder / f"{file_stem(session.name)}.dawproject"
    ids, resampled = Ids(), set()
    strips: list[Strip] = []
    with zipfile.ZipFile(project, "w") as archive:
        for index, entry in enumerate(session.tracks):
            file = file_name(index + 1, entry)
            made = place_audio(entry, session_folder, new_folder / file, session.sample_rate)
            _store(archive, new_folder / file, f"audio/{file}")
            strips.append(_strip(ids, session, entry, f"audio/{file}", made.frames))
            resampled |= {entry.id} if made.resampled else set()
            progress(0.5 * (index + 1) / len(session.tracks), "copying audio")
        printing = Printing(session, session_folder)
        if sends_anywhere(session):
            strips.append(Strip(strip_id("reverb"), "Reverb", REVERB, "effect", 2, 1.0, 0.5, mute=True))
        if printing.wet:
            strips.append(_printed(session, printing, archive, new_folder / "reverb.wav", span(progress, 0.5, 1)))
        strips.append(_master(ids, session))
        _store_text(archive, "project.xml", _project(ids, session, strips))
        _store_text(archive, "metadata.xml", node("MetaData", {}, _text("Title", shown_name(session.name))))
    rows = [*flag_rows(session, resampled, "the archive"), *dawproject_rows(session, printing.wet)]
    notes = [f"the reverb is printed as the track {PRINTED!r}: the format knows no reverb"] if printing.wet else []
    progress(1.0, "written")
    return Exported(new_folder, project, rows, notes=notes)


def _store(archive: Archive, file: Path, name: str) -> None:
    """Move a file into the archive as it is: audio hardly shrinks. Without the time of day."""
    about = zipfile.ZipInfo(name)
    with file.open("rb") as source, archive.open(about, "w", force_zip64=True) as target:
        while piece := source.read(1 << 22):
            target.write(piece)
    file.unlink()


def _store_text(archive: Archive, name: str, tree: Element) -> None:
    ElementTree.indent(tree)
    text = ElementTree.tostring(tree, encoding="UTF-8", xml_declaration=True)
    archive.writestr(zipfile.ZipInfo(name), text, compress_type=zipfile.ZIP_DEFLATED)


def _text(tag: str, text: str) -> Element:
    made = node(tag)
    made.text = text
    return made


def _project(ids: Ids, session: Session, strips: list[Strip]) -> Element:
    master = channel_id(strip_id("master"))
    tempo = real(ids, "Tempo", Real(120, "bpm", 20, 666))
    measure = node("TimeSignature", {"denominator": "4", "numerator": "4", "id": ids.fresh()})
    written = [track(ids, strip, "" if strip.role == "master" else master, _LOUDEST, _LOUDEST_SEND) for strip in strips]
    lanes = [lane(ids, strip, session.sample_rate) for strip in strips if strip.file]
    return node(
        "Project",
        {"version": "1.0"},
        node("Application", {"name": "Faderwise", "version": version("faderwise")}),
        node("Transport", {}, tempo, measure),
        node("Structure", {}, *written),
        node("Arrangement", {"id": ids.fresh()}, node("Lanes", {"timeUnit": "seconds", "id": ids.fresh()}, *lanes)),
        node("Scenes"),
    )


def _strip(ids: Ids, session: Session, entry: Track, file: str, frames: int) -> Strip:
    values = session.values(entry.id)
    level_db = knob_value(session, entry.id, "send", LEVEL.name)
    sends = {}
    if sends_anywhere(session):
        sends[channel_id(strip_id("reverb"))] = (linear(LEVEL, level_db), not bypassed(session, entry.id, "send"))
    return Strip(
        id=strip_id(entry.id),
        name=shown_name(entry.name),
        colour=colour_of(entry.role),
        role="regular",
        channels=entry.channels,
        volume=linear(GAIN, values.get("fader", {}).get(GAIN.name, GAIN.default)),
        pan=(values.get("panner", {}).get("pan", 0.0) + 1) / 2,
        devices=devices(ids, session, entry.id),
        sends=sends,
        mute=entry.mute,
        solo=entry.solo,
        file=file,
        frames=frames,
    )


def linear(param: Param, decibels: float) -> float:
    """A level as the format has it; the lowest position is silence."""
    return 0.0 if param.is_off(decibels) else 10 ** (decibels / 20)


def _printed(session: Session, printing: Printing, archive: Archive, scratch: Path, progress: Progress) -> Strip:
    """The reverb's sound as a track; the bus itself is mute, since the format has nothing to put there."""
    with WavFile(scratch, session.sample_rate, 2, printing.frames, "float") as file:
        done = 0
        for block in printing:
            assert block.reverb is not None
            file.write(block.reverb)
            done += block.reverb.shape[1]
            progress(done / printing.frames, "printing the reverb")
    _store(archive, scratch, _REVERB_FILE)
    bare = Strip(strip_id("reverb printed"), PRINTED, REVERB, "regular", 2, 1.0, 0.5)
    solo = any(entry.solo for entry in session.tracks)  # it is what the soloed tracks sent
    return replace(bare, file=_REVERB_FILE, frames=printing.frames, solo=solo)


def _master(ids: Ids, session: Session) -> Strip:
    values = session.values("master")
    gain_db = values.get("fader", {}).get(GAIN.name, GAIN.default)
    limited = values.get("limiter", {}).get("active", 0.0) != 0.0 and not GAIN.is_off(gain_db)
    volume = 1.0 if limited else linear(GAIN, gain_db)
    chain = devices(ids, session, "master", input_db=gain_db if limited else 0.0)
    return Strip(strip_id("master"), "Master", MASTER, "master", 2, volume, 0.5, chain)


KIND = Kind(
    "dawproject",
    "A DAWproject archive for Bitwig, Cubase, Studio One and others, with their own devices.",
    export_dawproject,
    not_measurable("each program that opens it renders it with devices of its own, and Faderwise starts none of them"),
)
