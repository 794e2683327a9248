"""What a job may take: refused before it begins where that is known, ended in words, its parts kept."""

from __future__ import annotations

import time

import pytest

from engine.errors import JobError
from engine.experiments.theory.conjecture import Conjecture
from engine.jobs import Jobs
from engine.jobs.limits import NO_LIMITS, Limits
from tests.jobs.conftest import Diary, finish, until
from tests.toys import LARGE, Toy, ToySweep

HUGE = Conjecture(width=8192, depth=20)


def test_limits_are_said_in_words() -> None:
    assert Limits(1800, 2_500_000_000).words() == "compute for 30 min and take 2.5 GB of memory"
    assert NO_LIMITS.words() == ""


def test_what_is_known_to_be_too_large_does_not_begin(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "limits", Limits(memory=2 * 10**9))
    with pytest.raises(JobError, match=r"about 10\.\d GB of memory, and a job may take 2\.0 GB"):
        jobs.submit(HUGE)
    jobs.limits.admit(Conjecture())
    NO_LIMITS.admit(HUGE)


def test_a_job_that_computes_too_long_is_ended_in_words(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "limits", Limits(seconds=0.5))
    job = finish(jobs.submit(Toy(seed=600, steps=6000, pause=0.01)))
    assert job.state == "failed"
    assert job.error.startswith("This computed for 0.5 s, which is all that a job may take here.")
    assert "a machine of your own" in job.error


def test_a_sweep_that_computes_too_long_keeps_its_parts(
    jobs: Jobs, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ToySweep(toy=Toy(seed=610, steps=40, pause=0.01), parts=6)
    monkeypatch.setattr(jobs, "limits", Limits(seconds=1))
    job = finish(jobs.submit(spec))
    assert job.state == "failed"
    assert "start it again to go on from there" in job.error
    seeds = range(610, 616)
    kept = [seed for seed in seeds if jobs.store.find(Toy(seed=seed, steps=40, pause=0.01).key())]
    assert 0 < len(kept) < 6
    monkeypatch.setattr(jobs, "limits", NO_LIMITS)
    assert finish(jobs.submit(spec)).state == "done"
    assert all(len(diary.runs(seed)) == 1 for seed in kept)


def test_a_job_that_takes_too_much_memory_is_ended_and_its_neighbour_is_not(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "limits", Limits(memory=LARGE // 3))
    neighbour = jobs.submit(Toy(seed=620, steps=100, pause=0.02), owner="ann")
    until(lambda: neighbour.state == "running")
    job = finish(jobs.submit(Toy(seed=621, failure="growth", steps=500, pause=0.01), owner="ben"))
    assert job.state == "failed"
    assert "of memory, and a job may take 100.0 MB here" in job.error
    assert finish(neighbour).state == "done"


SILENT = {"failure": "silence", "steps": 600, "pause": 0.1}


def test_a_job_that_never_reports_is_ended_too_and_its_neighbour_begins_again(
    jobs: Jobs, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour = jobs.submit(Toy(seed=670, steps=300, pause=0.02), owner="ann")
    until(lambda: neighbour.state == "running")
    monkeypatch.setattr(jobs, "limits", Limits(seconds=0.3, silence=0.5))
    job = finish(jobs.submit(Toy(seed=671, **SILENT), owner="ben"))
    assert job.state == "failed"
    assert job.error.startswith("This computed for")
    assert finish(neighbour).state == "done"
    assert (len(diary.runs(670)), len(diary.runs(671))) == (2, 1)


def test_a_job_that_lets_nothing_else_move_is_ended_too_and_its_neighbour_begins_again(
    jobs: Jobs, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(memory=10 * LARGE, silence=0.5)
    monkeypatch.setattr(jobs, "limits", limits)
    neighbour = jobs.submit(Toy(seed=672, steps=300, pause=0.02), owner="ann")
    until(lambda: neighbour.state == "running")
    job = finish(jobs.submit(Toy(seed=673, failure="lock", steps=600, pause=0.1), owner="ben"))
    assert job.state == "failed"
    assert job.error.startswith("This let nothing else of its worker go on for 3.0 s")
    assert finish(neighbour).state == "done"
    assert (len(diary.runs(672)), len(diary.runs(673))) == (2, 1)


def test_a_sweep_whose_part_never_reports_ends_and_keeps_its_parts(
    jobs: Jobs, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, silent = Toy(seed=680), ToySweep(toy=Toy(seed=681, **SILENT), parts=2)
    monkeypatch.setattr(jobs, "limits", Limits(seconds=0.3, silence=0.5))
    assert finish(jobs.submit(quick)).state == "done"
    job = finish(jobs.submit(silent))
    assert job.state == "failed"
    assert job.error.startswith("This computed for")
    assert len(diary.runs(681)) == 1


def test_an_interactive_job_of_another_starts_long_before_what_runs_has_ended(jobs: Jobs) -> None:
    long = [jobs.submit(Toy(seed=seed, steps=6000, pause=0.01), owner="ann") for seed in (630, 631)]
    sweep = jobs.submit(ToySweep(toy=Toy(seed=640, steps=50, pause=0.02), parts=9), owner="ben")
    until(lambda: all(job.state == "running" for job in long) and sweep.done > 0)
    began = time.monotonic()
    assert finish(jobs.submit(Toy(seed=650), priority=10, owner="cleo")).state == "done"
    assert time.monotonic() - began < 20
    for job in (*long, sweep):
        assert job.active
        job.cancel()
