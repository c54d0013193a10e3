"""Back from another program: what was changed there becomes the user's own edits here."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from interfaces.daw.daw_session import DawSession, DawStrip
from interfaces.daw.marks import guid, shown_name
from interfaces.daw.material import file_name
from mixer.edits import apply
from mixer.errors import SessionError, UsageError
from mixer.knobs import ProcessorSettings, target_chain
from mixer.processors.fader import GAIN, LEVEL
from mixer.session import Edit, Session, Track

_AT_REST = {("fader", GAIN.name), ("panner", "width"), ("limiter", "active")}
"""Knobs that an export writes at rest while their processor is bypassed, where they are the other program's own."""
Reader = Callable[[Path], DawSession]
TOLERANCE = 1e-6
"""Values this near, relative or absolute, are the same: programs write numbers with six digits and more."""


def _readers() -> dict[str, Reader]:
    from interfaces.daw.read_ardour import read_ardour
    from interfaces.daw.read_dawproject import read_dawproject
    from interfaces.daw.read_rpp import read_rpp

    return {".rpp": read_rpp, ".rpp-bak": read_rpp, ".dawproject": read_dawproject, ".ardour": read_ardour}


def endings() -> tuple[str, ...]:
    """What the files of projects that can be read end in."""
    return tuple(ending for ending in _readers() if ending != ".rpp-bak")


def read_project(path: Path) -> DawSession:
    """The project of another program, by its file's ending.

    Raises:
        UsageError: the ending is none that is known.
        SessionError: the file cannot be read, or is not what its ending says.
    """
    readers = _readers()
    if path.suffix.lower() not in readers:
        raise UsageError(f"{path}: no project that can be read; use one of {', '.join(endings())}")
    try:
        return readers[path.suffix.lower()](path)
    except OSError as error:
        raise SessionError(f"{path}: cannot be read ({error.strerror or error}); check the path") from None
    except (ValueError, RecursionError) as error:
        raise SessionError(f"{path}: cannot be read: {error}; save it again in the other program") from None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    session: Session
    matched: dict[str, str]
    """Our tracks by id, and what they are called in the project."""
    left: list[str]
    """What is in the project and was not taken, a line each."""
    missing: list[str]
    """Our tracks that the project has no more."""


def into_session(session: Session, project: DawSession) -> Imported:
    """The session with the project's faders, pans, mutes, sends and our own processors' knobs: one step of its history.

    Only what differs from what an export of this session would say is changed; all of it has the source ``user``.
    """
    found = matched(session, project)
    left = list(project.all_left)
    edits: list[Edit] = []
    for strip in project.tracks:
        track_id = found.get(id(strip))
        if track_id is None:
            left.append(f"{strip.name}: no track of this session")
            continue
        edits += _track_edits(session, session.track(track_id), strip, left)
    for target, bus in (("reverb", project.reverb), ("master", project.master)):
        if bus is not None:
            edits += _knob_edits(session, target, bus, left)
    changed = apply(session, edits, "import", f"import {project.path.name}")
    names = {track_id: strip.name for strip in project.tracks if (track_id := found.get(id(strip)))}
    missing = [track.name for track in session.tracks if track.id not in names]
    return Imported(changed, names, left, missing)


def matched(session: Session, project: DawSession) -> dict[int, str]:
    """Our tracks' ids by the ``id()`` of their strips: by our mark, else by the audio file, else by the name."""
    by_mark = {mark: track.id for track in session.tracks for mark in _marks(track.id)}
    by_file = {file_name(index, track): track.id for index, track in enumerate(session.tracks, 1)}
    by_file |= {track.path: track.id for track in session.tracks}
    titles = Counter(shown_name(track.name).casefold() for track in session.tracks)
    by_name = {title: track.id for track in session.tracks if titles[title := shown_name(track.name).casefold()] == 1}
    found: dict[int, str] = {}
    keys: tuple[Callable[[DawStrip], str | None], ...] = (
        lambda strip: by_mark.get(strip.mark),
        lambda strip: next((by_file[name] for name in _files(strip) if name in by_file), None),
        lambda strip: by_name.get(strip.name.casefold()),
    )
    for key in keys:
        for strip in project.tracks:
            track_id = key(strip) if id(strip) not in found else None
            if track_id is not None and track_id not in found.values():
                found[id(strip)] = track_id
    return found


