"""The queue: bounded, honest about progress, and cancelled without a trace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.jobs import Job, Jobs
from mixer.errors import UsageError
from mixer.progress import Progress

ME, OTHER = "me", "other"


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """One thread, three jobs for each owner."""
    made = Jobs(workers=1, each=3)
    yield made
    made.close()


def quick(_: Progress) -> str:
    """Work that is done at once."""
    return "done"


class Held:
    """Work that goes on until it is let go, and tells how far it is as often as it can."""

    def __init__(self) -> None:
        self.go, self.started, self.fraction = threading.Event(), threading.Event(), 0.0

    def __call__(self, progress: Progress) -> str:
        self.started.set()
        while not self.go.wait(0.01):
            progress(self.fraction, "holding")
        return "held"


def wait(until: Callable[[], bool]) -> None:
    """Until something is so; a failure after five seconds."""
    deadline = time.monotonic() + 5
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def running(jobs: Jobs) -> tuple[Job, Held]:
    """A job that has begun."""
    held = Held()
    job = jobs.submit(ME, "test", held)
    assert held.started.wait(5)
    return job, held


def test_jobs_wait_for_each_other_and_know_how_many_are_ahead(jobs: Jobs) -> None:
    first, held = running(jobs)
    second, third = (jobs.submit(ME, "test", quick) for _ in range(2))
    assert [jobs.document(job)["ahead"] for job in (first, second, third)] == [0, 0, 1]
    assert jobs.document(third)["status"] == "queued"
    held.go.set()
    wait(lambda: third.over)
    assert [job.result for job in (first, second, third)] == ["held", "done", "done"]


def test_one_owner_cannot_fill_the_queue(jobs: Jobs) -> None:
    running(jobs)
    for _ in range(2):
        jobs.submit(ME, "test", quick)
    with pytest.raises(Refused, match="wait for one of them or cancel it") as refused:
        jobs.submit(ME, "test", quick)
    assert refused.value.status == 429
    jobs.submit(OTHER, "test", quick)


def test_a_running_job_ends_at_its_next_sign_of_life(jobs: Jobs) -> None:
    job, _ = running(jobs)
    jobs.cancel(job)
    wait(lambda: job.over)
    assert (job.status, job.result) == ("cancelled", None)


def test_a_waiting_job_is_cancelled_at_once_and_never_begins(jobs: Jobs) -> None:
    _, held = running(jobs)
    begun: list[bool] = []
    job = jobs.submit(ME, "test", lambda _: begun.append(True))
    jobs.cancel(job)
    assert job.status == "cancelled"
    held.go.set()
    wait(lambda: not jobs.of(ME))
    assert not begun


def test_what_goes_wrong_is_one_line_without_places(jobs: Jobs) -> None:
    def work(_: Progress) -> None:
        raise UsageError("/anywhere/files/0123456789abcdef0123456789abcdef.wav: is no mix\nof these tracks")

    job = jobs.submit(ME, "test", work, lambda text: text.replace("0123456789abcdef0123456789abcdef", "hit"))
    wait(lambda: job.over)
    assert (job.status, job.error) == ("failed", "hit.wav: is no mix of these tracks")


def test_a_bug_does_not_end_the_thread(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    job = jobs.submit(ME, "test", lambda _: 1 / 0)
    wait(lambda: job.over)
    assert job.error is not None
    assert "bug" in job.error
    assert "ZeroDivisionError" in caplog.text
    after = jobs.submit(ME, "test", quick)
    wait(lambda: after.over)
    assert after.result == "done"


def test_the_time_that_is_left_follows_from_what_was_done(jobs: Jobs) -> None:
    """A quarter in two seconds leaves six; at once nothing is said."""
    job, held = running(jobs)
    held.fraction = 0.25
    wait(lambda: job.fraction == 0.25)
    assert job.seconds_left() is None
    assert job.started is not None
    job.started -= 2.0
    assert job.seconds_left() == pytest.approx(6.0, abs=1.0)


def test_jobs_of_another_are_not_there(jobs: Jobs) -> None:
    job, _ = running(jobs)
    assert jobs.find(ME, job.id) is job
    with pytest.raises(Refused, match="no such job"):
        jobs.find(OTHER, job.id)


def test_closing_ends_all_of_it() -> None:
    jobs = Jobs(workers=1, each=3)
    job, _ = running(jobs)
    waiting = jobs.submit(ME, "test", quick)
    jobs.close()
    assert (job.status, waiting.status) == ("cancelled", "cancelled")
    with pytest.raises(Refused, match="closing"):
        jobs.submit(ME, "test", quick)
