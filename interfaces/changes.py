"""Differences between sessions, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from interfaces.output import table
from mixer.difference import Difference


def diff_document(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """Each difference with its address, its JSON values, and how a person reads them."""
    return [asdict(difference) for difference in differences]


def print_differences(differences: Sequence[Difference], title: str = "") -> None:
    """One line for each."""
    rows = [(found.address, found.shown_before, found.shown_after) for found in differences]
    table(("Address", "Before", "After"), rows, right=("Before", "After"), title=title)
