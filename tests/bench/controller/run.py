"""Every system on every case, as rows that are kept: an interrupted run goes on where it was."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import torch

from mixer.render import settings, sources
from style_transfer.brief import Brief
from style_transfer.controller.weights import Controller
from style_transfer.reference_file import ReferenceFile
from style_transfer.suggest import suggest
from style_transfer.suggestion import apply_suggestion
from tests.bench.controller.halves import Halves, halves
from tests.bench.mixbench.baselines import plain_sum
from tests.bench.mixbench.engine import Taste
from tests.bench.mixbench.listening import Outcome
from tests.bench.mixbench.paired import PairedJudge
from tests.bench.mixbench.places import CACHE, fingerprint
from tests.bench.mixbench.systems import Stems, console_outcome, opened

ROWS = CACHE.parent / "controller" / "rows.jsonl"
PLAIN = "plain sum"
_REPORT = frozenset({"tables.py", "speed.py", "mst_shape.py", "__main__.py"})
"""What makes no row old."""


@dataclass(frozen=True, slots=True)
class System:
    """A way to ask: where it starts, whether it searches from there, and what it is given of the reference."""

    learned: bool
    searches: bool
    stems: Stems

    @property
    def name(self) -> str:
        """As the tables have it."""
        start = "controller" if self.learned else "rules start"
        return f"{start}{' then search' if self.searches else ' alone'}, {_GIVEN[self.stems]}"


_GIVEN = {Stems.NONE: "mix alone", Stems.SEPARATED: "separated stems", Stems.TRUE: "true stems"}
RULES = System(False, False, Stems.NONE)
SYSTEMS = (
    RULES,
    *(System(True, False, stems) for stems in Stems),
    *(System(learned, True, stems) for stems in (Stems.SEPARATED, Stems.NONE) for learned in (False, True)),
)
CASES = tuple(
    (song, taste, seed)
    for seed, taste in enumerate((Taste.PLAUSIBLE, Taste.WILD), start=1)
    for song in ("country", "britpop", "tango", "big-band", "desert", "rock", "samba", "bluegrass", "trance", "demo")
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one system came to on one case."""

    case: str
    song: str
    test: bool
    system: str
    code: str
    seconds: float
    figures: dict[str, float]


def code(weights: Controller | None) -> str:
    """Of what a row depends on, beside the rest of the program; with the weights, where they have a say."""
    bench = fingerprint(["tests/bench/controller"], without=_REPORT)
    return bench if weights is None else f"{bench}-{weights.config.sha256[:12]}"


def run(
    cases: Sequence[tuple[str, Taste, int]],
    systems: Sequence[System],
    weights: Controller,
    said: Callable[[str], None],
) -> list[Row]:
    """All rows: the kept ones, and the others anew.

    Args:
        weights: what the learned systems are asked with.
    """
    torch.set_num_threads(1)
    ROWS.parent.mkdir(parents=True, exist_ok=True)
    kept = {(row.case, row.system, row.code): row for row in _read()}
    rows = []
    for name, taste, seed in cases:
        case = f"{name} {taste} {seed}"
        wanted = [(PLAIN, None, code(None)), *((s.name, s, code(weights if s.learned else None)) for s in systems)]
        rows += [kept[case, title, own] for title, _, own in wanted if (case, title, own) in kept]
        missing = [entry for entry in wanted if (case, entry[0], entry[2]) not in kept]
        if not missing:
            continue
        with tempfile.TemporaryDirectory(prefix="halves-") as folder:
            made = halves(name, taste, seed, Path(folder))
            judge = PairedJudge(made.song, made.truth)
            for title, system, own in missing:
                outcome, seconds = (
                    (plain_sum(made.song, made.truth.audio), 0.0) if system is None else ask(made, system, weights)
                )
                row = Row(case, name, made.song.test, title, own, seconds, judge.figures(outcome))
                rows.append(row)
                with ROWS.open("a") as lines:
                    lines.write(json.dumps(asdict(row)) + "\n")
                figures = row.figures
                said(f"{case}: {title}: track {figures['track_lu']:.2f} LU, spectral {figures['spectral_db']:.2f} dB")
    return rows


def ask(made: Halves, system: System, weights: Controller) -> tuple[Outcome, float]:
    """One suggestion as sound, and the processor seconds that it took."""
    at = opened(made.song)
    reference = ReferenceFile(made.reference.file, stems=made.reference.stems.get(system.stems))
    with ExitStack() as changed:
        # a loop that comes again in the other half would be taken for the same recording
        changed.enter_context(patch("style_transfer.prepare.recognise", lambda *_: None))
        changed.enter_context(patch("style_transfer.learned.has_weights", lambda: system.learned))
        changed.enter_context(patch("style_transfer.learned.controller", lambda: weights))
        start = time.process_time()
        brief = Brief((reference,), fast=not system.searches)
        suggestion = suggest(at.session, at.folder, brief)
        seconds = time.process_time() - start
    session = apply_suggestion(at.session, suggestion)
    return console_outcome(made.song, at.keys, sources(session, at.folder), settings(session)), seconds


def _read() -> list[Row]:
    if not ROWS.is_file():
        return []
    return [Row(**json.loads(line)) for line in ROWS.read_text().splitlines() if line]
