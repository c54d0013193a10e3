"""A comparison of two mixes as one page that needs nothing else: no network, no scripts, light or dark as one likes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from interfaces.files import write_text
from interfaces.measured import Listened, distance_rows, rows_of
from interfaces.plots import Points, frequency_axis, level_axis, plot, thinned, time_axis
from style_transfer.features import CENTRES_HZ

_TONE_SPAN_DB = 60.0
_LOUDNESS_SPAN_LU = 30.0


def write_report(path: Path, a: Listened, b: Listened) -> None:
    """Write the page, all or nothing; OSError where it cannot be written."""
    write_text(path, report_html(a, b))


def report_html(a: Listened, b: Listened) -> str:
    """The page: the figures side by side, the spectra of middle and sides, and the loudness over time."""
    style = files("interfaces").joinpath("report.css").read_text(encoding="utf-8")
    title = f"{a.path.name} and {b.path.name}"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body><main>",
            f"<header><h1>Two mixes side by side</h1>{_legend(a, b)}</header>",
            '<div class="tables">',
            _table("Measured", ("", "A", "B"), _side_by_side(a, b)),
            _table("Apart, at the same loudness", ("", "A to B"), distance_rows(a, b)),
            "</div>",
            *_figures(a, b),
            "<footer>Made by Faderwise. Loudness after BS.1770; tone in 25 Bark bands, relative to the whole.</footer>",
            "</main></body></html>\n",
        ]
    )


def _legend(a: Listened, b: Listened) -> str:
    names = (f'<li><i class="{side}"></i><b>{side.upper()}</b> {escape(name)}</li>' for side, name in _named(a, b))
    return f'<ul class="legend">{"".join(names)}</ul>'


def _named(a: Listened, b: Listened) -> list[tuple[str, str]]:
    return [("a", _printable(str(a.path))), ("b", _printable(str(b.path)))]


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode()


def _side_by_side(a: Listened, b: Listened) -> list[tuple[str, ...]]:
    pairs = zip(rows_of(a.features, a.sample_rate), rows_of(b.features, b.sample_rate), strict=True)
    return [(name, one, other) for (name, one), (_, other) in pairs]


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for name, *cells in rows
    )
    return (
        f"<section><h2>{escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>"
    )


def _figures(a: Listened, b: Listened) -> list[str]:
    about = (
        ("Tone of the middle", "what both sides share", "mid_db"),
        ("Tone of the sides", "what makes it wide", "side_db"),
    )
    figures = []
    for title, what, field in about:
        lines = [_spectrum(a, field), _spectrum(b, field)]
        axis = level_axis([level for line in lines for _, level in line] or [0.0], _TONE_SPAN_DB)
        drawn = plot(lines, frequency_axis(), axis, label=f"{title} of A and B", x_unit="Hz", y_unit="dB")
        figures.append(_figure(title, what, drawn))
    lines = [_loudness(a), _loudness(b)]
    levels = [level for line in lines for _, level in line] or [-70.0]
    seconds = max([second for line in lines for second, _ in line] or [1.0])
    loudness = level_axis(levels, _LOUDNESS_SPAN_LU)
    drawn = plot(lines, time_axis(seconds), loudness, label="Loudness over time", x_unit="min:s", y_unit="LUFS")
    figures.append(_figure("Loudness over time", "short-term: the last 3 s", drawn))
    return figures


def _figure(title: str, what: str, drawn: str) -> str:
    return f"<figure><figcaption><h2>{title}</h2> <span>{what}</span></figcaption>{drawn}</figure>"


def _spectrum(side: Listened, field: str) -> Points:
    """The bands that lie under half the sample rate; none of silence."""
    if not math.isfinite(side.features.loudness_lufs):
        return []
    levels: tuple[float, ...] = getattr(side.features, field)
    return [(hz, level) for hz, level in zip(CENTRES_HZ, levels, strict=True) if hz < side.sample_rate / 2]


def _loudness(side: Listened) -> Points:
    """Each short-term value at the end of its window."""
    values = [(3 + index / 10, float(level)) for index, level in enumerate(side.short_term_lufs)]
    return thinned([(second, level) for second, level in values if math.isfinite(level)])
