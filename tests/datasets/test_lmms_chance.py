"""What is loaded before LMMS makes chance the same each time, whatever it is sown with, and still spread evenly."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from make_lmms_songs import TABLE, recipe_of, without_chance

DRAWS = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.srand(int(sys.argv[1]))
print(*(libc.rand() for _ in range(2000)), libc._ZN7QThread16idealThreadCountEv())
"""
RAND_MAX = 2**31 - 1


@pytest.mark.skipif(
    shutil.which("cc") is None or not sys.platform.startswith("linux"), reason="needs a C compiler on Linux"
)
def test_chance_is_the_same_each_time(tmp_path: Path) -> None:
    library = without_chance(tmp_path)
    said = []
    for seed in ("1", "20261121"):
        command = [sys.executable, "-S", "-c", DRAWS, seed]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, "LD_PRELOAD": str(library)}
        )
        said.append(done.stdout.split())
    assert said[0] == said[1]
    assert said[0][-1] == "1"  # one thread plays all
    drawn = np.array(said[0][:-1], dtype=np.int64)
    assert drawn.min() >= 0
    assert drawn.max() <= RAND_MAX
    counts, _ = np.histogram(drawn, bins=10, range=(0, RAND_MAX))
    assert counts.min() > 140  # of 2000 draws in ten parts; four deviations below 200
    assert counts.max() < 260


def test_a_project_is_either_shown_to_be_the_same_or_not() -> None:
    tables = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    songs = {kind: {recipe_of(name, table).id for name, table in rows.items()} for kind, rows in tables.items()}
    assert set(songs) == {"projects", "unproven"}
    assert not songs["projects"] & songs["unproven"]
    assert "lmms-skiessi-c64" in songs["unproven"]  # measured: its SID differs each time
    assert sum(map(len, songs.values())) == sum(map(len, tables.values()))  # no two of one name
