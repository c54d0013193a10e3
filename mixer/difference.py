"""What differs between two sessions, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from mixer.address import PROCESSOR_FLAGS, SESSION_FLAGS, TRACK_FLAGS
from mixer.edits import at
from mixer.knobs import PLACES, target_chain
from mixer.param import Param
from mixer.session import LOUDNESS, SESSION, Context, FileContext, Session


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: JSON values for programs, and the same as a person reads them."""

    address: str
    before: JsonValue
    after: JsonValue
    shown_before: str
    shown_after: str


def diff(a: Session, b: Session) -> list[Difference]:
    """Everything that sounds, reads or is locked differently in ``b`` than in ``a``; track by track, then the rest.

    Tracks are compared by their id. Where a value came from, and the history, are no difference.
    """
    found = list(_tracks(a, b))
    for target in PLACES:
        found += _settings(a, b, target)
    for flag in SESSION_FLAGS:
        address = f"{SESSION}.{flag}"
        found += _compare(address, at(a, address), at(b, address), LOUDNESS if flag == LOUDNESS.name else None)
    found += _compare(f"{SESSION}.sample_rate", a.sample_rate, b.sample_rate)
    return [*found, *_context(a.context, b.context)]


def _tracks(a: Session, b: Session) -> Iterator[Difference]:
    there = {track.id for track in b.tracks}
    both = {track.id for track in a.tracks} & there
    for track in a.tracks:
        if track.id not in there:
            yield Difference(track.id, track.path, None, track.path, "not there")
            continue
        for flag in TRACK_FLAGS:
            address = f"{track.id}.{flag}"
            yield from _compare(address, at(a, address), at(b, address))
        new = b.track(track.id)
        if new.sha256 != track.sha256:
            yield Difference(f"{track.id}.sha256", track.sha256, new.sha256, track.path, f"{new.path}, other audio")
        yield from _settings(a, b, track.id)
    for track in b.tracks:
        if track.id not in both:
            yield Difference(track.id, None, track.path, "not there", track.path)


def _settings(a: Session, b: Session, target: str) -> Iterator[Difference]:
    for name, entry in target_chain(target).items():
        for flag in PROCESSOR_FLAGS:
            address = f"{target}.{name}.{flag}"
            yield from _compare(address, at(a, address), at(b, address))
        for param in entry.params:
            address = f"{target}.{name}.{param.name}"
            old, new = a.knob(address), b.knob(address)
            yield from _compare(address, old.value, new.value, param)
            yield from _compare(f"{address}.locked", old.locked, new.locked)


def _context(a: Context, b: Context) -> Iterator[Difference]:
    where = f"{SESSION}.context"
    yield from _compare(f"{where}.prompt", a.prompt, b.prompt)
    for field in ("references", "rough_mix"):
        old, new = (context.model_dump(mode="json", include={field})[field] for context in (a, b))
        if old != new:
            yield Difference(f"{where}.{field}", old, new, _files(a, field), _files(b, field))


def _files(context: Context, field: str) -> str:
    files: list[FileContext] = [*context.references]
    if field == "rough_mix":
        files = [context.rough_mix] if context.rough_mix else []
    return ", ".join(file.name for file in files) or "none"


def _compare(address: str, old: JsonValue, new: JsonValue, param: Param | None = None) -> list[Difference]:
    return [] if old == new else [Difference(address, old, new, _show(old, param), _show(new, param))]


def _show(value: JsonValue, param: Param | None) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float) and param:
        return param.show(value)
    return str(value) if value != "" else "none"
