"""The registry: ``@processor(Param, ...)`` turns one function into a part of the console.

A processor is written once as a differentiable torch function and once as a streaming renderer; both live in one
file under ``mixer/processors/``, next to the knobs. Whatever walks over processors (console, command line, session
schema, reference docs, tests) walks over this registry.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Protocol

import torch
from torch import Tensor

from mixer.arrays import F32
from mixer.errors import UsageError
from mixer.param import Param

Values = Mapping[str, float]


class Place(StrEnum):
    """Where in the console a processor sits."""

    STRIP = "strip"
    SEND = "send"
    BUS = "bus"
    MASTER = "master"


class Aspect(StrEnum):
    """What of a mix a processor is for, as people who weigh a suggestion speak of it."""

    LEVEL = "level"
    PAN = "pan"
    EQ = "eq"
    DYNAMICS = "dynamics"
    SPACE = "space"


class Renderer(Protocol):
    """One processor at fixed settings, fed with consecutive blocks; its state carries over between calls."""

    latency: int
    """Samples by which the output lags behind the input."""
    tail: int
    """Samples for which a reverb rings on after its input has ended; zero for everything else."""

    def __call__(self, block: F32) -> F32:
        """``[channels, n] -> [channels, n]``; the input may be overwritten."""
        ...


RendererFactory = Callable[[int, int, Values], Renderer]
"""``(sample_rate, channels, values) -> Renderer``"""


@dataclass(slots=True)
class Processor:
    """One kind of processor: its knobs and its two realisations.

    Calling it runs the differentiable path on ``[tracks, channels, time]`` float32; a knob is a float for all tracks
    or a tensor ``[tracks]``; knobs that are left out stand at their defaults.
    """

    name: str
    params: tuple[Param, ...]
    doc: str
    places: Mapping[Place, int]
    aspect: Aspect
    function: Callable[..., Tensor]
    factory: RendererFactory | None = field(default=None)

    def __call__(self, x: Tensor, sample_rate: int, **values: float | Tensor) -> Tensor:
        unknown = values.keys() - {param.name for param in self.params}
        if unknown:
            raise UsageError(f"{self.name} has no knob {sorted(unknown)[0]!r}: it has {', '.join(self.knobs)}")
        tensors: dict[str, Tensor] = {}
        for param in self.params:
            value = values.get(param.name, param.default)
            given = value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)
            tensors[param.name] = given.to(torch.float64).expand(x.shape[0])
        return self.function(x, sample_rate, **tensors)

    def renderer(self, factory: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: the streaming realisation, ``factory(sample_rate, channels, values) -> Renderer``."""
        self.factory = factory
        return factory

    def render(self, sample_rate: int, channels: int, values: Values) -> Renderer:
        """A renderer at these settings (missing knobs at their defaults), with fresh state."""
        if self.factory is None:
            raise NotImplementedError(f"{self.name} has no renderer: decorate one with @{self.name}.renderer")
        return self.factory(sample_rate, channels, self.defaults() | dict(values))

    @property
    def knobs(self) -> tuple[str, ...]:
        """The names of the knobs, in order."""
        return tuple(param.name for param in self.params)

    def param(self, name: str) -> Param:
        """The knob of this name; UsageError lists those that exist."""
        for param in self.params:
            if param.name == name:
                return param
        raise UsageError(f"{self.name} has no knob {name!r}: it has {', '.join(self.knobs)}")

    def defaults(self) -> dict[str, float]:
        """All knobs at their defaults, where the processor is transparent."""
        return {param.name: param.default for param in self.params}


_REGISTRY: dict[str, Processor] = {}


def processor(*params: Param, aspect: Aspect | str, **places: int) -> Callable[[Callable[..., Tensor]], Processor]:
    """Register a function as a processor: ``@processor(Param(...), ..., aspect="eq", strip=10, master=10)``.

    Args:
        params: the knobs, in the order in which a person meets them.
        aspect: what all of them are for: level, pan, eq, dynamics or space.
        places: for each place (strip, send, bus, master) its position in the chain there; lower comes first.

    The function is ``f(x, sample_rate, **knobs) -> Tensor`` with ``x`` ``[tracks, channels, time]`` and each knob a
    float64 tensor ``[tracks]``. Its docstring becomes the reference documentation.
    """

    def register(function: Callable[..., Tensor]) -> Processor:
        name = function.__name__
        if name in _REGISTRY:
            raise ValueError(f"two processors are called {name!r}")
        if len({param.name for param in params}) != len(params):
            raise ValueError(f"{name}: two knobs have the same name")
        where = {Place(place): order for place, order in places.items()}
        entry = Processor(name, params, inspect.getdoc(function) or "", where, Aspect(aspect), function)
        _REGISTRY[name] = entry
        return entry

    return register


@cache
def _load() -> None:
    package = importlib.import_module("mixer.processors")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"mixer.processors.{module.name}")


def processors() -> dict[str, Processor]:
    """Every processor by name, in the order of the signal flow (strip, send, bus, master)."""
    _load()
    order = list(Place)
    return dict(sorted(_REGISTRY.items(), key=lambda item: min((order.index(p), n) for p, n in item[1].places.items())))


def chain(place: Place) -> tuple[Processor, ...]:
    """The processors of one place, in the order in which the sound passes them."""
    _load()
    here = [entry for entry in _REGISTRY.values() if place in entry.places]
    return tuple(sorted(here, key=lambda entry: entry.places[place]))


def find(name: str) -> Processor:
    """The processor of this name; UsageError lists those that exist."""
    known = processors()
    if name not in known:
        raise UsageError(f"there is no processor {name!r}: there are {', '.join(known)}")
    return known[name]
