"""``python -m tests.bench`` measures everything and writes ``docs/benchmarks.md``.

With names of subjects only those are measured, and with ``--quick`` on short signals; both print and write nothing.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import torch

from tests.bench.harness import Row, on_cores

SUBJECTS = [
    "equalizer",
    "compressor",
    "fader_panner",
    "reverb",
    "limiter",
    "loudness",
    "gradient_step",
    "render",
    "memory",
    "startup",
]
PACKAGES = ["torch", "numpy", "numba", "scipy", "dasp-pytorch", "pedalboard", "torchcomp", "pyloudnorm"]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = (
    "| what | ours | peer | theirs | ratio | our error | their error | memory, ours / theirs | goal | met |\n"
    "|---|---|---|---|---|---|---|---|---|---|\n"
)


def machine() -> str:
    """Processor and system, as the kernel names them."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = names[0].split(":")[1].strip() if names else platform.machine()
    return f"{name}, {len(os.sched_getaffinity(0))} cores, {platform.system()}, Python {platform.python_version()}"


def table(rows: list[Row]) -> str:
    """Rows as Markdown, a line each."""
    lines = [
        f"| {r.subject}: {r.what} | {r.ours} | {r.peer} | {r.theirs} | {r.ratio} | {r.our_error} | {r.their_error} "
        f"| {r.memory} | {r.goal} | {'' if r.met is None else 'yes' if r.met else '**no**'} |\n"
        for r in rows
    ]
    return HEAD + "".join(lines)


def page(rows: list[Row], taken_s: float) -> str:
    """The whole document."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    missed = [f"{r.subject}: {r.what}" for r in rows if r.met is False]
    lost = [f"{r.subject}: {r.what}, {r.peer}" for r in rows if r.ratio and float(r.ratio.split()[0]) < 1]
    return (
        "# Benchmarks\n\n"
        f"Written by `python -m tests.bench` on {datetime.date.today():%Y-%m-%d} in {taken_s / 60:.1f} minutes. "
        f"{machine()}; {packages}.\n\n"
        "All on one core and one thread but for the render with two; medians of runs that take turns with the peer's: "
        "trust the ratios, not the times. *Error* is the energy of the difference from a float64 twin of our own "
        "definition (scipy's cascade, the compressor's equations sample by sample): a peer with another law has a "
        "large one without being wrong. *Memory* is the growth of the process during one call.\n\n"
        f"{table(rows)}\n"
        f"Goals missed: {'; '.join(missed) or 'none'}.\n\n"
        f"Rows that a peer wins: {'; '.join(lost) or 'none'}.\n"
    )


def main() -> None:
    """Measure the subjects asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], help="all when none is named")
    parser.add_argument("--quick", action="store_true", help="short signals: shows that it runs, not how fast")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    start = time.perf_counter()
    rows: list[Row] = []
    for subject in asked.subjects or SUBJECTS:
        sys.stderr.write(f"{subject}\n")
        measure = import_module(f"tests.bench.{subject}").rows
        if subject == "render":
            rows += measure(asked.quick)
        else:
            with on_cores(1):
                rows += measure(asked.quick)
    if asked.subjects or asked.quick:
        sys.stdout.write(table(rows))
    else:
        PAGE.write_text(page(rows, time.perf_counter() - start))


if __name__ == "__main__":
    main()
