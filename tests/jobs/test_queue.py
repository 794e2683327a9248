"""The queue on a cluster of its own: two tasks at once in one worker process."""

from __future__ import annotations

import asyncio
import inspect
import os
import pickle
import stat
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import psutil
import pytest
import torch
from dask.system import CPU_COUNT
from distributed import Client
from distributed.security import Security

from engine.errors import JobError
from engine.jobs import Job, Jobs, keys, work
from engine.jobs import queue as queue_room
from engine.jobs.answering import packed
from engine.jobs.own import OwnCluster
from engine.jobs.turns import Claim
from engine.records import Store
from tests.aside import run_aside
from tests.jobs.conftest import PATIENCE, Diary, alive, finish, until
from tests.toys import Toy

LONG = {"steps": 6000, "pause": 0.01}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory, diary: Diary) -> Iterator[Jobs]:
    """A queue of this file's own: its start and its end are looked at."""
    queue = Jobs(Store(tmp_path_factory.mktemp("store"), shipped=None))
    yield queue
    queue.close()


def running(job: Job) -> bool:
    return job.state == "running"


def test_a_job_computes_a_record(jobs: Jobs, diary: Diary) -> None:
    spec = Toy(seed=1, size=20)
    job = jobs.submit(spec)
    assert not jobs._cluster.ready, "nobody waits for the cluster to start"
    assert job.state == "queued"
    assert finish(job).state == "done"
    record = jobs.store.find(job.key)
    assert record is not None
    assert len(record.arrays["draws"]) == 20
    assert diary.runs(1)[0] != os.getpid()
    cores = len(os.sched_getaffinity(0))
    assert cores == 1 or int(record.summary["threads"]) > 1


def test_what_is_stored_is_done_at_once(tmp_path: Path, jobs: Jobs) -> None:
    finish(jobs.submit(Toy(seed=2)))
    fresh = Jobs(jobs.store)
    job = fresh.submit(Toy(seed=2))
    assert job.state == "done"
    assert job.wait(0)
    assert not fresh._cluster.ready
    fresh.close()


@pytest.mark.parametrize(
    ("sent", "longer", "arrives"),
    [
        ("data:image/png;base64,AAAA", 0, True),
        ("data:image/png;base64,AAAA", 20_000, False),
        ("javascript:alert(1)", 0, False),
    ],
)
def test_a_small_picture_travels_with_the_progress(
    jobs: Jobs, sent: str, longer: int, arrives: bool
) -> None:
    job = finish(jobs.submit(Toy(seed=30, preview=sent, longer=longer, steps=30, pause=0.02)))
    assert job.preview == (sent if arrives else "")
    assert all("preview" not in row for row in job.metrics)


def test_progress_arrives_while_it_runs(jobs: Jobs) -> None:
    began = time.monotonic()
    job = jobs.submit(Toy(seed=3, steps=100, pause=0.02))
    seen = []
    while not job.wait(0.02):
        seen.append((job.done, job.stage))
    assert job.state == "done"
    shares = sorted({done for done, _ in seen})
    # About five a second, not one for each step; and it takes two seconds or more.
    assert 5 <= len(shares) <= 10 * (time.monotonic() - began)
    assert "Pausing" in {stage for _, stage in seen}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    losses = [row["loss"] for row in job.metrics]
    assert losses == sorted(losses, reverse=True)
    assert job.metrics[0]["seconds"] <= job.metrics[-1]["seconds"]


