"""How long a user waits for the help of the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.harness import Row, interleaved, seconds

GOAL_S = 0.5


def rows(quick: bool) -> list[Row]:
    """In a fresh process, files already in the disk cache."""
    command = Path(sys.executable).parent / "faderwise"
    times = interleaved(
        {"ours": lambda: subprocess.run([command, "--help"], check=True, capture_output=True)}, 3 if quick else 7
    )
    taken = times["ours"]
    return [Row("Start", "`faderwise --help`", seconds(taken), goal=f"{GOAL_S:g} s", met=taken <= GOAL_S)]
