"""Long work: a bounded queue, a few threads, progress with the time that is left, and cancelling."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from interfaces.web.studio.answers import BUG, Refused, for_the_page
from mixer.errors import FaderwiseError
from mixer.progress import Progress

Status = Literal["queued", "running", "done", "failed", "cancelled"]
Work = Callable[[Progress], Any]
_KEPT = 64
"""Jobs that are over stay known to the page, the latest of each owner."""
_TELLING_S = 1.5
_TELLING = 0.03
"""Before both of these the time that is left would be a guess."""


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """Raised inside the work, from its progress callback."""


@dataclass(eq=False, slots=True)
class Job:
    """One piece of work. It is written by its thread and read by all; each field is replaced whole."""

    owner: str
    kind: str
    work: Work
    called: Callable[[str], str]
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    status: Status = "queued"
    fraction: float = 0.0
    stage: str = "waiting"
    error: str | None = None
    result: Any = None
    started: float | None = None
    changes: int = 0
    """Counts what a page would want to hear of."""
    to_cancel: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ("done", "failed", "cancelled")

    def seconds_left(self) -> float | None:
        """From how long the part took that is done; None while that says little."""
        if self.status != "running" or self.started is None:
            return None
        passed = time.monotonic() - self.started
        if passed < _TELLING_S or self.fraction < _TELLING:
            return None
        return round(passed * (1 - self.fraction) / self.fraction, 1)

    def report(self, fraction: float, stage: str) -> None:
        """The progress callback of the work."""
        if self.to_cancel:
            raise Cancelled
        stage = for_the_page(self.called(stage))
        if stage != self.stage or fraction > self.fraction + 0.005:
            self.fraction, self.stage = max(self.fraction, min(1.0, float(fraction))), stage
            self.changes += 1


class Jobs:
    """All jobs of a studio.

    Args:
        workers: threads.
        each: how many jobs one owner may have waiting and running.
    """

    def __init__(self, workers: int, each: int) -> None:
        self._each = each
        self._waiting: deque[Job] = deque()
        self._known: dict[str, Job] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, name=f"studio-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, owner: str, kind: str, work: Work, called: Callable[[str], str] = str) -> Job:
        """Queue a job; ``called`` puts the user's names of files into what it says.

        Raises:
            Refused: the owner has as many as one may have (429), or the studio closes (503).
        """
        job = Job(owner, kind, work, called)
        with self._changed:
            if self._closing:
                raise Refused(503, "the studio is closing; start it again with `faderwise serve`")
            if len(self.of(owner)) >= self._each:
                raise Refused(429, f"{self._each} jobs are under way already: wait for one of them or cancel it")
            self._known[job.id] = job
            self._waiting.append(job)
            self._forget_old(owner)
            self._changed.notify()
        return job

    def of(self, owner: str) -> list[Job]:
        """An owner's jobs that wait or run."""
        with self._changed:
            return [job for job in self._known.values() if job.owner == owner and not job.over]

    def find(self, owner: str, job_id: str) -> Job:
        """One job; Refused (404) where the owner has none of that id."""
        job = self._known.get(job_id)
        if job is None or job.owner != owner:
            raise Refused(404, "there is no such job: it was forgotten, or belongs to another page")
        return job

    def cancel(self, job: Job) -> None:
        """Stop a job: at once while it waits, at its next sign of life while it runs."""
        with self._changed:
            job.to_cancel = True
            if job.status == "queued":
                self._waiting.remove(job)
                self._end(job, "cancelled", "cancelled")

    def forget(self, owner: str) -> None:
        """Cancel all that an owner has, wait a moment for it to end, and know nothing of it any more."""
        for job in self.of(owner):
            self.cancel(job)
        deadline = time.monotonic() + 3
        while self.of(owner) and time.monotonic() < deadline:
            time.sleep(0.02)
        with self._changed:
            self._known = {key: job for key, job in self._known.items() if job.owner != owner}

    def document(self, job: Job) -> dict[str, Any]:
        """A job as the page is told."""
        with self._changed:
            ahead = self._waiting.index(job) if job in self._waiting else 0
        return {
            "id": job.id,
            "kind": job.kind,
            "status": job.status,
            "fraction": round(job.fraction, 4),
            "stage": job.stage,
            "seconds_left": job.seconds_left(),
            "error": job.error,
            "ahead": ahead,
        }

    def close(self) -> None:
        """Cancel everything and take nothing more."""
        with self._changed:
            self._closing = True
            for job in [job for job in self._known.values() if not job.over]:
                self.cancel(job)
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(3)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                job = self._waiting.popleft()
                job.status, job.started, job.stage = "running", time.monotonic(), "starting"
                job.changes += 1
                for other in self._waiting:
                    other.changes += 1
            self._do(job)

    def _do(self, job: Job) -> None:
        try:
            job.report(0.0, "starting")
            job.result = job.work(job.report)
        except Cancelled:
            self._end(job, "cancelled", "cancelled")
        except Refused as refusal:
            self._fail(job, str(refusal))
        except FaderwiseError as error:
            self._fail(job, for_the_page(job.called(str(error))))
        except OSError as error:
            self._fail(job, f"this machine's disk does not take it ({error.strerror or 'full'}); free some space")
        except Exception:
            logging.getLogger("faderwise").exception("a job failed: %s", job.kind)
            self._fail(job, BUG)
        else:
            job.fraction = 1.0
            self._end(job, "done", "done")

    def _fail(self, job: Job, line: str) -> None:
        job.error = line
        self._end(job, "failed", "failed")

    def _end(self, job: Job, status: Status, stage: str) -> None:
        job.stage, job.status = stage, status
        job.work = _nothing
        job.changes += 1

    def _forget_old(self, owner: str) -> None:
        over = [job for job in self._known.values() if job.owner == owner and job.over]
        for job in over[:-_KEPT]:
            del self._known[job.id]


def _nothing(progress: Progress) -> None:
    """In the place of work that is over, so that what it held can go."""