def test_the_same_spec_submitted_at_once_by_many_runs_once(jobs: Jobs, diary: Diary) -> None:
    found: list[Job] = []
    spec = Toy(seed=4, steps=20, pause=0.02)

    def submit(owner: str) -> None:
        found.append(jobs.submit(spec, owner=owner))

    threads = [threading.Thread(target=submit, args=(f"visitor {i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(job) for job in found}) == 1
    owners = finish(found[0]).owners
    assert len(owners) == 8
    record = jobs.store.find(spec.key())
    assert record is not None
    assert record.owner == owners[0]
    assert len(diary.runs(4)) == 1
    assert jobs.job(spec.key()) is found[0]
    assert jobs.jobs()[0] is found[0]


def test_nothing_waits_while_a_job_runs(jobs: Jobs) -> None:
    long = jobs.submit(Toy(seed=5, **LONG))
    until(lambda: running(long))
    times = []
    for seed in range(500, 515):
        began = time.perf_counter()
        job = jobs.submit(Toy(seed=seed))
        jobs.jobs()
        jobs.job(job.key)
        job.cancel()
        times.append(time.perf_counter() - began)
    began = time.perf_counter()
    long.cancel()
    times.append(time.perf_counter() - began)
    assert statistics.median(times) < 1  # whoever waited for the job would wait a minute


def test_cancelling_frees_the_worker_long_before_the_job_would_have_ended(jobs: Jobs) -> None:
    long = [jobs.submit(Toy(seed=seed, **LONG)) for seed in (6, 7)]
    until(lambda: all(map(running, long)))
    for job in long:
        job.cancel()
        assert job.state == "cancelled"
    began = time.monotonic()
    finish(jobs.submit(Toy(seed=8)))
    assert time.monotonic() - began < 15
    assert all(jobs.store.find(job.key) is None for job in long)


def test_a_queued_job_is_cancelled_without_running(jobs: Jobs, diary: Diary) -> None:
    long = [jobs.submit(Toy(seed=seed, **LONG)) for seed in (10, 11)]
    until(lambda: all(map(running, long)))
    queued = [jobs.submit(Toy(seed=seed)) for seed in range(12, 16)]
    time.sleep(0.3)
    for job in queued:
        assert job.state == "queued"
        job.cancel()
    for job in long:
        job.cancel()
    finish(jobs.submit(Toy(seed=16)))
    assert [diary.runs(seed) for seed in range(12, 16)] == [[], [], [], []]


def test_a_cancelled_job_can_be_submitted_again(jobs: Jobs) -> None:
    spec = Toy(seed=17, steps=100, pause=0.01)
    for wait in (0.0, 0.05, 0.4):
        job = jobs.submit(spec)
        if wait:
            until(lambda job=job: running(job))
        time.sleep(wait)
        job.cancel()
        assert job.state == "cancelled"
    again = finish(jobs.submit(spec))
    assert (again.state, again.error) == ("done", "")
    assert jobs.store.find(again.key)


def begun(jobs: Jobs) -> int:
    """How many tasks the workers have: each has a thread there, in which it waits for its turn."""
    client: Any = jobs._cluster._client

    async def ask() -> dict[str, int]:
        held: dict[str, int] = await client.run(
            lambda dask_worker: len(dask_worker.state.executing)
        )
        return held

    held = asyncio.run_coroutine_threadsafe(ask(), jobs._loop).result(PATIENCE)
    return sum(held.values())


def test_the_first_come_goes_first_and_priority_before_all(jobs: Jobs, diary: Diary) -> None:
    long = [jobs.submit(Toy(seed=seed, **LONG)) for seed in (30, 31)]
    until(lambda: all(map(running, long)))
    waiting = [jobs.submit(Toy(seed=seed, steps=10, pause=0.02)) for seed in range(32, 38)]
    waiting.append(jobs.submit(Toy(seed=39, steps=10, pause=0.02), priority=10))
    until(lambda: begun(jobs) == len(long) + len(waiting))
    time.sleep(0.5)  # until each stands in the line
    for job in long:
        job.cancel()
    for job in waiting:
        assert finish(job).state == "done"
    order = [int(line.split()[0]) for line in diary.path.read_text().splitlines()][-7:]
    expected = [39, *range(32, 38)]
    assert sorted(order) == sorted(expected)
    # Two run at once, so neighbours may change places, where one of them is slow to write.
    for place, seed in enumerate(order):
        before = expected[: expected.index(seed)]
        assert abs(len(before) - place) <= 2
        assert len({*before} - {*order[:place]}) <= 1


def test_uploaded_images_reach_the_worker(jobs: Jobs) -> None:
    image = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    job = finish(jobs.submit(Toy(image=f"upload:{jobs.store.put_image(image)}")))
    record = jobs.store.find(job.key)
    assert record is not None
    assert record.summary["brightness"] == pytest.approx(image.mean())


def test_only_the_last_jobs_are_remembered(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.jobs.queue.KEPT", 3)
    for seed in range(50, 56):
        finish(jobs.submit(Toy(seed=seed)))
    assert len(jobs.jobs()) <= 4
    assert jobs.job(Toy(seed=55).key())


def test_workers_warm_up_without_being_asked_twice(jobs: Jobs) -> None:
    jobs.warm("file:there is none")
    seeds = iter(range(1000, 2000))

    def warm() -> bool:
        record = jobs.store.find(finish(jobs.submit(Toy(seed=next(seeds)))).key)
        time.sleep(0.2)
        return record is not None and record.summary["torch"]

    until(warm)


def test_every_worker_computes_once_what_is_like_the_next_job_and_keeps_nothing(
    jobs: Jobs, diary: Diary
) -> None:
    spec = Toy(seed=2000)
    jobs.warm(like=spec)
    until(lambda: len(set(diary.runs(2000))) == jobs._cluster._own.size)
    assert jobs.store.find(spec.key()) is None
    jobs.warm(like=Toy(seed=2001, failure="expected"))  # nobody hears of it
    assert finish(jobs.submit(Toy(seed=2002))).state == "done"


class Deserted:
    """A cluster whose workers never come up."""

    def __init__(self, ready: bool = False) -> None:
        self.ready = ready

    async def has_workers(self) -> bool:
        return False

    async def client(self) -> None:
        await asyncio.sleep(PATIENCE)

    async def close(self) -> None: ...


def test_workers_that_never_come_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_room, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(queue_room, "PATIENCE_SECONDS", 0.1)
    queue = Jobs(Store(tmp_path / "store", shipped=None))
    queue._cluster = Deserted()  # type: ignore[assignment]
    job = queue.submit(Toy(seed=80))
    assert job.wait(5)
    assert (job.state, job.error) == ("failed", queue_room.NONE_START)
    queue.close()


def test_a_scheduler_for_others_says_that_it_has_no_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_room, "LOOK_SECONDS", 0.01)
    queue = Jobs(Store(tmp_path / "store", shipped=None), "tcp://nowhere:1")
    queue._cluster = Deserted(ready=True)  # type: ignore[assignment]
    job = queue.submit(Toy(seed=81))
    until(lambda: job.stage == queue_room.NO_WORKERS, 5)
    queue.close()


def test_a_task_can_be_read_where_isthmus_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the scheduler, and by a worker, on which the call then fails as a call."""
    call = packed(work.perform, Toy(), "key", {}, "", False, Claim())
    monkeypatch.setitem(sys.modules, "engine.jobs.work", None)
    function, argument = pickle.loads(pickle.dumps((pickle.loads, call)))
    with pytest.raises(ImportError):
        function(argument)


def listening(own: OwnCluster) -> set[tuple[str, int]]:
    """Hosts and ports at which the processes of a cluster listen."""
    return {
        (connection.laddr.ip, connection.laddr.port)
        for process in psutil.Process(own._keeper.pid).children(recursive=True)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


async def admitted(ports, security, seconds=1.0):
    """The ports of those that do what whoever has these keys asks for."""
    from distributed.core import rpc

    protocol = "tls" if security.require_encryption else "tcp"
    arguments = security.get_connection_args("client")

    async def runs(port):
        try:
            async with rpc(f"{protocol}://127.0.0.1:{port}", connection_args=arguments) as remote:
                return "type" in await asyncio.wait_for(remote.identity(), seconds)
        except (OSError, TypeError):
            return False

    ran = await asyncio.gather(*map(runs, ports))
    return [port for port, one in zip(ports, ran, strict=True) if one]


STRANGER = f"""
import asyncio, os, sys, tempfile
from distributed.security import Security
{inspect.getsource(admitted)}
for security in (Security(), Security.temporary()):
    # It imports what it needs, maybe from a folder that is shut to others; nobody listens at this port.
    assert asyncio.run(admitted([1], security)) == []
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
for security in (Security(), Security.temporary()):
    assert asyncio.run(admitted(list(map(int, sys.argv[2:])), security)) == []
try:
    os.listdir(sys.argv[1])
except PermissionError:
    print("shut out")
"""


def test_everything_listens_on_this_machine_alone_and_to_those_with_keys(jobs: Jobs) -> None:
    finish(jobs.submit(Toy(seed=90)))
    own = jobs._cluster._own
    assert own is not None
    assert {host for host, _ in listening(own)} == {"127.0.0.1"}
    ports = [port for _, port in listening(own)]
    # Scheduler, nanny and worker.
    assert len(run_aside(admitted(ports, own.security, PATIENCE / 10))) == 3
    assert run_aside(admitted(ports, Security.temporary())) == []
    assert run_aside(admitted(ports, Security())) == []
    for port in ports:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/json/identity.json", timeout=1):
            pytest.fail("a page of Dask's own is shown")


def test_a_worker_computes_with_every_core(jobs: Jobs) -> None:
    finish(jobs.submit(Toy(seed=91)))
    own = jobs._cluster._own
    assert own is not None
    cores = psutil.cpu_count(logical=False) or CPU_COUNT
    with Client(own.address, security=own.security, set_as_default=False) as client:
        threads = client.run(torch.get_num_threads)
    assert set(threads.values()) == {min(CPU_COUNT, cores)}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_another_user_of_this_machine_has_nothing_computed(jobs: Jobs) -> None:
    finish(jobs.submit(Toy(seed=91)))
    own = jobs._cluster._own
    assert own is not None
    files = [Path(own.folder, name) for name in ("", keys.CERTIFICATE, keys.KEY)]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o700, 0o600, 0o600]
    found = subprocess.run(
        [sys.executable, "-c", STRANGER, own.folder, *(str(port) for _, port in listening(own))],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert found.stdout == "shut out\n", found.stderr


def test_closing_ends_everything(jobs: Jobs, diary: Diary) -> None:
    queue = jobs  # what follows has queues of its own
    job = queue.submit(Toy(seed=70, **LONG))
    until(lambda: diary.runs(70))
    own = queue._cluster._own
    assert own is not None
    pids = [*own.pids, *diary.runs(70)]
    began = time.monotonic()
    queue.close()
    queue.close()
    assert time.monotonic() - began < PATIENCE / 2
    assert job.state == "cancelled"
    until(lambda: not any(map(alive, pids)))
    with pytest.raises(JobError, match="shutting down"):
        queue.submit(Toy(seed=71))
    assert not queue._thread.is_alive()


def test_closing_while_it_starts_leaves_nothing(tmp_path: Path, jobs: Jobs) -> None:
    jobs.close()  # where only this test is run
    others = own_children()  # a browser, say, that other tests still use
    for wait in (0.0, 0.05, 0.2, 0.4, 0.7):
        queue = Jobs(Store(tmp_path / "store", shipped=None))
        job = queue.submit(Toy(seed=72))
        time.sleep(wait)
        queue.close()
        assert job.state == "cancelled"
        assert own_children() <= others


def own_children() -> set[int]:
    """The processes that this process has started and that are still there."""
    return {child.pid for child in psutil.Process().children() if alive(child.pid)}
