"""A comparison of two mixes as one page that needs nothing else: it plays them, shows them and says what was done."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from interfaces.files import write_text
from interfaces.looked import Side, look_document, masking_document
from interfaces.measured import Listened, distance_rows, rows_of
from interfaces.report_sound import Excerpt, excerpts, gains_db
from interfaces.report_text import differences, explanation
from interfaces.web.page import page_html
from style_transfer.masking import masking

_STYLES = ["console.css", "look.css", "report.css"]


def write_report(path: Path, a: Listened, b: Listened) -> None:
    """Write the page, all or nothing; OSError where it cannot be written."""
    write_text(path, report_html(a, b))


def report_html(a: Listened, b: Listened) -> str:
    """The page: both mixes to listen to, the figures side by side, the pictures, and what sessions tell of theirs."""
    sides = (("a", _printable(str(a.path)), a), ("b", _printable(str(b.path)), b))
    sounds = None if a.sound is None or b.sound is None else excerpts(a.sound, b.sound)
    given = {"look": _look(sides), "sounds": None if sounds is None else _sounds(sounds)}
    names = "".join(f"<li><b>{key.upper()}</b> {escape(name)}</li>" for key, name, _ in sides)
    body = "\n".join(
        [
            '<main class="compared">',
            f'<header><h1>Two mixes side by side</h1><ul class="names">{names}</ul></header>',
            '<div id="player"></div>',
            '<div class="tables">',
            _table("Measured", ("", "A", "B"), _side_by_side(a, b)),
            _table("Apart, at the same loudness", ("", "A to B"), distance_rows(a, b)),
            "</div>",
            '<div id="pictures"></div>',
            *_words(sides),
            "<footer>Made by Faderwise. Loudness after BS.1770; tone in 25 Bark bands, relative to the whole.</footer>",
            "</main>",
            *([] if sounds is None else [_held(key, sound) for key, sound in zip("ab", sounds, strict=True)]),
        ]
    )
    return page_html(f"{sides[0][1]} and {sides[1][1]}", body, _STYLES, "comparison.js", given)


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode()


def _look(sides: Sequence[tuple[str, str, Listened]]) -> dict[str, Any]:
    (a, _, first), (b, _, second) = sides
    shown = [
        Side(a, f"A: {sides[0][1]}", "now", first),
        Side(b, f"B: {sides[1][1]}", "reference", second),
    ]
    document = look_document(shown, first.sample_rate, masking=_masking(sides))
    return document | {"figures": []}  # they stand in the page itself


def _masking(sides: Sequence[tuple[str, str, Listened]]) -> dict[str, Any] | None:
    """Of the sides that are sessions; of two songs only that of the second, for they share no tracks."""
    mixes = [(key, heard.source) for key, _, heard in sides if heard.source is not None]
    if not mixes:
        return None
    last = mixes[-1][1]
    same = [
        (key, source)
        for key, source in mixes
        if [track.id for track in source.session.tracks] == [track.id for track in last.session.tracks]
    ]
    views = [(key, masking(source.session, source.folder, last.parts)) for key, source in same]
    return masking_document(last.session, last.parts, [(key, found) for key, found in views if found is not None])


def _sounds(sounds: tuple[Excerpt, Excerpt]) -> list[dict[str, Any]]:
    return [
        {"key": key, "start_s": sound.start_s, "seconds": sound.seconds, "gain_db": gain}
        for key, sound, gain in zip("ab", sounds, gains_db(*sounds), strict=True)
    ]


def _held(key: str, sound: Excerpt) -> str:
    """A file in the page; a script of a kind that is not run."""
    return f'<script type="text/plain" id="sound-{key}">{sound.base64}</script>'


def _words(sides: Sequence[tuple[str, str, Listened]]) -> list[str]:
    found = [
        explanation(heard.source.session, f"What was done in {key.upper()}, and why")
        for key, _, heard in sides
        if heard.source is not None
    ]
    a, b = (heard.source for _, _, heard in sides)
    return [*found, differences(a.session, b.session) if a is not None and b is not None else ""]


def _side_by_side(a: Listened, b: Listened) -> list[tuple[str, ...]]:
    pairs = zip(rows_of(a.features, a.sample_rate), rows_of(b.features, b.sample_rate), strict=True)
    return [(name, one, other) for (name, one), (_, other) in pairs]


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' if column else "<td></td>" for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    return (
        f"<section><h2>{escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>"
    )
