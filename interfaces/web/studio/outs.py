"""What leaves the studio: each kind is made in a private folder, packed into one file, and kept for the download."""

from __future__ import annotations

import math
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from interfaces.daw.fidelity import differing, summary
from interfaces.daw.names import plain_names
from interfaces.daw.registry import kind_for
from interfaces.daw.stems import export_stems
from interfaces.exported import make_export
from interfaces.files import write_text
from interfaces.measured import listen_to_mix
from interfaces.opened import Opened
from interfaces.rendering import checked_depth
from interfaces.report import write_report
from interfaces.suggested import markdown
from interfaces.web.player import unheard, write_player
from interfaces.web.studio.answers import Refused
from interfaces.web.studio.body import Body
from interfaces.web.studio.workspace import Download, Snapshot, Workspace
from mixer import audio
from mixer.errors import UsageError
from mixer.progress import Progress, span
from mixer.render import Rendered, render
from mixer.session import LOUDNESS, Session
from mixer.session_file import FILE_NAME, save

FORMATS = ("wav", "flac", "ogg")
_FORBIDDEN = '/\\:*?"<>|'
_LONGEST_BYTES = 100
_SHOWN = 40
"""Lines about what does not arrive exactly."""


@dataclass(frozen=True, slots=True)
class OutWish:
    """What is to be made."""

    what: str
    form: str = "wav"
    depth: audio.Depth = "24"
    loudness_lufs: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file, and what is to be known about it."""

    path: Path
    suffix: str
    notes: list[str]
    fidelity: list[str]


Maker = Callable[[Snapshot, OutWish, Path, Progress], Made]


def wish_of(body: Body) -> OutWish:
    """What a request asks for; Refused or UsageError where there is no such thing."""
    what, form = body.text("what"), body.text("format", "wav")
    if what not in MAKERS:
        raise Refused(400, f"what is one of {', '.join(MAKERS)}")
    if form not in FORMATS:
        raise Refused(400, f"format is one of {', '.join(FORMATS)}")
    depth = checked_depth(body.text("bits", "24" if what != "stems" else "float"))
    loudness = body.number("loudness")
    if loudness is not None and not LOUDNESS.low <= loudness <= LOUDNESS.high:
        raise Refused(400, f"loudness is from {LOUDNESS.low:g} to {LOUDNESS.high:g} LUFS")
    return OutWish(what, form, "24" if form == "flac" and depth == "float" else depth, loudness)


def made_out(workspace: Workspace, snapshot: Snapshot, wish: OutWish, progress: Progress) -> dict[str, Any]:
    """Make it, and keep it for the download; answered as the page is told."""
    made = MAKERS[wish.what](snapshot, wish, snapshot.scratch, progress)
    (title,) = plain_names([snapshot.mix.session.name], forbidden=_FORBIDDEN, longest_bytes=_LONGEST_BYTES)
    kind = "" if wish.what == "mix" else f" {wish.what}"
    token = uuid.uuid4().hex
    path = made.path.replace(workspace.folder / "out" / f"{token}{made.suffix}")
    download = Download(token, f"{title}{kind}{made.suffix}", path)
    with workspace.lock:
        workspace.downloads[token] = download
        for old in list(workspace.downloads)[: -workspace.limits.downloads]:
            workspace.downloads.pop(old).path.unlink(missing_ok=True)
    told = {"id": token, "name": download.name, "bytes": path.stat().st_size}
    notes = [workspace.called(note) for note in made.notes]
    return {"download": told | {"notes": notes, "fidelity": [workspace.called(line) for line in made.fidelity]}}


def _mix(snapshot: Snapshot, wish: OutWish, scratch: Path, progress: Progress) -> Made:
    session = snapshot.mix.session
    target = scratch / f"mix.{wish.form}"
    done = render(
        session, snapshot.mix.folder, target, depth=wish.depth, loudness_lufs=wish.loudness_lufs, progress=progress
    )
    return Made(target, target.suffix, _rendered(done), [])


def _rendered(done: Rendered) -> list[str]:
    notes = (
        []
        if not math.isfinite(done.loudness_lufs)
        else [f"{done.loudness_lufs:.1f} LUFS, {done.true_peak_db:.1f} dBTP"]
    )
    if done.clipped:
        notes.append(f"{done.clipped} samples were cut off: switch the limiter on, or take 32 bit float")
    return notes


def _session(snapshot: Snapshot, wish: OutWish, scratch: Path, progress: Progress) -> Made:
    """The session file with its audio: where a saved session had it, else under names that tell the tracks."""
    del wish
    mix, folder = snapshot.mix, scratch / "session"
    folder.mkdir()
    tracks = mix.session.tracks
    plain = plain_names([track.name for track in tracks], forbidden=_FORBIDDEN, longest_bytes=_LONGEST_BYTES)
    renamed = []
    for number, (track, name) in enumerate(zip(tracks, plain, strict=True), 1):
        progress(0.5 * number / len(tracks), "packing audio")
        source = mix.folder / track.path
        path = mix.paths.get(track.id, f"{number:02d} {name}{source.suffix}")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / path)
        renamed.append(track.model_copy(update={"path": path}))
    save(mix.session.model_copy(update={"tracks": renamed}), folder / FILE_NAME)
    return Made(_packed(folder, scratch, span(progress, 0.5, 1)), ".zip", [], [])


def _project(kind: str, snapshot: Snapshot, wish: OutWish, scratch: Path, progress: Progress) -> Made:
    mix = snapshot.mix
    exporter = kind_for(kind).exporter
    if kind == "stems":
        exporter = partial(export_stems, depth="24" if wish.depth != "float" else "float")
    opened = Opened(mix.folder / FILE_NAME, mix.session, b"")
    folder = scratch / "project"
    made = make_export(opened, kind, exporter, folder, span(progress, 0, 0.9))
    lines = [f"{summary(made)}.", *differing(mix.session, made.rows)]
    fidelity = lines[:_SHOWN] + (
        [f"and {len(lines) - _SHOWN} more: see the account inside"] if len(lines) > _SHOWN else []
    )
    return Made(_packed(folder, scratch, span(progress, 0.9, 1)), ".zip", list(made.notes), fidelity)


def _player(snapshot: Snapshot, wish: OutWish, scratch: Path, progress: Progress) -> Made:
    del wish
    mix, folder = snapshot.mix, scratch / "player"
    folder.mkdir()
    compared = snapshot.compared()
    reference = compared[0].file if compared else None
    write_player(mix.session, mix.folder, folder, span(progress, 0, 0.9), reference=reference)
    lines = [f"not carried: {name}; browsers have no such processor of ours yet" for name in unheard(mix.session)]
    return Made(_packed(folder, scratch, span(progress, 0.9, 1)), ".zip", ["unpack it and open index.html"], lines)


def _report(snapshot: Snapshot, wish: OutWish, scratch: Path, progress: Progress) -> Made:
    """The plain sum of the tracks and the mix, side by side."""
    del wish
    mix, sides = snapshot.mix, []
    for number, (name, session) in enumerate((("Raw", raw_session(mix.session)), ("Mix", mix.session))):
        part = span(progress, number / 2, (number + 1) / 2)
        heard = listen_to_mix(session, mix.folder, part, keep=scratch / f"{name}.wav")
        sides.append(replace(heard, path=Path(name)))
    target = scratch / "report.html"
    write_report(target, sides[0], sides[1])
    return Made(target, ".html", [], [])


def raw_session(session: Session) -> Session:
    """The session with every knob at its default, as it began: its plain sum."""
    tracks = [track.model_copy(update={"settings": {}}) for track in session.tracks]
    return session.model_copy(update={"tracks": tracks, "reverb": {}, "master": {}, "history": []})


def _explanation(snapshot: Snapshot, wish: OutWish, scratch: Path, progress: Progress) -> Made:
    del wish, progress
    mix = snapshot.mix
    chosen = mix.chosen()
    if chosen is None:
        raise UsageError("there is nothing to explain: no suggestion stands; ask for one first")
    target = scratch / "explanation.md"
    write_text(target, markdown(mix.session, mix.offers[chosen].suggestion))
    return Made(target, ".md", [], [])


def _sheet(snapshot: Snapshot, wish: OutWish, scratch: Path, progress: Progress) -> Made:
    from interfaces.daw.sheet import sheet
    from interfaces.daw.sheet_pages import html

    del wish, progress
    target = scratch / "sheet.html"
    write_text(target, html(sheet(snapshot.mix.session)))
    return Made(target, ".html", [], [])


MAKERS: dict[str, Maker] = {
    "mix": _mix,
    "stems": partial(_project, "stems"),
    "session": _session,
    "ardour": partial(_project, "ardour"),
    "reaper": partial(_project, "reaper"),
    "dawproject": partial(_project, "dawproject"),
    "player": _player,
    "report": _report,
    "explanation": _explanation,
    "sheet": _sheet,
}


def _packed(folder: Path, scratch: Path, progress: Progress) -> Path:
    """A folder as one archive; sound is stored as it is, for it does not get smaller."""
    target, files = scratch / "packed.zip", sorted(_files(folder))
    with zipfile.ZipFile(target, "w") as archive:
        for number, file in enumerate(files, 1):
            sound = file.suffix.lower() in audio.SUFFIXES
            way = zipfile.ZIP_STORED if sound else zipfile.ZIP_DEFLATED
            archive.write(file, file.relative_to(folder).as_posix(), way)
            progress(number / len(files), "packing")
    return target


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
