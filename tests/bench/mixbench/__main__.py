"""``python -m tests.bench.mixbench`` measures everything and writes ``docs/mixbench.md``.

With any of the options that leave something out it prints and writes no page.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.bench.mixbench import songs
from tests.bench.mixbench.cases import all_cases
from tests.bench.mixbench.page import page
from tests.bench.mixbench.places import PAGE
from tests.bench.mixbench.run import run, systems_for
from tests.bench.mixbench.systems import ABLATIONS
from tests.bench.mixbench.tables import check_score

QUICK_SONGS, QUICK_CASES = ("demo", "trance"), 1


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mixbench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a case of each table, without ablations")
    parser.add_argument("--songs", nargs="+", choices=songs.names(), help="these alone")
    parser.add_argument("--cases", type=int, help="at most so many of each table")
    parser.add_argument("--systems", nargs="+", help="those alone whose name holds one of these words")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="processes at once")
    asked = parser.parse_args()
    start = time.perf_counter()
    names = asked.songs or (QUICK_SONGS if asked.quick else songs.names())
    found, missing = songs.load(names)
    cases = all_cases([song.name for song in found], asked.cases or (QUICK_CASES if asked.quick else None))
    systems = sorted({name for case in cases for name in systems_for(case)})
    if asked.systems:
        systems = [name for name in systems if any(word in name for word in asked.systems)]
    elif asked.quick:
        systems = [name for name in systems if name not in {variant.name for variant in ABLATIONS}]
    rows = run(cases, systems, asked.workers, _say)
    text = page(found, missing, rows, (time.perf_counter() - start) / 60)
    if asked.quick or asked.songs or asked.cases or asked.systems:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
    check_score(rows)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"  # of the workers: each has a core of its own
    main()
