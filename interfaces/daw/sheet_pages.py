"""The settings sheet as Markdown, and as a page to print."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from interfaces.daw.sheet import printed_lines

LEGEND = (
    "Peaks and shelves are those of the Audio EQ Cookbook. Where an equaliser asks for bandwidth, take the octaves; "
    "where it asks for Q, the Q. Makers differ in what Q means for large gains: the octaves are between the points of "
    "half the gain in decibels.",
    "Attack and release are time constants (63 % of the way). Where a compressor's times mean 90 %, take the figure "
    "beside them.",
    "Sends are taken after fader and pan. The master's order is equaliser, compressor, output gain, limiter.",
)

_STYLE = """
body { font: 10pt/1.35 system-ui, sans-serif; margin: 2em auto; max-width: 60em; color: #111; background: #fff }
h1 { font-size: 1.6em; margin: 0 0 .2em } h2 { font-size: 1.1em; margin: 0 0 .3em }
section { break-inside: avoid; border: 1px solid #999; border-radius: 4px; padding: .6em .8em; margin: .8em 0 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .1em .6em .1em 0 }
th { font-weight: 600; width: 9em; vertical-align: top } td.also { color: #555 }
tr.first > * { border-top: 1px solid #ddd }
p, li { color: #333 } @page { margin: 15mm }
""".strip()


def _about(strip: Mapping[str, Any]) -> str:
    if "role" not in strip:
        return ""
    words = [str(strip["role"]).replace("_", " "), "mono" if strip["channels"] == 1 else "stereo"]
    return ", ".join(words + [flag for flag in ("mute", "solo") if strip[flag]])


def _head(document: Mapping[str, Any]) -> str:
    return f"{document['sample_rate']} Hz, meant to measure {document['loudness_lufs']:g} LUFS"


def markdown(document: Mapping[str, Any]) -> str:
    """The sheet as Markdown; names are escaped so that they stay names."""
    parts = [f"# {_plain(document['song'])}: settings", "", _head(document), "", *(f"- {line}" for line in LEGEND), ""]
    for strip in document["strips"]:
        about = _about(strip)
        parts += [f"## {_plain(strip['name'])}" + (f" ({about})" if about else ""), ""]
        parts += ["| | set | to | also |", "|---|---|---|---|"]
        parts += [f"| {name} | {line.label} | {line.value} | {line.also} |" for name, line in printed_lines(strip)]
        parts.append("")
    return "\n".join(parts)


def _plain(name: str) -> str:
    words = " ".join(name.split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!" else c for c in words)


def html(document: Mapping[str, Any]) -> str:
    """The sheet as a page of its own, to print; nothing is loaded from elsewhere."""
    title = f"{escape(document['song'])}: settings"
    legend = "".join(f"<li>{escape(line)}</li>" for line in LEGEND)
    strips = "\n".join(_section(strip) for strip in document["strips"])
    head = f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
    body = f"<h1>{title}</h1>\n<p>{escape(_head(document))}</p>\n<ul>{legend}</ul>\n{strips}"
    return f"{head}\n<style>\n{_STYLE}\n</style></head>\n<body>\n{body}\n</body>\n</html>\n"


def _section(strip: Mapping[str, Any]) -> str:
    rows, before = [], ""
    for name, line in printed_lines(strip):
        first = ' class="first"' if name != before else ""
        shown = escape(name) if name != before else ""
        cells = f'<td>{escape(line.label)}</td><td>{escape(line.value)}</td><td class="also">{escape(line.also)}</td>'
        rows.append(f"<tr{first}><th>{shown}</th>{cells}</tr>")
        before = name
    about = _about(strip)
    heading = escape(strip["name"]) + (f" <small>{escape(about)}</small>" if about else "")
    return f'<section><h2 dir="auto">{heading}</h2>\n<table>\n' + "\n".join(rows) + "\n</table></section>"
