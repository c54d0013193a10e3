"""Peak memory of a long render: 16 stereo tracks with everything on, from a generator that holds one block.

``python -m tests.bench.memory MINUTES`` prints the megabytes above the interpreter with its imports: compiled kernels
and the reverb's noise count.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mixer.arrays import F32
from mixer.console import BLOCK, Source, mix_blocks
from tests.bench.harness import Row
from tests.signals import RATE, drawn_settings, music

TRACKS = 16
GOAL_MB = 300.0
ROOT = Path(__file__).resolve().parents[2]


def resident_mb(kind: str) -> float:
    """``VmRSS`` (now) or ``VmHWM`` (peak) of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"the kernel does not report {kind}")


def source(index: int, frames: int, repeated: F32) -> Source:
    """A track that repeats one block for so many frames."""

    def blocks(block: int) -> Iterator[F32]:
        for start in range(0, frames, block):
            yield repeated[:, : min(block, frames - start)].copy()

    return Source(str(index), 2, frames, blocks)


def render_peak_mb(minutes: float) -> float:
    """Peak memory of a render above what the process holds once everything is imported."""
    repeated = music(BLOCK / RATE, 2)[:, :BLOCK]
    settings = drawn_settings([str(index) for index in range(TRACKS)], np.random.default_rng(0))
    gc.collect()
    baseline = resident_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew (proc(5))
    tracks = [source(index, round(minutes * 60 * RATE), repeated) for index in range(TRACKS)]
    for _ in mix_blocks(tracks, settings, RATE):
        pass
    return resident_mb("VmHWM") - baseline


def measured_mb(minutes: float) -> float:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.memory", str(minutes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return float(done.stdout)


def rows(quick: bool) -> list[Row]:
    """Peak memory of a short and of a long render."""
    short, long = measured_mb(0.2 if quick else 2), measured_mb(0.5 if quick else 10)
    return [
        Row(
            "Render memory",
            f"{TRACKS} stereo tracks x 10 minutes, everything on (2 minutes: {short:.0f} MB)",
            ours=f"{long:.0f} MB",
            goal=f"{GOAL_MB:.0f} MB, whatever the length",
            met=long <= GOAL_MB and abs(long - short) < 20,
        )
    ]


if __name__ == "__main__":
    sys.stdout.write(f"{render_peak_mb(float(sys.argv[1])):.1f}\n")
