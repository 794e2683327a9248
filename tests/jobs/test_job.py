"""One job, without any cluster: its states, its history, its estimate of the time left."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest

from engine.jobs import job as room
from engine.jobs.job import Job
from engine.words import duration
from tests.toys import Toy


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        raise AssertionError("the time of day may be set at any moment")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(room, "time", clock)
    return clock


@pytest.fixture
def withdrawn() -> list[Job]:
    return []


@pytest.fixture
def job(clock: Clock, withdrawn: list[Job]) -> Job:
    return Job(Toy(), Toy().key(), 0, withdrawn.append)


def report(
    done: float, attempt: str = "first", stage: str = "", **numbers: float
) -> dict[str, Any]:
    return {"attempt": attempt, "done": done, "stage": stage, "numbers": numbers}


def test_a_job_waits_runs_and_ends_once(job: Job) -> None:
    assert (job.state, job.active, job.started, job.eta_s) == ("queued", True, None, None)
    job.hear(report(0.25, stage="Connecting", loss=2.0))
    assert (job.state, job.done, job.stage, job.started) == ("running", 0.25, "Connecting", 1000)
    job.hear(report(0.5))
    assert job.stage == "Connecting"
    assert job.end("done")
    assert (job.state, job.done, job.active, job.wait(0)) == ("done", 1.0, False, True)
    assert not job.end("failed", "too late")
    job.hear(report(0.75, stage="Late"))
    assert (job.state, job.done, job.error, job.stage) == ("done", 1.0, "", "Connecting")


def test_a_preview_stays_until_the_next_one_or_another_attempt(job: Job) -> None:
    job.hear(report(0.1) | {"preview": "data:image/png;base64,AAAA"})
    job.hear(report(0.2))
    assert job.preview == "data:image/png;base64,AAAA"
    job.hear(report(0.3) | {"preview": "data:image/png;base64,BBBB"})
    assert job.preview == "data:image/png;base64,BBBB"
    job.hear(report(0.1, attempt="second"))
    assert job.preview == ""


def test_the_time_left_is_told_while_it_runs_and_is_known(job: Job, clock: Clock) -> None:
    for step in range(50):
        job.hear(report(step / 100))
        clock.now += 0.2
    assert job.eta_s == pytest.approx(10, rel=0.1)
    assert job.time_words == f"about {duration(job.eta_s)} left"
    clock.now += 1000
    assert job.eta_s is None
    assert job.time_words == "16 min 50 s so far"
    job.hear(report(0.1, attempt="second"))
    assert (job.eta_s, job.time_words) == (None, "")
    job.end("failed")
    assert (job.eta_s, job.time_words) == (None, "")


def test_a_second_attempt_starts_afresh(job: Job, clock: Clock) -> None:
    job.hear(report(0.8, loss=1.0))
    clock.now += 10
    job.hear(report(0.1, attempt="second", loss=3.0))
    assert job.done == 0.1
    assert job.started == clock.now
    assert job.metrics == [{"done": 0.1, "seconds": 0.0, "loss": 3.0}]


def test_the_history_is_short_and_spans_the_whole_job(job: Job, clock: Clock) -> None:
    for step in range(5000):
        job.hear(report(step / 5000, loss=float(step)))
        clock.now += 0.2
    losses = [row["loss"] for row in job.metrics]
    assert room.TRACE_ROWS / 2 <= len(losses) <= room.TRACE_ROWS
    assert losses[0] == 0
    assert losses[-1] > 4900
    gaps = [b - a for a, b in itertools.pairwise(losses)]
    assert max(gaps) <= 2 * 5000 / (room.TRACE_ROWS / 2)


def test_cancelling_ends_a_job_at_once_and_only_once(job: Job, withdrawn: list[Job]) -> None:
    job.cancel()
    job.cancel()
    assert job.state == "cancelled"
    assert withdrawn == [job]
    assert not job.join("late")


def test_a_shared_job_ends_when_the_last_owner_cancels(job: Job, withdrawn: list[Job]) -> None:
    assert job.join("ann")
    assert job.join("ben")
    assert job.owners == ("ann", "ben")
    job.cancel("ann")
    assert job.state == "queued"
    job.cancel("ben")
    assert job.state == "cancelled"
    assert withdrawn == [job]


def test_the_operator_cancels_whoever_owns_the_job(job: Job) -> None:
    job.join("ann")
    job.join("ben")
    job.cancel()
    assert job.state == "cancelled"


def test_whoever_watches_is_told_of_news_and_of_the_end(job: Job) -> None:
    for news in (lambda: job.hear(report(0.5)), job.cancel):
        watching = threading.Thread(target=job.watch, args=(60,))
        watching.start()
        while watching.is_alive():
            news()
            watching.join(0.01)
    job.watch(60)  # it has ended