def _marks(target: str) -> tuple[str, str]:
    return guid(target), f"track-{guid(target)[1:-1].lower()}"


def _files(strip: DawStrip) -> Iterator[str]:
    for clip in strip.clips:
        yield clip.file
        yield clip.file.replace("\\", "/").rpartition("/")[2]


def same(value: float, other: float) -> bool:
    """Whether two values are one as far as files tell."""
    return abs(value - other) <= TOLERANCE * max(1.0, abs(other))


def _track_edits(session: Session, track: Track, strip: DawStrip, left: list[str]) -> Iterator[Edit]:
    yield from _flag(f"{track.id}.mute", track.mute, strip.mute)
    yield from _flag(f"{track.id}.solo", track.solo, strip.solo)
    gain_db, pan = strip.place(track.channels)
    yield from _native(session, track.id, "fader", GAIN.name, gain_db)
    yield from _native(session, track.id, "panner", "pan", pan)
    if strip.send is not None:
        yield from _send(session, track.id, *strip.send, left)
    knobs = {name: given for name, given in strip.knobs.items() if name != "panner" or track.channels == 2}
    yield from _knob_edits(session, track.id, replace(strip, knobs=knobs), left)


def _flag(address: str, before: bool, after: bool) -> Iterator[Edit]:
    if before != after:
        yield Edit(address=address, before=before, after=after)


def _native(session: Session, target: str, processor: str, knob: str, value: float) -> Iterator[Edit]:
    """A knob that is the other mixer's own: an export writes a bypassed one at rest."""
    param = target_chain(target)[processor].param(knob)
    stands = session.values(target).get(processor, {}).get(knob, param.default)
    if not same(value, stands):
        yield Edit(address=f"{target}.{processor}.{knob}", before=None, after=param.clamp(value))
        yield from _bypass(session, target, processor, False)


def _bypass(session: Session, target: str, processor: str, bypass: bool) -> Iterator[Edit]:
    given = session.target_settings(target).get(processor, ProcessorSettings()).bypass
    yield from _flag(f"{target}.{processor}.bypass", given, bypass)


def _send(session: Session, target: str, level: float, on: bool, left: list[str]) -> Iterator[Edit]:
    level_db = 20 * math.log10(level) if level > 0 else LEVEL.low
    yield from _value(session, f"{target}.send.{LEVEL.name}", level_db, left)
    yield from _bypass(session, target, "send", not on)


def _value(session: Session, address: str, value: float, left: list[str]) -> Iterator[Edit]:
    target, processor, knob = address.split(".")
    param = target_chain(target)[processor].param(knob)
    held = param.clamp(round(value) if param.scale == "switch" else value)
    if not same(held, value):
        left.append(f"{address} = {value:g} is beyond our range; taken as {param.show(held)}")
    if not same(held, session.knob(address).value):
        yield Edit(address=address, before=None, after=held)


def _knob_edits(session: Session, target: str, strip: DawStrip, left: list[str]) -> Iterator[Edit]:
    for processor, knobs in strip.knobs.items():
        if processor not in target_chain(target):
            left.append(f"{strip.name}: our {processor} has no place there")
            continue
        if processor in strip.active:
            yield from _bypass(session, target, processor, not strip.active[processor])
        for knob, value in knobs.items():
            if processor not in strip.active and (processor, knob) in _AT_REST:
                yield from _native(session, target, processor, knob, value)
            else:
                yield from _value(session, f"{target}.{processor}.{knob}", value, left)
