"""Progress on stderr: a bar on a terminal, otherwise nothing, or a line for each stage where it was asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from interfaces.output import say
from mixer.progress import Progress, silent


@contextmanager
def progress(verbose: bool = False) -> Iterator[Progress]:
    """A callback for the library while the block runs. On a terminal the bar goes away when it ends."""
    if verbose:
        yield _lines()
    elif not sys.stderr.isatty():
        yield silent
    else:
        with _bar() as report:
            yield report


def _lines() -> Progress:
    last = ""
    turn = Lock()  # tracks are worked on, and reported, by several threads

    def report(fraction: float, stage: str) -> None:
        nonlocal last
        with turn:
            if stage != last:
                say(f"{round(100 * fraction):3d} %  {stage}")
                last = stage

    return report


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def report(fraction: float, stage: str) -> None:
            bar.update(task, completed=fraction, description=stage)

        yield report
