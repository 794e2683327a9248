"""Sweeps: their parts are spread, stored one by one, never computed twice, and ended with the sweep."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.jobs import Jobs
from engine.records import Store, run
from tests.jobs.conftest import Diary, finish, until
from tests.toys import Toy, ToySweep


def seeds(spec: ToySweep) -> range:
    return range(spec.toy.seed, spec.toy.seed + spec.parts)


def draws_of(store: Store, spec: ToySweep) -> np.ndarray:
    record = store.find(spec.key())
    assert record is not None
    return record.arrays["draws"]


def alone(spec: ToySweep, folder: Path) -> np.ndarray:
    """What the sweep finds without any workers, and without pauses."""
    spec = replace(spec, toy=replace(spec.toy, pause=0.0))
    return run(spec, store=Store(folder, shipped=None)).arrays["draws"]


def test_parts_are_what_they_are_without_workers(jobs: Jobs, diary: Diary, tmp_path: Path) -> None:
    spec = ToySweep(toy=Toy(seed=1000), parts=6)
    job = finish(jobs.submit(spec))
    assert job.state == "done", job.error
    assert [len(diary.runs(seed)) for seed in seeds(spec)] == [1] * 6
    assert np.array_equal(draws_of(jobs.store, spec), alone(spec, tmp_path))


def test_two_sweeps_share_their_parts(jobs: Jobs, diary: Diary) -> None:
    small, large = (ToySweep(toy=Toy(seed=1100), parts=parts) for parts in (3, 5))
    finish(jobs.submit(small))
    assert finish(jobs.submit(large)).state == "done"
    assert [len(diary.runs(seed)) for seed in seeds(large)] == [1] * 5
    assert np.array_equal(draws_of(jobs.store, large)[:3], draws_of(jobs.store, small))


def test_a_short_job_goes_between_two_parts(jobs: Jobs) -> None:
    sweep = jobs.submit(ToySweep(toy=Toy(seed=1200, steps=50, pause=0.02), parts=20))
    until(lambda: sweep.done > 0)
    assert finish(jobs.submit(Toy(seed=1299), priority=10)).state == "done"
    assert sweep.active
    sweep.cancel()


def test_progress_counts_unfinished_parts(jobs: Jobs) -> None:
    job = jobs.submit(ToySweep(toy=Toy(seed=1300, steps=200, pause=0.02), parts=2))
    until(lambda: 0 < job.done < 0.5)
    job.cancel()


def test_a_cancelled_sweep_stops_and_goes_on_from_its_parts(
    jobs: Jobs, diary: Diary, tmp_path: Path
) -> None:
    spec = ToySweep(toy=Toy(seed=1400, steps=40, pause=0.02), parts=6)
    job = jobs.submit(spec)
    until(lambda: jobs.store.find(Toy(seed=1400, steps=40, pause=0.02).key()))
    job.cancel()
    done = [seed for seed in seeds(spec) if _stored(jobs, seed)]
    assert 1 <= len(done) < 6
    until(lambda: not _under_way(jobs))
    again = finish(jobs.submit(spec))
    assert again.state == "done", again.error
    assert all(len(diary.runs(seed)) == 1 for seed in done)
    assert np.array_equal(draws_of(jobs.store, spec), alone(spec, tmp_path))


def test_a_killed_worker_costs_one_part(jobs: Jobs, diary: Diary, tmp_path: Path) -> None:
    spec = ToySweep(toy=Toy(seed=1500, steps=40, pause=0.02), parts=4)
    job = jobs.submit(spec)
    until(lambda: diary.runs(1502))
    os.kill(diary.runs(1502)[0], signal.SIGKILL)
    assert finish(job).state == "done", job.error
    runs = [len(diary.runs(seed)) for seed in seeds(spec)]
    assert runs[:2] == [1, 1], "parts that were stored are not computed again"
    assert max(runs) <= 3
    assert np.array_equal(draws_of(jobs.store, spec), alone(spec, tmp_path))


def test_a_part_that_fails_ends_the_sweep_with_its_words(jobs: Jobs) -> None:
    job = finish(jobs.submit(ToySweep(toy=Toy(seed=1600, failure="expected"), parts=2)))
    assert job.state == "failed"
    assert job.error == "The toy expected another image. Choose one."


@pytest.mark.parametrize("parts", [1, 3])
def test_a_stored_sweep_runs_nothing(jobs: Jobs, diary: Diary, parts: int) -> None:
    spec = ToySweep(toy=Toy(seed=1700 + 10 * parts), parts=parts)
    finish(jobs.submit(spec))
    before = [diary.runs(seed) for seed in seeds(spec)]
    assert finish(jobs.submit(spec)).state == "done"
    assert [diary.runs(seed) for seed in seeds(spec)] == before


def _stored(jobs: Jobs, seed: int) -> bool:
    return jobs.store.find(Toy(seed=seed, steps=40, pause=0.02).key()) is not None


def _under_way(jobs: Jobs) -> bool:
    return any(job.active for job in jobs.jobs())
