"""Weights from where they are published: only when asked for, resumed where it broke off, never half a file."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO

from mixer.errors import ModelError, UsageError
from mixer.progress import Progress, silent, span
from separation.checkpoint import check_sha256
from separation.models import Model, WeightsFile, model_folder

OFFLINE_VARIABLE = "FADERWISE_OFFLINE"
TIMEOUT_S = 20.0
_BLOCK = 1 << 20


def get_model(
    model: Model, *, accept_license: bool = False, offline: bool = False, progress: Progress = silent
) -> list[Path]:
    """Download what is missing of a model into the cache and say where it lies.

    A download that broke off is resumed by the next call. A file has its name only once its checksum is right.

    Args:
        accept_license: the user has read ``model.terms`` and accepts them; needed where commercial use is not free.
        offline: do not ask the network; the variable ``FADERWISE_OFFLINE=1`` says the same for all calls.

    Raises:
        UsageError: the licence is not accepted.
        ModelError: offline, the network fails, or what came has another checksum.
    """
    folder = model_folder(model.name)
    missing = [file for file in model.files if not _is_whole(folder / file.name, file)]
    if not missing:
        return [folder / file.name for file in model.files]
    if not (model.commercial or accept_license):
        raise UsageError(f"{model.name}: {model.license}. {model.terms} If you accept that, add --accept-license")
    if offline or os.environ.get(OFFLINE_VARIABLE) == "1":
        raise ModelError(
            f"{model.name}: its weights are not on this machine, and the network is not to be used; "
            f"run `faderwise models get {model.name}` without --offline"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for index, file in enumerate(missing):
        part = span(progress, index / len(missing), (index + 1) / len(missing))
        _download(file, folder / file.name, model.name, part)
    return [folder / file.name for file in model.files]


def _is_whole(path: Path, file: WeightsFile) -> bool:
    if not path.is_file():
        return False
    try:
        check_sha256(path, file.sha256, "")
    except ModelError:
        return False
    return True


def _download(file: WeightsFile, target: Path, name: str, progress: Progress) -> None:
    again = f"run `faderwise models get {name}` again to resume"
    part = target.with_name(f"{target.name}.part")
    try:
        done = part.stat().st_size if part.exists() else 0
        with _answer(file.url, done) as answer:
            resumed = getattr(answer, "status", None) == 206
            _save(answer, part, done if resumed else 0, progress, f"downloading {file.name}")
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is left to send
            _finish(part, target, file, name)
            return
        raise ModelError(f"{file.url}: the server says {error.code} {error.reason}; {again}") from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise ModelError(f"{file.url}: cannot be downloaded ({reason}); check the network, {again}") from None
    _finish(part, target, file, name)


def _answer(url: str, done: int) -> IO[bytes]:
    request = urllib.request.Request(url, headers={"User-Agent": "faderwise"})
    if done:
        request.add_header("Range", f"bytes={done}-")
    answer: IO[bytes] = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    return answer


def _save(answer: IO[bytes], part: Path, start: int, progress: Progress, stage: str) -> None:
    length = getattr(answer, "headers", {}).get("Content-Length")
    total = start + int(length) if length else 0
    with part.open("ab" if start else "wb") as out:
        while block := answer.read(_BLOCK):
            out.write(block)
            progress(min(1.0, out.tell() / total) if total else 0.0, stage)
        written = out.tell()
    if written < total:
        raise OSError(f"the connection ended after {written} of {total} bytes")


def _finish(part: Path, target: Path, file: WeightsFile, name: str) -> None:
    try:
        check_sha256(part, file.sha256, f"it was removed: run `faderwise models get {name}` again")
    except ModelError:
        part.unlink(missing_ok=True)
        raise
    part.replace(target)
