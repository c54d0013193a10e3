"""What ``render`` does around the library's ``render``: where the mix may go, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from interfaces.new_session import clock
from interfaces.opened import Opened
from interfaces.output import line, number
from mixer import audio
from mixer.errors import UsageError
from mixer.render import Rendered


def checked_depth(bits: str) -> audio.Depth:
    """The depth of that name; UsageError lists those that exist."""
    known: tuple[audio.Depth, ...] = get_args(audio.Depth)
    for depth in known:
        if depth == bits:
            return depth
    raise UsageError(f"--bits {bits}: there is no such depth; use one of {', '.join(sorted(known))}")


def checked_target(opened: Opened, target: Path, *, force: bool) -> None:
    """UsageError where a mix would take the place of a track, or of any file without --force."""
    place = target.resolve()
    for track in opened.session.tracks:
        if (opened.folder / track.path).resolve() == place:
            raise UsageError(f"{target}: is the track {track.name!r} of this session; choose another name for the mix")
    if target.is_file() and not force:
        raise UsageError(f"{target}: is there already; --force replaces it")


def rendered_document(opened: Opened, target: Path, depth: audio.Depth, result: Rendered) -> Mapping[str, Any]:
    """A render as JSON tells it."""
    rate = opened.session.sample_rate
    place = {"session": str(opened.path), "output": str(target), "bits": depth, "sample_rate": rate}
    return place | {"seconds": result.frames / rate} | asdict(result)


def print_rendered(opened: Opened, target: Path, depth: audio.Depth, result: Rendered) -> None:
    """What was written, and what it measures."""
    seconds = clock(result.frames / opened.session.sample_rate)
    kind = "" if target.suffix.lower() == ".ogg" else f", {depth} bit" if depth != "float" else ", 32 bit float"
    line(f"{target}: {seconds}, {opened.session.sample_rate} Hz{kind}")
    line(
        f"loudness {number(result.loudness_lufs, 'LUFS')}, range {number(result.loudness_range_lu, 'LU')}, "
        f"true peak {number(result.true_peak_db, 'dBTP')}"
    )
    if result.gain_db:
        line(f"the master fader was moved by {number(result.gain_db, 'dB', sign=True)} for this render")
    if result.clipped:
        line(
            f"warning: {result.clipped} samples were clipped: switch the limiter on "
            "(`faderwise set SESSION master.limiter.active=on`), lower master.fader.gain_db, or use --bits float"
        )
    elif result.true_peak_db > 0:
        line("warning: the true peak is over full scale: players may clip; switch the limiter on or lower the mix")
    stems = {(opened.folder / track.path).resolve().parent for track in opened.session.tracks}
    if target.resolve().parent in stems:
        line(f"note: {target.name} lies among the stems: `faderwise new` would take it for one")
