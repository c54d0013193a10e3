"""Ardour itself, rendering a session without a window."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mixer import audio
from mixer.errors import AudioError, CheckError
from mixer.progress import Progress

_OLDEST = 7
_ATTEMPTS = 4
_LOOK_S = 0.1
_STALLED_S = 180.0
"""Without a byte more of sound. Loading a session with many scripts takes some seconds."""
_HEAD_BYTES = 4096
_SAID = 300
_CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour><Config><Option name="port-resampler-quality" value="0"/></Config></Ardour>
"""
"""Ardour's port resampler (made for varispeed) is 16 samples late, and Ardour 7.3 compensates for it at the moment that
an export starts: in one run of nine the sends to a bus came out 16 samples late against the tracks."""


@dataclass(frozen=True, slots=True)
class ArdourTool:
    """The program that renders Ardour sessions: ``ardour7-export`` or a later one."""

    path: Path
    version: int


def ardour_tool() -> ArdourTool | None:
    """The newest one that can be called here, if there is any."""
    found = []
    for folder in os.get_exec_path():
        for path in Path(folder).glob("ardour*-export"):
            named = re.fullmatch(r"ardour(\d+)-export", path.name)
            if named and int(named[1]) >= _OLDEST and shutil.which(path):
                found.append(ArdourTool(path, int(named[1])))
    return max(found, key=lambda tool: tool.version, default=None)


def ardour_render(
    tool: ArdourTool, project: Path, sample_rate: int, frames: int, scratch: Path, progress: Progress
) -> Path:
    """What Ardour makes of a project (the .ardour file), as a float WAV in ``scratch``.

    The tool sometimes crashes while it quits, with the file complete or cut short: it counts if it is complete.

    Raises:
        CheckError: several attempts gave no file of this length.
    """
    target = scratch / "ardour.wav"
    command = [str(tool.path), "-b", "float", "-s", str(sample_rate), "-o", str(target)]
    command += [str(project.parent), project.stem]
    environment = _own_settings(tool, scratch / "ardour settings")
    said = ""
    for _ in range(_ATTEMPTS):
        target.unlink(missing_ok=True)
        said = _run(command, environment, target, frames * 8 + _HEAD_BYTES, progress)
        if _frames(target) == frames:
            return target
    raise CheckError(
        f"{tool.path.name} wrote {_frames(target)} of {frames} frames of {project.name}, {_ATTEMPTS} times ({said}); "
        "without --check the project is written all the same: open it in Ardour to see why"
    )


def _own_settings(tool: ArdourTool, home: Path) -> Mapping[str, str]:
    """An environment in which Ardour has settings of its own, so that the user's are neither used nor touched."""
    config = home / "config" / f"ardour{tool.version}"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config").write_text(_CONFIG, encoding="utf-8")
    return os.environ | {"XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache")}


def _run(command: Sequence[str], environment: Mapping[str, str], target: Path, size: int, progress: Progress) -> str:
    """Run the tool to its end; what it said last, in one line. It ends with us, whatever ends us."""
    log = target.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        try:
            _watch(process, target, size, progress)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    text = " ".join(log.read_text(encoding="utf-8", errors="replace").split())
    return f"exit {process.returncode}, {text[-_SAID:]}"


def _watch(process: subprocess.Popen[bytes], target: Path, size: int, progress: Progress) -> None:
    grown, since = 0, time.monotonic()
    while process.poll() is None:
        now = target.stat().st_size if target.exists() else 0
        if now > grown:
            grown, since = now, time.monotonic()
        elif time.monotonic() - since > _STALLED_S:
            return
        progress(min(1.0, now / size), "rendering in Ardour")
        time.sleep(_LOOK_S)


def _frames(target: Path) -> int:
    try:
        return audio.probe(target).frames
    except AudioError:
        return 0
