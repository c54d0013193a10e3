"""Workers on Ray: each job in a process that may die, each process with a share of the cores and of the memory.

The driver only hands out jobs and reads rows; everything that must outlast it lies in the output folder. So a batch
that is killed, worker or driver, goes on where it was when it is started again.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interfaces.batch.catalogue import Job
from interfaces.batch.results import Row, failed, keep, kept, missing_extra
from interfaces.batch.work import WORKPLACE
from mixer._parallel import cores
from mixer.errors import ModelError, UsageError

LIVES = 2
"""How many workers may die over a job before it is given up."""
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_gcs_server_port_wait_time_s": "120",
    "RAY_worker_niceness": "0",  # as nice as `nice` made the command, not always 15
}
STARTS = 3
"""Ray gives its own processes half a minute to come up, which is short on a busy machine."""
_STORE_BYTES = 80_000_000  # jobs and rows are small; the audio never goes through Ray


@dataclass(frozen=True, slots=True)
class Crew:
    """How the work is spread.

    Attributes:
        workers: processes; 0 means one for every two cores.
        address: of a Ray cluster, which must see songs and output under the same paths; empty for this machine.
        memory_mb: a worker that has held more than this is replaced after its job.
    """

    workers: int = 0
    address: str = ""
    memory_mb: float = 4000.0

    @property
    def size(self) -> int:
        return self.workers or max(1, cores() // 2)

    @property
    def threads(self) -> int:
        """Processor cores for each worker."""
        return max(1, cores() // self.size)


@dataclass(slots=True)
class _Queue:
    """Jobs that wait, and how many workers each has cost."""

    waiting: deque[Job]
    deaths: dict[str, int] = field(default_factory=dict)


def run(jobs: Sequence[Job], output: Path, crew: Crew, tell: Callable[[Row, int], None]) -> list[Row]:
    """Do the jobs that have no row yet and return all rows, in the jobs' order.

    ``tell`` is called with each new row and with how many are still to do; raising from it (or an interrupt) stops
    the workers, and what was done stays done.

    Raises:
        ModelError: Ray is not installed, or there is no cluster at the address.
        UsageError: another batch is at work in this folder.
    """
    ray = _ray()
    output = output.resolve()
    with _alone(output):
        found = {job.id: row for job in jobs if (row := kept(output, job)) is not None and row.status == "done"}
        queue = _Queue(deque(job for job in jobs if job.id not in found))
        if queue.waiting:
            with _cluster(ray, crew):
                for job, row in _rows(ray, queue, output, crew):
                    found[job.id] = row
                    tell(row, len(jobs) - len(found))
    return [found[job.id] for job in jobs]


def _rows(ray: Any, queue: _Queue, output: Path, crew: Crew) -> Iterator[tuple[Job, Row]]:
    busy: dict[Any, tuple[Job, _Hired]] = {}
    idle: list[_Hired] = []
    free = list(range(crew.size))  # shares of the cores that no worker has
    while queue.waiting or busy:
        while queue.waiting and len(busy) < crew.size:
            worker = idle.pop() if idle else _hire(ray, crew, free.pop())
            job = queue.waiting.popleft()
            busy[worker.process.do.remote(job, output)] = (job, worker)
        ready, _ = ray.wait(list(busy), num_returns=1)
        job, worker = busy.pop(ready[0])
        try:
            row: Row = ray.get(ready[0])
        except ray.exceptions.RayError as error:
            free.append(worker.share)
            given_up = _given_up(queue, job, error)
            if given_up is None:
                continue
            keep(output, job, given_up)
            yield job, given_up
            continue
        if row.memory_mb > crew.memory_mb:
            ray.kill(worker.process)
            free.append(worker.share)
        else:
            idle.append(worker)
        yield job, row


def _given_up(queue: _Queue, job: Job, error: Exception) -> Row | None:
    """The row of a job whose worker died once too often; None where it is tried again, after the others."""
    queue.deaths[job.id] = queue.deaths.get(job.id, 0) + 1
    if queue.deaths[job.id] < LIVES:
        queue.waiting.append(job)
        return None
    said = str(error).strip().splitlines()
    return failed(job, f"its worker died {LIVES} times ({said[0] if said else type(error).__name__}); is memory short?")


@dataclass(frozen=True, slots=True)
class _Hired:
    """A worker process, and which share of the cores it has."""

    process: Any
    share: int


def _hire(ray: Any, crew: Crew, share: int) -> _Hired:
    """A new worker process; models are loaded by its first job."""
    return _Hired(ray.remote(num_cpus=1, max_restarts=0)(Worker).remote(share, crew.threads), share)


class Worker:
    """What runs in each process."""

    def __init__(self, share: int, threads: int) -> None:
        if hasattr(os, "sched_setaffinity"):
            there = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {there[(share * threads + n) % len(there)] for n in range(threads)})

    def do(self, job: Job, output: Path) -> Row:
        """One job; see ``interfaces.batch.work``."""
        from interfaces.batch.work import do

        return do(job, output)


@contextmanager
def _cluster(ray: Any, crew: Crew) -> Iterator[None]:
    """Ray while the block runs: a small one of our own, or the one at the address."""
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False, "namespace": "faderwise-batch"}
    if crew.address:
        where: dict[str, Any] = {"address": crew.address}
    else:
        where = {"num_cpus": crew.size, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
    for left in reversed(range(STARTS)):
        try:
            ray.init(**where, **quiet)
            break
        except Exception as error:  # Ray raises the plain class where its processes are slow to come up
            ray.shutdown()
            if left == 0 or crew.address:
                raise _no_start(crew, error) from None
    try:
        # Ray prints the end of a worker to stdout, which belongs to the results
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        ray.shutdown()


def _no_start(crew: Crew, error: Exception) -> ModelError:
    said = str(error).strip().partition("\n")[0].rstrip(".")
    remedy = "check --address, or leave it out to work here" if crew.address else "free the machine and try again"
    return ModelError(f"Ray does not start ({said}); {remedy}")


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """No other batch in this folder; what killed workers left unfinished is swept before and after."""
    import fcntl

    output.mkdir(parents=True, exist_ok=True)
    with (output / ".batch.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{output}: another batch is at work there; wait for it, or choose another -o") from None
        shutil.rmtree(output / WORKPLACE, ignore_errors=True)
        try:
            yield
        finally:
            shutil.rmtree(output / WORKPLACE, ignore_errors=True)


def _ray() -> Any:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ModuleNotFoundError:
        raise missing_extra("ray") from None
    return ray
