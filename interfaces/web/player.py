"""A folder that plays and mixes a session anywhere, without a server and without a network: page and audio."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from interfaces.daw.colours import MASTER, REVERB, colour_of
from interfaces.daw.material import file_name
from interfaces.dsp.worklet_script import realised, schema, worklet_text
from interfaces.files import write_text
from interfaces.web.page import page_html, script_url
from interfaces.web.sound import BrowserFile, encoded, fits, track_file
from mixer import audio
from mixer.arrays import F32
from mixer.console import Settings, mix_blocks
from mixer.errors import UsageError
from mixer.loudness import LoudnessMeter, integrated_loudness
from mixer.progress import Progress, span
from mixer.render import settings, sources
from mixer.roles import Role
from mixer.session import Session
from style_transfer.reference_file import ReferenceFile

PAGE = "index.html"
AUDIO = "audio"
NOTE = "player.json"
"""By which a folder is known to be a player, and what its settings are."""
FORMAT = "faderwise-player/1"
_PACKING = "packing"
_REFERENCE = "reference"


def write_player(
    session: Session, session_folder: Path, folder: Path, progress: Progress, *, reference: ReferenceFile | None = None
) -> Path:
    """Write ``index.html``, ``audio/`` and ``player.json`` into an empty folder; returns the page.

    Tracks that are FLAC or OGG at the session's rate are taken as they are, others become 24 bit FLAC (float WAV where
    they go beyond full scale). The history and the context of the session stay at home.

    Raises:
        AudioError: a track or the reference cannot be read, or the folder cannot be written.
    """
    (folder / AUDIO).mkdir()
    names: dict[str, str] = {}
    for index, track in enumerate(session.tracks, 1):
        progress(0.5 * index / len(session.tracks), "packing audio")
        names[track.id] = f"{Path(file_name(index, track)).stem}.js"
        _pack(track_file(track, session.sample_rate, session_folder, folder / _PACKING), names[track.id], folder)
    loudness = {"mix": _mix_loudness(session, session_folder, span(progress, 0.5, 0.8))}
    loudness["raw"] = raw_loudness(session, session_folder, span(progress, 0.8, 0.95))
    if reference is not None:
        loudness["reference"] = _pack_reference(reference, session.sample_rate, folder)
    given = console_document(session) | {
        "urls": {name: script_url(worklet_text(text)) for name, text in _SCRIPTS.items()},
        "audio": names,
        "reference": None if reference is None else f"{_REFERENCE}.js",
        "loudness": {name: lufs for name, lufs in loudness.items() if math.isfinite(lufs)},
    }
    note = {"format": FORMAT, "loudness_lufs": given["loudness"], "session": given["session"]}
    write_text(folder / NOTE, json.dumps(note, indent=2, ensure_ascii=False) + "\n")
    body = _BODY.format(title=escape(session.name))
    page = page_html(session.name, body, ["console.css", "player.css"], "player.js", given)
    write_text(folder / PAGE, page)
    return folder / PAGE


_SCRIPTS = {"worklet": "console", "response": "response"}
_BODY = (
    '<div class="top"><h1>{title}</h1><p id="state" role="status">loading</p><div class="tools" id="tools"></div></div>'
    '<div id="transport"></div><main id="desk"></main>'
    "<footer>Made with Faderwise. Nothing leaves this machine. Space plays; A, B and R switch what is heard.</footer>"
)


def console_document(session: Session) -> dict[str, Any]:
    """What the console component is given: the schema, the session without history and context, colours and roles."""
    return {"schema": schema(), "session": session_document(session), "colours": colours_document()}


def session_document(session: Session) -> dict[str, Any]:
    """The session without its history and context."""
    return session.model_dump(mode="json", by_alias=True, exclude={"history", "context"})


def colours_document() -> dict[str, Any]:
    """The colours of roles, reverb and master."""
    return {"reverb": REVERB, "master": MASTER, "roles": {role.value: colour_of(role) for role in Role}}


def unheard(session: Session) -> list[str]:
    """Processors that this session uses and that do not sound in a browser, as ``target.processor``."""
    used = [f"{target}.{name}" for target in session.targets for name in session.target_settings(target)]
    return [address for address in used if not realised([address.rpartition(".")[2]])]


def _pack(file: BrowserFile, name: str, folder: Path) -> None:
    """A script that hands a file to the page; a page from disk may not read files."""
    text = base64.b64encode(file.path.read_bytes()).decode()
    if file.made:
        file.path.unlink()
    write_text(folder / AUDIO / name, f'faderwiseAudio("{name}", "{text}");\n')


def _pack_reference(reference: ReferenceFile, sample_rate: int, folder: Path) -> float:
    """The reference, or its segment; returns how loud it is on two sides."""
    start, frames = 0, None
    if reference.segment is not None:
        start, end = (round(second * sample_rate) for second in reference.segment)
        frames = end - start
    sound, _ = audio.read(reference.path, sample_rate, start=start, frames=frames)
    if not sound.shape[1]:
        raise UsageError(f"{reference.path}: the segment lies behind its end; take another one")
    file = BrowserFile(reference.path, made=False)
    if reference.segment is not None or not fits(reference.path, sample_rate, sound.shape[0]):
        file = BrowserFile(encoded(lambda: iter([sound]), sample_rate, folder / _PACKING), made=True)
    _pack(file, f"{_REFERENCE}.js", folder)
    sides = np.ascontiguousarray(np.broadcast_to(sound, (2, sound.shape[1])))
    return integrated_loudness(sides, sample_rate)


def _mix_loudness(session: Session, folder: Path, progress: Progress) -> float:
    return _loudness(mix_blocks(sources(session, folder), settings(session), session.sample_rate), session, progress)


def raw_loudness(session: Session, folder: Path, progress: Progress) -> float:
    """Of the plain sum of the audible tracks."""
    tracks = sources(session, folder)
    untouched = Settings({source.key: {} for source in tracks}, {}, {})
    return _loudness(mix_blocks(tracks, untouched, session.sample_rate), session, progress)


def _loudness(blocks: Iterator[F32], session: Session, progress: Progress) -> float:
    meter, done = LoudnessMeter(session.sample_rate, 2, true_peak=False), 0
    seconds = max(track.frames / track.sample_rate for track in session.tracks)
    for block in blocks:
        meter.push(block)
        done += block.shape[1]
        progress(min(1.0, done / session.sample_rate / seconds), "measuring loudness")
    return meter.integrated
