"""Work that numba kernels do without the interpreter's lock, spread over threads, one item at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Result = TypeVar("Result")


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="faderwise")


def parallel_map(work: Callable[[int], Result], count: int, threads: int | None = None) -> list[Result]:
    """``[work(0), ..., work(count - 1)]``, computed on ``threads`` threads (all cores by default).

    The results do not depend on the number of threads as long as the items do not depend on one another. ``work``
    must not call ``parallel_map`` itself: nested calls would wait for each other's threads.
    """
    threads = min(count, threads or cores())
    if threads <= 1:
        return [work(index) for index in range(count)]
    return list(_pool(threads).map(work, range(count)))
