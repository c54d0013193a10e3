"""The reference of all processors and knobs, read off the registry: ``faderwise params``, and ``docs/params.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interfaces.output import line, table
from mixer.param import Param
from mixer.processor import Place, Processor, find, processors

_PLACES = {
    Place.STRIP: "each track",
    Place.SEND: "each track's send",
    Place.BUS: "the reverb bus",
    Place.MASTER: "the master",
}
_COLUMNS = ("Knob", "Lowest", "Highest", "Default", "What it does")


def chosen(name: str | None) -> list[Processor]:
    """The processor of that name, or all; UsageError lists those that exist."""
    return list(processors().values()) if name is None else [find(name)]


def params_document(entries: Sequence[Processor]) -> dict[str, Any]:
    """The registry as JSON tells it."""
    return {
        "processors": [
            {
                "name": entry.name,
                "places": [place.value for place in entry.places],
                "aspect": entry.aspect.value,
                "doc": entry.doc,
                "params": [
                    {field: getattr(param, field) for field in Param.__dataclass_fields__} for param in entry.params
                ],
            }
            for entry in entries
        ]
    }


def print_params(entries: Sequence[Processor]) -> None:
    """A table for each processor."""
    for entry in entries:
        line(f"{entry.name} (on {_where(entry)}): {_summary(entry)}")
        table(_COLUMNS, [_row(param) for param in entry.params], right=_COLUMNS[1:4])
    line("An address is TRACK.processor.knob, reverb.processor.knob or master.processor.knob: LdVox.fader.gain_db=-3")


def params_markdown(entries: Sequence[Processor]) -> str:
    """The same as a page."""
    parts = [
        "# Processors and their knobs",
        "",
        "Made by `faderwise params --markdown` from the registry. An address is `TRACK.processor.knob`,",
        "`reverb.processor.knob` or `master.processor.knob`: `faderwise set SESSION LdVox.fader.gain_db=-3`.",
    ]
    for entry in entries:
        parts += ["", f"## {entry.name}", "", f"On {_where(entry)}. {' '.join(entry.doc.split())}", ""]
        parts += ["| knob | lowest | highest | default | what it does |", "|---|---:|---:|---:|---|"]
        for param in entry.params:
            name, *rest = _row(param)
            parts.append(f"| `{name}` | {' | '.join(rest)} |")
    return "\n".join(parts) + "\n"


def _where(entry: Processor) -> str:
    return " and ".join(_PLACES[place] for place in entry.places)


def _summary(entry: Processor) -> str:
    return " ".join(entry.doc.partition("\n\n")[0].split())


def _row(param: Param) -> tuple[str, ...]:
    return param.name, *(param.show(value) for value in (param.low, param.high, param.default)), _doc(param)


def _doc(param: Param) -> str:
    if not param.off_at_low:
        return param.doc
    return f"{param.doc} Off at its lowest, {param.low:g} {param.unit}."
