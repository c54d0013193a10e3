"""What the repository promises about itself: layout, import direction, and a wheel that works alone."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "mixer": {"mixer"},
    "separation": {"separation", "mixer"},
    "style_transfer": {"style_transfer", "mixer"},
    "interfaces": {"interfaces", "separation", "style_transfer", "mixer"},
}
NOT_SHIPPED = {"pedalboard", "torchcomp", "torchaudio", "laion_clap", "msclap", "audio_separator"}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_downwards(package: str) -> None:
    assert modules(package)
    for path in modules(package):
        own = set(imported(path)) & (MAY_IMPORT.keys() | {"datasets", "tests"})
        assert own <= MAY_IMPORT[package], f"{path.relative_to(ROOT)} imports {own - MAY_IMPORT[package]}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_nothing_that_ships_needs_what_is_only_for_tests(package: str) -> None:
    for path in modules(package):
        assert not set(imported(path)) & NOT_SHIPPED, path.relative_to(ROOT)


def test_datasets_is_no_package() -> None:
    # it would shadow Hugging Face's `datasets`, which transformers imports
    assert (ROOT / "datasets").is_dir()
    assert not list((ROOT / "datasets").rglob("__init__.py"))


def test_no_file_holds_a_path_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".yaml", ".html", ".css", ".js", ".lua"}:
            found = MACHINE_PATH.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{name}: {found}"


def test_importing_a_package_is_quiet_and_offline() -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('network at import')\n"
        "socket.socket.connect = refuse\n"
        "import mixer.console, style_transfer.suggest, interfaces.cli\n"
        "assert 'gradio' not in sys.modules and 'transformers' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source")
    for package in MAY_IMPORT:  # a copy, so that nothing stale in a build folder gets in
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("faderwise-*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == set(MAY_IMPORT)
    data = ("mixer/roles/words.toml", "style_transfer/data/controller.safetensors", "interfaces/demo/reference.ogg")
    assert set(data) <= set(names)
    assert any(name.endswith("licenses/NOTICE") for name in names)


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    venv.create(home, with_pip=True)
    binaries = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(binaries / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--constraint", str(ROOT / "constraints.txt"), str(wheel)], check=True, cwd=tmp_path)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def faderwise(*arguments: str) -> str:
        command = [str(binaries / "faderwise"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "suggest" in faderwise("--help")
    faderwise("demo", "-o", "song")
    assert (tmp_path / "song" / "faderwise.json").is_file()
    assert (tmp_path / "song" / "mix.wav").stat().st_size > 1_000_000
