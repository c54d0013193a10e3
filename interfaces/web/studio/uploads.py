"""Files that come in: streamed to the disk within the limits, and known by what they decode to, never by their name."""

from __future__ import annotations

import math
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
from anyio import CapacityLimiter
from starlette.concurrency import run_in_threadpool

from interfaces.web.studio.answers import Refused, for_the_page
from interfaces.web.studio.labels import label
from interfaces.web.studio.workspace import FileKind, StoredFile, Workspace
from mixer import audio
from mixer.arrays import F32
from mixer.errors import AudioError
from mixer.loudness import LoudnessMeter
from mixer.scan import Heard, listen

_SUFFIX = {"WAV": ".wav", "WAVEX": ".wav", "RF64": ".rf64", "W64": ".w64", "FLAC": ".flac", "OGG": ".ogg"}
_SUFFIX |= {"MPEG": ".mp3", "MP3": ".mp3", "AIFF": ".aiff", "CAF": ".caf"}
_STEP = 1 << 20


async def receive(
    workspace: Workspace,
    kind: FileKind,
    name: str,
    body: AsyncIterator[bytes],
    announced: int | None,
    turns: CapacityLimiter,
) -> StoredFile:
    """Take a file in. ``announced`` is the length that the request promises; ``turns`` bounds how many are decoded.

    Raises:
        Refused: it is too large, too long, one too many (413), or holds no sound that can be used (415).
    """
    limits, token = workspace.limits, uuid.uuid4().hex
    await run_in_threadpool(_make_room, workspace, kind, token, min(announced or 0, limits.file_bytes + 1))
    place, called = workspace.folder / "files" / f"{token}.part", label(name, limits.name_characters)
    try:
        await _write(workspace, place, called, token, body)
        async with turns:
            stored = await run_in_threadpool(_checked, workspace, place, token, kind, called)
        return _kept(workspace, stored)
    finally:
        workspace.receiving.pop(token, None)
        place.unlink(missing_ok=True)


def taken_in(workspace: Workspace, source: Path, kind: FileKind, name: str) -> StoredFile:
    """A file that is on this machine already, as if it had been sent; the file itself stays.

    Raises:
        Refused: it is too long (413), or holds no sound that can be used (415).
    """
    token, called = uuid.uuid4().hex, label(name, workspace.limits.name_characters)
    place = workspace.folder / "files" / f"{token}.part"
    try:
        place_file(source, place)
        return _kept(workspace, _checked(workspace, place, token, kind, called))
    finally:
        place.unlink(missing_ok=True)


def place_file(file: Path, target: Path) -> None:
    """The same file at another name; a copy where the disk has no second names."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def _kept(workspace: Workspace, stored: StoredFile) -> StoredFile:
    with workspace.lock:
        if workspace.gone:
            raise Refused(404, "this workspace was deleted: load the page again")
        workspace.files[stored.id] = stored
        workspace.labels[stored.id] = stored.name
    return stored


def _make_room(workspace: Workspace, kind: FileKind, token: str, announced: int) -> None:
    limits = workspace.limits
    most = {"stem": limits.stems, "reference": limits.references}.get(kind, limits.others)
    if announced > limits.file_bytes:
        raise Refused(413, f"the file is larger than {_size(limits.file_bytes)}: export it as FLAC, or a part of it")
    used = workspace.bytes_used()
    with workspace.lock:
        if sum(file.kind == kind for file in workspace.files.values()) >= most:
            raise Refused(413, f"there are {most} files of this kind already: take one away first")
        if used + sum(workspace.receiving.values()) + announced > limits.workspace_bytes:
            raise Refused(413, f"this browser has {_size(limits.workspace_bytes)} here already: take files away first")
        workspace.receiving[token] = announced


async def _write(workspace: Workspace, place: Path, called: str, token: str, body: AsyncIterator[bytes]) -> None:
    limits, held, got = workspace.limits, bytearray(), 0
    room = limits.workspace_bytes - await run_in_threadpool(workspace.bytes_used)
    with place.open("xb") as file:
        async for piece in body:
            got += len(piece)
            held += piece
            if got > limits.file_bytes:
                raise Refused(413, f"{called}: is larger than {_size(limits.file_bytes)}: export it as FLAC")
            if got > room:
                raise Refused(413, f"{called}: no room is left for it here; take files away first")
            if len(held) >= _STEP:
                await run_in_threadpool(file.write, bytes(held))
                held.clear()
        await run_in_threadpool(file.write, bytes(held))
    workspace.receiving[token] = 0


def _checked(workspace: Workspace, place: Path, token: str, kind: FileKind, called: str) -> StoredFile:
    """Decode the file from end to end; where that works it stays, under a name that says what it is."""
    longest_s = workspace.limits.file_seconds
    suffix, heard, lufs = checked_sound(place, called, longest_s, loudness=kind != "stem")
    path = place.with_name(f"{token}{suffix}")
    place.rename(path)
    return StoredFile(token, kind, called, path, heard, path.stat().st_size, lufs)


def checked_sound(place: Path, called: str, longest_s: float, *, loudness: bool) -> tuple[str, Heard, float | None]:
    """The ending that fits what a file holds, what that is, and how loud it is if that is asked for.

    Raises:
        Refused: there is no sound in it that can be used (415), or more than may be (413).
    """
    try:
        heard, lufs = _decoded(place, longest_s, loudness=loudness)
    except AudioError as error:
        raise Refused(415, for_the_page(str(error)).replace(place.name, called)) from None
    except _TooLongError:
        raise Refused(413, f"{called}: is longer than {longest_s / 60:g} minutes; cut it into shorter files") from None
    suffix = _SUFFIX.get(heard.info.format)
    if suffix is None:
        raise Refused(415, f"{called}: is {heard.info.format}; give WAV, FLAC, OGG, MP3 or AIFF")
    if not heard.frames:
        raise Refused(415, f"{called}: holds no samples; export it again")
    return suffix, heard, lufs


class _TooLongError(Exception):
    """More sound comes out of a file than may."""


def _decoded(place: Path, longest_s: float, *, loudness: bool) -> tuple[Heard, float | None]:
    """What the file holds, and how loud it is where that will be asked for."""
    info, frames = audio.probe(place), 0
    meter = LoudnessMeter(info.sample_rate, 2, true_peak=False)

    def each(block: F32) -> None:
        nonlocal frames
        frames += block.shape[1]
        if frames > longest_s * info.sample_rate:
            raise _TooLongError
        if loudness:
            meter.push(np.ascontiguousarray(np.broadcast_to(block, (2, block.shape[1]))))

    heard = listen(place, each)
    lufs = meter.integrated if loudness else -math.inf
    return heard, lufs if math.isfinite(lufs) else None


def _size(count: int) -> str:
    return f"{count / 2**30:.3g} GB" if count >= 2**29 else f"{count / 2**20:.3g} MB"
