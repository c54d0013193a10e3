"""Stems: every track as it leaves its strip and the reverb's return, as files that add up; and a settings sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from interfaces.daw.broadcast_wav import Depth, WavFile, bext_chunk
from interfaces.daw.exporter import Carried, Check, Exported, Status
from interfaces.daw.names import plain_names
from interfaces.daw.null_depth import difference
from interfaces.daw.printing import Printing
from interfaces.daw.registry import Kind
from interfaces.daw.rows import at_rest, knob_rows
from interfaces.daw.sheet import sheet
from interfaces.daw.sheet_pages import html, markdown
from mixer import audio
from mixer.arrays import F64
from mixer.console import BLOCK, sum_blocks
from mixer.errors import UsageError
from mixer.param import Param
from mixer.processor import Processor
from mixer.progress import Progress
from mixer.render import settings, sources
from mixer.session import Session

PROMISE_DB = -120.0
"""What the sum of the stems stays below; their samples are float32."""
_NOT_AUDIBLE = "the track is not audible, so it has no stem"
_FORBIDDEN = '/\\:*?"<>|'
_LONGEST_BYTES = 120
_READ_ME = """Put all files of stems/ at the song's start, each on a track of its own, its fader at 0 dB and its pan in
the centre. Together they are what reaches the master's equaliser, compressor, output gain and limiter: their
settings, and those of every strip, are on the sheet (settings.html to print, settings.md, settings.json).

The files are broadcast WAV, {depth}, {rate} Hz; their time stamp is the start of the song.
"""


def export_stems(
    session: Session, session_folder: Path, new_folder: Path, progress: Progress, *, depth: Depth = "float"
) -> Exported:
    """Stems, reverb and sheet; see ``interfaces.daw.exporter``.

    Float adds up to the mix before the master within -120 dB; 24 bit rounds each file (-146 dBFS) and cuts off what is
    beyond full scale, which the notes tell.
    """
    printing = Printing(session, session_folder)
    if not printing.frames:
        raise UsageError(f"{session.name}: no track is audible, so there are no stems: unmute one")
    names = stem_names(session, printing.wet)
    (new_folder / "stems").mkdir()
    clipped: dict[str, int] = {}
    with ExitStack() as stack:
        files = {}
        for key, name in names.items():
            bext = bext_chunk(name, session.sample_rate, depth, 2)
            path = new_folder / "stems" / f"{name}.wav"
            wav = WavFile(path, session.sample_rate, 2, printing.frames, depth, bext)
            files[key] = stack.enter_context(wav)
        done = 0
        for block in printing:
            sounds = block.stems if block.reverb is None else {**block.stems, "reverb": block.reverb}
            for key, sound in sounds.items():
                files[key].write(sound)
            done += next(iter(sounds.values())).shape[1]
            progress(done / printing.frames, "rendering stems")
        clipped = {names[key]: file.clipped for key, file in files.items() if file.clipped}
    write_sheet(session, new_folder)
    text = _READ_ME.format(depth="32 bit float" if depth == "float" else "24 bit", rate=session.sample_rate)
    (new_folder / "READ ME.txt").write_text(text, encoding="utf-8", newline="\n")
    notes = [f"{name}: {count} samples beyond full scale were cut off; use float" for name, count in clipped.items()]
    return Exported(new_folder, new_folder / "settings.html", list(_rows(session, printing.wet)), notes=notes)


def stem_names(session: Session, wet: bool) -> dict[str, str]:
    """File names, without ending, of the audible tracks by id, and of the reverb's return where there is one."""
    audible = session.audible_tracks()
    plain = plain_names([track.name for track in audible], forbidden=_FORBIDDEN, longest_bytes=_LONGEST_BYTES)
    names = {track.id: f"{index:02d} {name}" for index, (track, name) in enumerate(zip(audible, plain, strict=True), 1)}
    return names | ({"reverb": f"{len(names) + 1:02d} Reverb return"} if wet else {})


def check_stems(session: Session, session_folder: Path, exported: Exported, scratch: Path, progress: Progress) -> Check:
    """The sum of the files against what reaches the master; see ``interfaces.daw.exporter.Checker``."""
    del scratch
    files = sorted((exported.folder / "stems").iterdir())
    streams = [audio.blocks(path, session.sample_rate, block=BLOCK) for path in files]
    added: Iterator[F64] = (np.sum(parts, axis=0, dtype=np.float64) for parts in zip(*streams, strict=True))
    wanted = sum_blocks(sources(session, session_folder), settings(session), session.sample_rate)
    frames = audio.probe(files[0]).frames
    found = difference(wanted, added, lambda done: progress(done / frames, "adding the stems up"))
    how = "the files were added up, and what reaches the master in our own render was subtracted"
    return Check(how, found.null_db, PROMISE_DB)


def write_sheet(session: Session, folder: Path) -> None:
    """``settings.json``, ``settings.md`` and ``settings.html``."""
    document = sheet(session)
    texts = {"json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"}
    texts |= {"md": markdown(document), "html": html(document)}
    for ending, text in texts.items():
        path = folder / f"settings.{ending}"
        path.write_text(text, encoding="utf-8", errors="replace", newline="\n")


def _rows(session: Session, wet: bool) -> Iterator[Carried]:
    audible = {track.id for track in session.audible_tracks()}

    def judge(target: str, processor: Processor, param: Param, _: float) -> Carried:
        what = f"{processor.name}.{param.name}"
        if target == "master" and at_rest(session, target, processor.name):
            return Carried(target, what, "exact", "does nothing here: leave it out there")
        if target == "master":
            return Carried(target, what, "not carried", "to be set by hand: the values are on the sheet")
        if target == "reverb":
            return Carried(target, what, "exact", "printed into the return" if wet else "nothing is heard of it")
        if target not in audible:
            return Carried(target, what, "not carried", _NOT_AUDIBLE)
        return Carried(target, what, "exact", "printed into the stem")

    for track in session.tracks:
        heard = track.id in audible
        status: Status = "exact" if heard else "not carried"
        yield Carried(track.id, "name", status, "without what files may not be called" if heard else _NOT_AUDIBLE)
        yield Carried(track.id, "audio", status, "" if heard else _NOT_AUDIBLE)
    for target in session.targets:
        yield from knob_rows(session, target, judge)


KIND = Kind(
    "stems",
    "Processed stems, the reverb's return and a settings sheet to dial into any program.",
    export_stems,
    check_stems,
)
