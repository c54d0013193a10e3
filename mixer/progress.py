"""How long work reports where it is: a callback, never a print."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""``progress(fraction, stage)``: fraction in [0, 1], stage in a few words. Raising from it cancels the work."""


def silent(fraction: float, stage: str) -> None:
    """The callback that reports nothing."""


def span(progress: Progress, start: float, stop: float) -> Progress:
    """A callback that maps its own [0, 1] onto ``[start, stop]`` of another."""
    return lambda fraction, stage: progress(start + (stop - start) * fraction, stage)
