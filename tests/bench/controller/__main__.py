"""``python -m tests.bench.controller`` measures the controller and prints the tables of ``docs/controller.md``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from style_transfer.controller.weights import WEIGHTS, controller
from tests.bench.controller.run import CASES, SYSTEMS, run
from tests.bench.controller.speed import cost
from tests.bench.controller.tables import tables


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.controller", description=__doc__)
    parser.add_argument("--songs", nargs="+", default=None, help="these alone")
    parser.add_argument("--systems", nargs="+", default=None, help="those alone whose name holds one of these words")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="others than the package came with")
    parser.add_argument("--speed", action="store_true", help="what a pass costs, and no more")
    asked = parser.parse_args()
    found = controller(asked.weights)
    if asked.speed:
        sys.stdout.write(f"{cost(found)}\n")
        return
    cases = [case for case in CASES if asked.songs is None or case[0] in asked.songs]
    systems = [s for s in SYSTEMS if asked.systems is None or any(word in s.name for word in asked.systems)]
    sys.stdout.write(tables(run(cases, systems, found, _say)))


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main()
