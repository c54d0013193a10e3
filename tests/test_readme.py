"""The README's snippets: they run, and print what it says they print."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from interfaces.cli import main

README = Path(__file__).resolve().parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the demo song as `my song` and its reference, as the README takes for granted."""
    demo = Path(str(files("interfaces").joinpath("demo")))
    shutil.copytree(demo / "song", tmp_path / "my song")
    shutil.copy(demo / "reference.ogg", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_python_snippet_prints_what_the_readme_says(studio: Path) -> None:
    (code,), (printed,) = blocks("python"), blocks("text")
    assert len(code.strip().splitlines()) <= 10
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, str(README), "exec"), {})
    number = re.compile(r"-?\d+(?:\.\d+)?")
    assert number.sub("#", out.getvalue()) == number.sub("#", printed)
    told, got = (np.array(number.findall(text), float) for text in (printed, out.getvalue()))
    np.testing.assert_allclose(got, told, atol=0.31)  # processors round the search differently, in the last digit shown
    assert (studio / "mix.wav").is_file()
    assert (studio / "my song" / "faderwise.json").is_file()


@pytest.mark.slow
def test_the_commands_run_in_their_order(studio: Path) -> None:
    commands = [
        line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ faderwise")
    ]
    assert len(commands) >= 8
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    assert (studio / "compare.html").stat().st_size > 10_000


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / link).exists(), link
