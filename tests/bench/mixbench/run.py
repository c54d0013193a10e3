"""Every system on every case: rows as JSON, written as they come, so that an interrupted run goes on where it was."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from style_transfer.suggestion import Suggestion
from tests.bench.harness import peak_mb
from tests.bench.mixbench import songs
from tests.bench.mixbench.baselines import ADVERSARIES, BASELINES, summed
from tests.bench.mixbench.cases import Case, Table
from tests.bench.mixbench.engine import drawn_recipe, mixed
from tests.bench.mixbench.foreign import ForeignJudge
from tests.bench.mixbench.listening import Outcome
from tests.bench.mixbench.paired import PairedJudge
from tests.bench.mixbench.places import CACHE, fingerprint
from tests.bench.mixbench.references import Prepared, prepared
from tests.bench.mixbench.score import PLAIN, score
from tests.bench.mixbench.systems import (
    ABLATIONS,
    OURS,
    OWN_BASELINES,
    SEPARATED,
    START,
    STARTS,
    TRUE_STEMS,
    VARIANTS,
    Variant,
    applied,
    ask,
)

DRY, AGAIN = "the other engine without reverb", "the other engine, its reverb with other noise"
ORACLES = (DRY, AGAIN)
"""Not systems: how near one can come at all."""
ROWS = CACHE / "rows.jsonl"
_REPORT = frozenset({"page.py", "statistics.py", "__main__.py", "score.py"})
"""What only says what was measured: changing it makes no row old."""
UNKNOWN_BASELINES = (PLAIN, "master EQ and level alone")


@dataclass(frozen=True, slots=True)
class Row:
    """What one system came to on one case; ``failed`` says why there are no figures."""

    case: str
    table: str
    song: str
    test: bool
    finish: str
    system: str
    figures: dict[str, float]
    failed: str = ""
    code: str = ""

    @property
    def score(self) -> float:
        """One number, smaller is better."""
        return score(self.figures)


def systems_for(case: Case) -> list[str]:
    """The systems that a case is for."""
    variants = [variant.name for variant in _variants(case.table)]
    if case.table is Table.UNKNOWN:
        return [*UNKNOWN_BASELINES, *variants]
    oracle = ORACLES if case.table is Table.PAIRED else ()
    return [*BASELINES, *OWN_BASELINES, *ADVERSARIES, *oracle, *variants]


def _variants(table: Table) -> tuple[Variant, ...]:
    return {
        Table.PAIRED: (OURS, START),
        Table.KNOWN: (OURS, SEPARATED, TRUE_STEMS, *ABLATIONS, *STARTS),
        Table.UNKNOWN: (SEPARATED,),
    }[table]


@cache
def _song(name: str) -> songs.Multitrack:
    found, missing = songs.load([name])
    if missing:
        raise FileNotFoundError(missing[0])
    return found[0]


def measured(case: Case, wanted: Sequence[str], code: str) -> list[Row]:
    """The rows of one case."""
    torch.set_num_threads(1)
    other = None if case.table is Table.UNKNOWN else _song(case.reference)
    variants = {variant.name: variant for variant in VARIANTS if variant.name in wanted}
    with tempfile.TemporaryDirectory(prefix="mixbench-case-") as folder:
        reference = prepared(case, other, Path(folder), frozenset(v.stems for v in variants.values()))
        trial = Trial(case, _song(case.song), reference)
        return [trial.row(name, variants.get(name), code) for name in wanted]


class Trial:
    """One case, made and measured once for all systems."""

    def __init__(self, case: Case, song: songs.Multitrack, reference: Prepared) -> None:
        self._case, self._song, self._reference = case, song, reference
        truth = reference.truth
        self._judge: PairedJudge | ForeignJudge
        if truth is not None and case.table is Table.PAIRED:
            self._judge = PairedJudge(song, truth)
        elif truth is not None:
            self._judge = ForeignJudge(song, truth.audio, truth.groups)
        else:
            self._judge = ForeignJudge(song, reference.audio, None)

    def row(self, name: str, variant: Variant | None, code: str) -> Row:
        """What a system comes to; a failure of one is no failure of the benchmark."""
        case = self._case
        row = partial(Row, case.key, case.table, case.song, case.test, case.finish, name, code=code)
        try:
            return row(self._baseline(name) if variant is None else self._suggested(variant))
        except Exception as error:
            return row({}, failed=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")

    def _baseline(self, name: str) -> dict[str, float]:
        truth, case, song = self._reference.truth, self._case, self._song
        if name == DRY and truth is not None:
            return self._judge.figures(Outcome(truth.dry, truth.tracks, summed(song, truth.tracks).groups))
        if name == AGAIN:
            same = mixed(song, replace(drawn_recipe(song, case.taste, case.seed), again=True), case.finish)
            return self._judge.figures(Outcome(same.audio, same.tracks, same.groups))
        makers = {**BASELINES, **OWN_BASELINES, **ADVERSARIES}
        return self._judge.figures(makers[name](song, self._reference.audio))

    def _suggested(self, variant: Variant) -> dict[str, float]:
        asked = self._reference.loudness_lufs if self._case.table is Table.PAIRED else None
        made: list[Suggestion] = []
        start = time.process_time()
        peak = peak_mb(lambda: made.append(ask(self._song, self._reference.given, variant, asked)))
        cpu_s = time.process_time() - start
        result = applied(self._song, made[0])
        figures = {
            "cpu_s": cpu_s,
            "peak_mb": peak,
            "eq_move_db": result.eq_move_db,
            "loudness_error_lu": result.loudness_error_lu,
            "true_peak_db": result.true_peak_db,
            "recalled": float(result.recalled),
        }
        return self._judge.figures(result.outcome) | figures


def codes() -> dict[bool, str]:
    """Fingerprints of what a row depends on: of Faderwise and the benchmark (True), of the benchmark alone."""
    bench = ["tests/bench/mixbench", "mixer"]
    return {
        True: fingerprint([*bench, "style_transfer", "separation"], without=_REPORT),
        False: fingerprint(bench, without=_REPORT),
    }


def run(
    cases: Iterable[Case], systems: Sequence[str], workers: int, said: Callable[[str], None], file: Path = ROWS
) -> list[Row]:
    """All rows: from the cache where the same code made them, the others anew."""
    code, kept = codes(), {}
    variants = {variant.name for variant in VARIANTS} | set(OWN_BASELINES)
    for row in _read(file):
        if row.code == code[row.system in variants]:
            kept[row.case, row.system] = row
    rows, jobs = [], []
    for case in cases:
        names = [name for name in systems_for(case) if name in systems]
        rows += [kept[case.key, name] for name in names if (case.key, name) in kept]
        for own in (True, False):
            missing = [n for n in names if (case.key, n) not in kept and (n in variants) == own]
            if missing:
                jobs.append((case, missing, code[own]))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lines:
        for number, made in enumerate(_made(jobs, workers), 1):
            rows += made
            lines.writelines(json.dumps(asdict(row)) + "\n" for row in made if not row.failed)
            lines.flush()
            said(f"{number}/{len(jobs)} {made[0].case}")
            for row in made:
                if row.failed:
                    said(f"  {row.system}: {row.failed}")
    return rows


def _made(jobs: list[tuple[Case, list[str], str]], workers: int) -> Iterator[list[Row]]:
    if workers <= 1:
        yield from (measured(*job) for job in jobs)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(measured, *job) for job in jobs]):
            yield done.result()


def _read(file: Path) -> list[Row]:
    if not file.is_file():
        return []
    return [Row(**json.loads(line)) for line in file.read_text().splitlines() if line]


def column(rows: Iterable[Row], name: str) -> list[float]:
    """A figure of all rows that have it."""
    return [row.figures[name] for row in rows if np.isfinite(row.figures.get(name, np.nan))]
