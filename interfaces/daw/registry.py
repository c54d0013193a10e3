"""What can be exported to: every module here that has a ``KIND``. A new kind is one new file."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache

from interfaces.daw.exporter import Checker, Exporter
from mixer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of export, as ``--to`` names it."""

    name: str
    doc: str
    """One line: what comes of it."""
    exporter: Exporter
    checker: Checker
    """Holds an export against our own render, or says why this machine cannot."""
    stock: Exporter | None = None
    """The same with the other program's own processors, where it has equivalent ones."""


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name."""
    package = importlib.import_module("interfaces.daw")
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(f"interfaces.daw.{name}") for name in names]
    found = [module.KIND for module in modules if isinstance(getattr(module, "KIND", None), Kind)]
    return {kind.name: kind for kind in found}


def kind_for(name: str) -> Kind:
    """A kind by its name; UsageError lists them."""
    if name not in kinds():
        raise UsageError(f"--to {name}: there is no such kind of export; use one of {', '.join(kinds())}")
    return kinds()[name]


def exporter_for(name: str, *, stock: bool = False) -> Exporter:
    """The exporter of a kind; UsageError lists the kinds, or those that have a stock form."""
    kind = kind_for(name)
    if not stock:
        return kind.exporter
    if kind.stock is None:
        able = ", ".join(other.name for other in kinds().values() if other.stock)
        raise UsageError(f"--stock: {name} has no processors of its own to use; leave it out, or export to {able}")
    return kind.stock
