"""Queues for tests: one cluster of our own for several files, and a diary of what its workers ran."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine.jobs import Job, Jobs
from engine.records import Store
from tests.toys import DIARY

PATIENCE = 60.0
"""Seconds after which something that should happen has not; machines that run tests can be slow."""


class Diary:
    """What the workers ran: one line a run, "seed pid"."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def runs(self, seed: int) -> list[int]:
        """The process ids of the runs with this seed."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [int(pid) for number, pid in map(str.split, lines) if int(number) == seed]


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a condition; fails the test where it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {condition}")
        time.sleep(0.01)


def finish(job: Job) -> Job:
    """Wait for a job's end."""
    assert job.wait(PATIENCE), f"no end in sight: {job} {job.stage}"
    return job


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="package")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diary]:
    path = tmp_path_factory.mktemp("diary") / "diary"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DIARY, str(path))
        for name in ("ISTHMUS_SCHEDULER", "OMP_NUM_THREADS"):
            patch.delenv(name, raising=False)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2])]))
        yield Diary(path)


@pytest.fixture(scope="package")
def jobs(tmp_path_factory: pytest.TempPathFactory, diary: Diary) -> Iterator[Jobs]:
    queue = Jobs(Store(tmp_path_factory.mktemp("store"), shipped=None))
    yield queue
    queue.close()
