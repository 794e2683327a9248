"""What goes wrong: told in words, survived, and over with the next job."""

from __future__ import annotations

import os
import signal

import pytest

from engine.errors import RecordError
from engine.jobs import Job, Jobs
from engine.records import folder
from tests.jobs.conftest import Diary, alive, finish, until
from tests.jobs.faults import survive
from tests.toys import Toy

LONG = {"steps": 6000, "pause": 0.01}


def running(job: Job) -> bool:
    return job.state == "running"


def test_errors_reach_the_user_as_words(jobs: Jobs, diary: Diary) -> None:
    expected = finish(jobs.submit(Toy(seed=20, failure="expected")))
    assert expected.state == "failed"
    assert expected.error == "The toy expected another image. Choose one."
    assert expected.details == ""
    defect = finish(jobs.submit(Toy(seed=21, failure="defect")))
    assert defect.state == "failed"
    assert "ZeroDivisionError: a defect of the toy" in defect.error
    assert "Traceback" not in defect.error
    assert "in _fail" in defect.details
    finish(jobs.submit(Toy(seed=21, failure="defect")))
    assert len(diary.runs(21)) == 2
    large = finish(jobs.submit(Toy(seed=22, failure="memory")))
    assert "out of memory" in large.error


def test_a_missing_upload_is_told_on_submission(jobs: Jobs) -> None:
    with pytest.raises(RecordError, match="Upload it again"):
        jobs.submit(Toy(image=f"upload:{'0' * 64}"))
    assert jobs.job(Toy(image=f"upload:{'0' * 64}").key()) is None


def test_a_damaged_record_is_computed_again(jobs: Jobs, diary: Diary) -> None:
    job = finish(jobs.submit(Toy(seed=23)))
    record = jobs.store.find(job.key)
    assert record is not None
    (record.path / folder.ARRAYS).write_bytes(b"broken")
    assert finish(jobs.submit(Toy(seed=23))).state == "done"
    assert jobs.store.find(job.key)
    assert len(diary.runs(23)) == 2


def test_a_killed_workers_job_finishes_all_the_same(jobs: Jobs, diary: Diary) -> None:
    job = jobs.submit(Toy(seed=40, failure="first"))
    until(lambda: diary.runs(40))
    (first,) = diary.runs(40)
    os.kill(first, signal.SIGKILL)
    assert finish(job).state == "done"
    assert len(diary.runs(40)) == 2
    assert len(set(diary.runs(40))) == 2
    assert jobs.store.find(job.key)


def test_a_job_that_kills_its_workers_is_given_up(jobs: Jobs, diary: Diary) -> None:
    job = finish(jobs.submit(Toy(seed=41, failure="death")))
    assert job.state == "failed"
    assert "died several times" in job.error
    assert "killed from outside, or crashed" in job.error
    assert "memory" not in job.error
    assert 2 <= len(diary.runs(41)) <= 5
    assert finish(jobs.submit(Toy(seed=42))).state == "done"


def test_a_dead_scheduler_is_replaced_and_asked_again(jobs: Jobs, diary: Diary) -> None:
    first = jobs.submit(Toy(seed=60, failure="first"))
    waiting = [jobs.submit(Toy(seed=seed, steps=60, pause=0.01)) for seed in range(61, 65)]
    until(lambda: running(first) and diary.runs(60))
    own = jobs._cluster._own
    assert own is not None
    pids = [*own.pids, *diary.runs(60)]
    os.kill(own.pids[0], signal.SIGKILL)
    for job in (first, *waiting):
        assert finish(job).state == "done", job.error
    assert len(diary.runs(60)) == 2
    until(lambda: not any(map(alive, pids)))


def test_whoever_is_killed_every_job_ends_whole() -> None:
    """A short version of `python -m tests.jobs.faults`."""
    ended = survive(12, seed=0, victims=["server"])
    assert ended.wrong == []
    assert {state for state, _ in ended.outcomes.values()} == {"done"}
    assert ended.faults == {"server": 1}
