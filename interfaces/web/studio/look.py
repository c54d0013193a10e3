"""What the Look area shows: the mix now, before the last suggestion, and the references, measured once each."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from interfaces.looked import GroupTone, Side, look_document, masking_document
from interfaces.measured import Listened, listen_to_mix
from interfaces.reference_stems import with_kept_stems
from interfaces.web.studio.mixing import Mix
from mixer import audio
from mixer.edits import undo
from mixer.progress import Progress, silent, span
from mixer.session import Session
from style_transfer.analysis import measure_file
from style_transfer.masking import Masking, Part, masking
from style_transfer.reference import telling_part
from style_transfer.reference_file import ReferenceFile
from style_transfer.stems import hear_stems
from style_transfer.suggestion import KIND
from style_transfer.timeline import Timeline
from style_transfer.words import clock

NOW, BEFORE = "now", "before"
KEPT = 48
"""Measurements that are remembered; one is some tens of kilobytes."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A reference to look at beside the mix: what it is called, and where it is."""

    key: str
    name: str
    file: ReferenceFile


@dataclass(frozen=True, slots=True)
class _Reference:
    heard: Listened
    part: tuple[float, float]


class Looker:
    """Measures what the pictures need, and remembers it: a second look costs only what has changed."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._turn = threading.Lock()

    def look(self, mix: Mix, references: Sequence[Compared], progress: Progress = silent) -> dict[str, Any]:
        """The document that the page draws (``interfaces.looked``).

        Raises:
            SessionError: every track is muted.
            AudioError: a track or a reference cannot be read.
        """
        stands = {NOW: mix.session}
        before = before_suggestion(mix.session)
        if before is not None:
            stands[BEFORE] = before
        works = len(stands) + len(references) / 4
        played = {}
        for number, (key, session) in enumerate(stands.items()):
            played[key] = self._play(mix, session, span(progress, 0.7 * number / works, 0.7 * (number + 1) / works))
        heard = [
            self._reference(each, span(progress, 0.7 * (len(stands) + n / 4) / works, 0.7))
            for n, each in enumerate(references)
        ]
        parts = _parts(played[NOW])
        covers = {
            key: self._covers(mix, session, parts, span(progress, 0.7 + 0.15 * number, 0.85 + 0.15 * number))
            for number, (key, session) in enumerate(stands.items())
        }
        return _document(mix, played, covers, references, heard, self._groups(mix, covers, references))

    def _once(self, key: tuple[object, ...], work: Callable[[], Any]) -> Any:
        with self._turn:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = work()
        with self._turn:
            self._known[key] = found
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found

    def _play(self, mix: Mix, session: Session, progress: Progress) -> Listened:
        key = ("mix", *_sound(mix, session))
        played: Listened = self._once(key, lambda: listen_to_mix(session, mix.folder, progress))
        return played

    def _covers(self, mix: Mix, session: Session, parts: Sequence[Part], progress: Progress) -> Masking | None:
        key = ("masking", *_sound(mix, session), tuple(parts))
        found: Masking | None = self._once(key, lambda: masking(session, mix.folder, parts, progress))
        return found

    def _reference(self, compared: Compared, progress: Progress) -> _Reference:
        file = compared.file
        heard: _Reference = self._once(("reference", file.path, file.segment), lambda: _listened(file, progress))
        return heard

    def _groups(self, mix: Mix, covers: dict[str, Masking | None], references: Sequence[Compared]) -> list[GroupTone]:
        """Of the session's own stem groups, and of those references that were separated for a suggestion."""
        rate = mix.session.sample_rate
        tones = [tone for compared in references for tone in self._said(compared, rate)]
        if not tones:
            return []
        own = [
            GroupTone(key, group, tuple(round(float(level), 2) for level in shape.mid_db))
            for key, found in covers.items()
            if found is not None
            for group, shape in found.tones.items()
        ]
        return [*own, *tones]

    def _said(self, compared: Compared, sample_rate: int) -> list[GroupTone]:
        file = with_kept_stems(compared.file)
        key = ("groups", file.path, file.segment, sample_rate, file.stems is not None)
        said: list[GroupTone] = self._once(key, lambda: _said(file, compared.key, sample_rate))
        return said


def before_suggestion(session: Session) -> Session | None:
    """The session as it stood before the last suggestion; None if there was none."""
    if not any(step.kind == KIND for step in session.history):
        return None
    while True:
        session, step = undo(session)
        if step.kind == KIND:
            return session


def _sound(mix: Mix, session: Session) -> tuple[object, ...]:
    """What the sound of a session depends on."""
    told = session.model_dump_json(exclude={"history", "context", "name", "loudness_lufs"})
    return mix.key, mix.folder, hashlib.sha256(told.encode()).hexdigest()


def _parts(heard: Listened) -> tuple[Part, ...]:
    return () if heard.source is None else heard.source.parts


def _listened(file: ReferenceFile, progress: Progress) -> _Reference:
    """The part that a suggestion goes by."""
    info = audio.probe(file.path)
    part = file.segment or telling_part(file.path, span(progress, 0, 0.3))
    line = Timeline(info.sample_rate)
    heard = measure_file(file.path, span(progress, 0.3, 1), [line.push], segment=part)
    listened = Listened(file.path, info.sample_rate, heard.features(), heard.meter.short_term, line)
    return _Reference(listened, part)


def _said(file: ReferenceFile, key: str, sample_rate: int) -> list[GroupTone]:
    """The tone of its stem groups where it is trusted; nothing unless it is separated already, which takes long."""
    if file.stems is None:
        return []
    part = file.segment or telling_part(file.path)
    tones = []
    for said in hear_stems(file.stems, part, sample_rate):
        if said.tone_db is None or len(said.groups) > 1:
            continue
        levels = zip(said.tone_db, said.owned, strict=True)
        tones.append(GroupTone(key, next(iter(said.groups)), [round(db, 2) if own else None for db, own in levels]))
    return tones


def _document(
    mix: Mix,
    played: dict[str, Listened],
    covers: dict[str, Masking | None],
    references: Sequence[Compared],
    heard: Sequence[_Reference],
    groups: Sequence[GroupTone],
) -> dict[str, Any]:
    sides = [Side(NOW, "Now", "now", played[NOW])]
    if BEFORE in played:
        sides.append(Side(BEFORE, "Before the suggestion", "before", played[BEFORE]))
    sides += [
        Side(each.key, each.name, "reference", found.heard, in_time=False)
        for each, found in zip(references, heard, strict=True)
    ]
    views = [(key, found) for key, found in covers.items() if found is not None]
    covered = masking_document(mix.session, _parts(played[NOW]), views) if views else None
    notes = [
        f"{each.name} is measured from {clock(found.part[0])} to {clock(found.part[1])}, what a suggestion goes by"
        for each, found in zip(references, heard, strict=True)
    ]
    return look_document(sides, mix.session.sample_rate, groups=groups, masking=covered, notes=notes)
