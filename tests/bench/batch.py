"""``faderwise batch`` with one worker and with two: seconds for the same short songs, and the memory that workers hold.

    python -m tests.bench.batch [--songs 20] [--seconds 30]

Each worker is pinned to its share of the cores, one of them here, so that two workers against one is a fair race. The
load of the machine before each run is told: figures of a busy machine say little.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mixer import audio
from tests.bench.mixbench.places import RATE

TRACKS = {"Kick": 55.0, "Bass": 110.0, "Guitar": 330.0, "Vox": 440.0}


def write_songs(folder: Path, songs: int, seconds: float) -> None:
    """Short songs of a few tracks that differ, from seeds."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    for song in range(songs):
        rng = np.random.default_rng(song)
        place = folder / f"song {song + 1:02}"
        place.mkdir(parents=True)
        for name, hertz in TRACKS.items():
            beat = 0.5 + 0.5 * np.cos(2 * np.pi * rng.uniform(1.0, 3.0) * time_s)
            tone = np.sin(2 * np.pi * hertz * rng.uniform(0.9, 1.1) * time_s + 0.5 * rng.standard_normal(len(time_s)))
            audio.write(place / f"{name}.wav", (0.3 * beat * tone)[None].astype(np.float32), RATE)


def measured(songs: Path, output: Path, workers: int) -> dict[str, float]:
    """Seconds and memory of one batch of a fresh output folder."""
    load, started = os.getloadavg()[0], time.perf_counter()
    command = [sys.executable, "-m", "interfaces.cli", "batch", str(songs), "-o", str(output), "--json"]
    command += ["--prompt", "warmer, vocals up front", "--workers", str(workers)]
    # one core for each worker, also where there is one worker
    cores = sorted(os.sched_getaffinity(0))[:workers]
    pinned = ["taskset", "-c", ",".join(map(str, cores)), *command]
    told = json.loads(subprocess.run(pinned, check=True, capture_output=True, text=True).stdout)
    rows = told["results"]
    return {
        "workers": workers,
        "seconds": time.perf_counter() - started,
        "song_s": float(np.median([row["seconds"] for row in rows])),
        "memory_mb": max(row["memory_mb"] for row in rows),
        "load_before": load,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Time batch with one worker and with two.")
    parser.add_argument("--songs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each song (default %(default)s)")
    asked = parser.parse_args()
    songs: int = asked.songs
    with tempfile.TemporaryDirectory() as scratch:
        write_songs(Path(scratch) / "songs", songs, asked.seconds)
        rows = [measured(Path(scratch) / "songs", Path(scratch) / f"out{n}", n) for n in (1, 2)]
    print("| workers | seconds | a song (median) | largest worker | load before |")
    print("|---:|---:|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row['workers']} | {row['seconds']:.1f} | {row['song_s']:.1f} s | {row['memory_mb']:.0f} MB | "
            f"{row['load_before']:.1f} |"
        )
    print(f"\n{songs} songs of {asked.seconds:.0f} s: {rows[0]['seconds'] / rows[1]['seconds']:.2f} x as fast with two")


if __name__ == "__main__":
    main()
