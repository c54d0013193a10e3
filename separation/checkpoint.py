"""Weights from a file, never code: checksums are compared, pickles are read as data only."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from mixer.errors import ModelError


def check_sha256(path: Path, sha256: str, remedy: str) -> None:
    """Make sure that a file has this SHA-256, or one that begins so (8 digits are what some projects publish).

    Raises:
        ModelError: it has another, or cannot be read; ``remedy`` says what to do.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error}); {remedy}") from None
    if not sha256 or not found.startswith(sha256):
        raise ModelError(f"{path}: has SHA-256 {found[: max(8, len(sha256))]}, not {sha256}; {remedy}")


def read_safetensors(path: Path, sha256: str | None, remedy: str) -> dict[str, Tensor]:
    """The tensors of a safetensors file, after its checksum if there is one; raises ModelError as ``check_sha256``."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if sha256 is not None:
        check_sha256(path, sha256, remedy)
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: is no safetensors file ({error}); {remedy}") from None


def read_pickle(path: Path, remedy: str, allowed: Sequence[type] = ()) -> dict[str, Any]:
    """What ``torch.save`` wrote, built of tensors, plain data and the ``allowed`` classes: nothing in it is run.

    Raises:
        ModelError: the file is missing, damaged, or needs other classes than that.
    """
    import torch

    try:
        with torch.serialization.safe_globals(list(allowed)):
            content = torch.load(path, "cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such file; {remedy}") from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ModelError(f"{path}: cannot be read as weights ({_first_line(error)}); {remedy}") from None
    except pickle.UnpicklingError:
        raise ModelError(
            f"{path}: is no file of plain weights, it wants to run code, or is damaged; {remedy}"
        ) from None
    if not isinstance(content, dict):
        raise ModelError(f"{path}: holds a {type(content).__name__}, not weights by name; {remedy}")
    return content


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:120] if lines else type(error).__name__
