"""The demo, built in a folder beside its place and moved there when all of it is done."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Any

from interfaces.cli import point_of_no_return
from interfaces.files import write_text
from interfaces.measured import Source, listen_to
from interfaces.new_session import scanned
from interfaces.output import line
from interfaces.report import write_report
from interfaces.suggested import markdown, report_lines
from interfaces.suggesting import Request, suggestions
from mixer.assignment import parse_assignment
from mixer.edits import apply
from mixer.errors import AudioError, UsageError
from mixer.progress import Progress, span
from mixer.render import render
from mixer.session import Session
from mixer.session_file import FILE_NAME, save
from style_transfer.suggestion import Suggestion, apply_suggestion

NAME = "Faderwise demo"
_SONG, _REFERENCE = "song", "reference.ogg"
_MIX, _RAW, _WHY, _PAGE = "mix.wav", "raw.wav", "explanation.md", "compare.html"
_MADE = frozenset({FILE_NAME, _SONG, _REFERENCE, _MIX, _RAW, _WHY, _PAGE})


def checked_place(place: Path, *, force: bool) -> Path:
    """UsageError where the demo would take the place of something that is not an earlier demo."""
    if not place.parent.is_dir():
        raise UsageError(f"{place}: there is no folder {place.parent}; create it or choose another place with -o")
    if not place.exists():
        return place
    if not place.is_dir() or place.is_symlink():
        raise UsageError(f"{place}: is there already and is no folder of a demo; choose another place with -o")
    foreign = sorted(item.name for item in place.iterdir() if item.name not in _MADE)
    if foreign:
        raise UsageError(f"{place}: holds files that are not the demo's ({foreign[0]}); choose another place with -o")
    if not force and any(place.iterdir()):
        raise UsageError(f"{place}: is there already; --force replaces it, -o takes another place")
    return place


def make_demo(place: Path, progress: Progress) -> Mapping[str, Any]:
    """Copy the song, make its session, suggest, render; returns where things are and what they measure."""
    with tempfile.TemporaryDirectory(prefix=".faderwise-demo-", dir=place.absolute().parent) as scratch:
        folder = Path(scratch) / "demo"
        (folder / _SONG).mkdir(parents=True)
        _copy_material(folder)
        session, suggestion = _mixed(folder, progress)
        point_of_no_return()
        if place.exists():
            place.rename(Path(scratch) / "replaced")
        folder.rename(place)
    report = suggestion.report
    return {
        "folder": str(place),
        "session": str(place / FILE_NAME),
        "reference": str(place / _REFERENCE),
        "mix": str(place / _MIX),
        "raw": str(place / _RAW),
        "explanation": str(place / _WHY),
        "page": str(place / _PAGE),
        "tracks": len(session.tracks),
        "changes": len(suggestion.changes),
        "summary": report_lines(report, suggestion.loudness_lufs),
        "report": None if report is None else report.model_dump(mode="json"),
    }


def _copy_material(folder: Path) -> None:
    bundled = files("interfaces") / "demo"
    if not (bundled / _SONG).is_dir():
        raise AudioError(f"{bundled}: the demo song is missing from this installation; install Faderwise again")
    for stem in (bundled / _SONG).iterdir():
        if stem.name.endswith(".ogg"):
            (folder / _SONG / stem.name).write_bytes(stem.read_bytes())
    (folder / _REFERENCE).write_bytes((bundled / _REFERENCE).read_bytes())


def _mixed(folder: Path, progress: Progress) -> tuple[Session, Suggestion]:
    raw = scanned(folder / _SONG, folder / FILE_NAME, name=NAME, progress=span(progress, 0, 0.05)).session
    request = Request(references=(str(folder / _REFERENCE),))
    (suggestion,) = suggestions(raw, folder, request, span(progress, 0.05, 0.65))
    mixed = apply_suggestion(raw, suggestion)
    save(mixed, folder)
    render(mixed, folder, folder / _MIX, progress=span(progress, 0.65, 0.78))
    # At the mix's loudness the plain sum would go over full scale; the limiter is all that it gets.
    limited = apply(raw, [parse_assignment(raw, "master.limiter.active=on")], "set", "limiter on")
    render(limited, folder, folder / _RAW, loudness_lufs=suggestion.loudness_lufs, progress=span(progress, 0.78, 0.92))
    write_text(folder / _WHY, markdown(mixed, suggestion))
    _write_page(folder, mixed, suggestion, span(progress, 0.92, 1))
    return mixed, suggestion


def _write_page(folder: Path, session: Session, suggestion: Suggestion, progress: Progress) -> None:
    rate = session.sample_rate
    parts = tuple((round(start * rate), round(stop * rate)) for start, stop in suggestion.segments)
    mix = listen_to(folder / _MIX, span(progress, 0, 0.5))
    reference = listen_to(folder / _REFERENCE, span(progress, 0.5, 1))
    # The folder moves once all is done: the page names the files alone.
    mix = replace(mix, path=Path(_MIX), source=Source(session, folder, parts))
    write_report(folder / _PAGE, mix, replace(reference, path=Path(_REFERENCE)))


def print_demo(made: Mapping[str, Any]) -> None:
    """Where things are, and what to try next."""
    line(f"A song of {made['tracks']} raw tracks, mixed after another song: {made['changes']} knobs moved.\n")
    for key, what in (
        ("mix", "the mix"),
        ("raw", "the plain sum of the tracks, as loud, for comparison"),
        ("reference", "the reference"),
        ("explanation", "why each knob moved"),
        ("page", "the mix beside its reference, in pictures"),
        ("session", "the session"),
    ):
        line(f"  {made[key]}  {what}")
    line()
    for text in made["summary"]:
        line(text)
    folder = quote(str(made["folder"]))
    line(f"\nTry: faderwise set {folder} master.fader.gain_db-=2 && faderwise render {folder} -o softer.wav")
