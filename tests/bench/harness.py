"""What the benchmarks share: interleaved timing, peak memory, and rows of a table."""

from __future__ import annotations

import ctypes
import gc
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pedalboard import Pedalboard as Pedalboard  # type: ignore[attr-defined]  # it exports without saying so

from mixer.arrays import F32
from mixer.console import BLOCK
from mixer.processor import Processor, Values
from tests.signals import RATE

Call = Callable[[], object]

MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report; what a subject does not have stays empty."""

    subject: str
    what: str
    ours: str
    peer: str = ""
    theirs: str = ""
    ratio: str = ""
    our_error: str = ""
    their_error: str = ""
    memory: str = ""
    goal: str = ""
    met: bool | None = None


def interleaved(calls: Mapping[str, Call], repeats: int) -> dict[str, float]:
    """Median seconds of each call; one warm-up, then all in turn, so that a busy machine slows all alike."""
    for call in calls.values():
        call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def stream(processor: Processor, audio: F32, values: Values) -> None:
    """The render path as the console drives it: block after block, each a copy that may be overwritten."""
    renderer = processor.render(RATE, audio.shape[0], values)
    for start in range(0, audio.shape[1], BLOCK):
        renderer(audio[:, start : start + BLOCK].copy())


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_mb(call: Call) -> float:
    """Growth of resident memory while a call runs, sampled every 2 ms."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # or the call would live in what earlier ones have left
    before = highest = _resident()
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.002):
            highest = max(highest, _resident())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    result = call()
    highest = max(highest, _resident())
    done.set()
    watcher.join()
    del result
    return (highest - before) / MB


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """Keep this thread, and those it starts, on so many processor cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:count]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def seconds(value: float) -> str:
    """A time as one reads it."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def decibels(value: float) -> str:
    """An error as one reads it."""
    return f"{value:.0f} dB"


def compare(
    subject: str,
    what: str,
    peer: str,
    times: Mapping[str, float],
    *,
    ours: str = "ours",
    goal: float | None = None,
    our_error: str = "",
    their_error: str = "",
    memory: str = "",
) -> Row:
    """A row of how much faster ``times[ours]`` is than ``times[peer]``; the goal is the least ratio."""
    ratio = times[peer] / times[ours]
    return Row(
        subject,
        what,
        seconds(times[ours]),
        peer,
        seconds(times[peer]),
        f"{ratio:.1f} x" if ratio < 100 else f"{ratio:.0f} x",
        our_error,
        their_error,
        memory,
        "" if goal is None else f"{goal:g} x",
        None if goal is None else ratio >= goal,
    )
