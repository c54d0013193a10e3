"""A song small enough for every test, and the command line run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interfaces.cli import main
from mixer import audio
from separation.models import CACHE_VARIABLE
from tests.signals import RATE, music, sine

STEMS = ("Kick", "Bass DI", "LdVox")


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output, which must be one JSON document and nothing else."""
        read = json.loads(self.out)
        assert isinstance(read, dict)
        return read

    @property
    def error(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.splitlines()
        assert "Traceback" not in line
        return line


Faderwise = Callable[..., Ran]


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file below, with its bytes: what must be the same after a refusal."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Not the user's; one for all tests, so that a reference is separated once."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def faderwise(capsys: pytest.CaptureFixture[str]) -> Faderwise:
    """``faderwise("set", folder, "bass.pan=0.2")``, as typed in a shell."""

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    """A folder with a mono kick, a mono bass and a stereo voice of four seconds."""
    folder = tmp_path / "stems"
    folder.mkdir()
    audio.write(folder / "Kick.wav", music(4, 1, seed=1), RATE)
    audio.write(folder / "Bass DI.wav", 0.5 * sine(82, 4), RATE)
    audio.write(folder / "LdVox.wav", np.float32(0.3) * music(4, 2, seed=2), RATE)
    return folder


@pytest.fixture
def session(stems: Path, faderwise: Faderwise) -> Path:
    """The session of those stems."""
    assert faderwise("new", stems).code == 0
    return stems / "faderwise.json"


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """Another song, of five seconds, wider and brighter."""
    path = tmp_path / "hit.flac"
    audio.write(path, np.float32(0.5) * music(5, 2, seed=7), RATE)
    return path
