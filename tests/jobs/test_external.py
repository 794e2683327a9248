"""The queue on a cluster that is there already: `dask scheduler` and `dask worker` from a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pytest
from distributed import Client

from engine.jobs import Job, Jobs, cluster, keys
from engine.jobs import queue as queue_room
from engine.records import Store
from tests.jobs.conftest import PATIENCE, Diary, finish, until
from tests.toys import Toy, ToySweep

LONG = {"steps": 6000, "pause": 0.01}
CLIENT = ("client_cert", "client_key")
ROOT = Path(__file__).parents[2]


class Shell:
    """Starts Dask's commands as a person would, and ends them; with `locked`, on TLS."""

    def __init__(self, folder: Path, locked: bool = False) -> None:
        self.folder = folder
        self.keys: dict[str, str] = {}
        if locked:
            files = keys.written(keys.made(), str(folder))
            self.keys = {name: str(files[f"tls_{name}"]) for name in ("ca_file", *CLIENT)}
        self.card = folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []

    def dask(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        how = []
        if self.keys:
            names = zip(
                ("--tls-ca-file", "--tls-cert", "--tls-key"), self.keys.values(), strict=True
            )
            how = [word for pair in names for word in pair]
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, *how],
            cwd=ROOT,
            env={**os.environ, **environment},
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def scheduler(self, port: str = "0") -> str:
        self.card.unlink(missing_ok=True)
        host = "tls://127.0.0.1" if self.keys else "127.0.0.1"
        where = ("--host", host, "--port", port, "--dashboard-address", "127.0.0.1:0")
        self.dask("scheduler", *where, "--no-dashboard", "--scheduler-file", str(self.card))
        until(lambda: self.card.exists() and self.card.read_text().endswith("}"))
        return str(json.loads(self.card.read_text())["address"])

    def worker(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        how = ("--nthreads", "2", "--no-dashboard", "--host", "127.0.0.1")
        place = ("--local-directory", str(self.folder / name))
        store = {"ISTHMUS_STORE": str(self.folder / name / "store")}
        files = ("--scheduler-file", str(self.card))
        return self.dask("worker", *files, *how, *place, **store, **environment)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(20)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, diary: Diary) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("shell"), locked=True)
    shell.scheduler()
    shell.worker("one")
    shell.worker("two")
    # As the README has it, with DASK_DISTRIBUTED__COMM__TLS__CA_FILE and the like, which Dask reads once.
    names = {"ca_file": "ca-file", "client_cert": "client.cert", "client_key": "client.key"}
    tls = {f"distributed.comm.tls.{names[name]}": file for name, file in shell.keys.items()}
    with dask.config.set(tls):
        yield shell
    shell.close()


@pytest.fixture
def server(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Jobs]]:
    """Starts servers, each with a store of its own, on the shell's scheduler."""
    started = []
    monkeypatch.setenv("ISTHMUS_SCHEDULER", json.loads(shell.card.read_text())["address"])

    def start(name: str) -> Jobs:
        queue = Jobs(Store(tmp_path / name, shipped=None))
        started.append(queue)
        return queue

    yield start
    for queue in started:
        queue.close()


def running(job: Job) -> bool:
    return job.state == "running"


def test_records_come_back_from_the_workers_stores(
    server: Callable[[str], Jobs],
    shell: Shell,
    diary: Diary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    queue = server("server")
    image = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    upload = f"upload:{queue.store.put_image(image)}"
    specs = [Toy(seed=seed, steps=30, pause=0.02, image=upload) for seed in range(100, 104)]
    for job in [queue.submit(spec) for spec in specs]:
        assert finish(job).state == "done", job.error
    for spec in specs:
        record = queue.store.find(spec.key())
        assert record is not None
        record.verify()
        assert record.path.is_relative_to(queue.store.root)
        assert record.summary["brightness"] == pytest.approx(image.mean())
        assert record.summary["folder"] == str(tmp_path), "relative paths are the server's"
    pids = {pid for spec in specs for pid in diary.runs(spec.seed)}
    assert len(pids) == 2  # both workers took part
    stores = [Store(shell.folder / name / "store", shipped=None) for name in ("one", "two")]
    kept = [{record.key for record in store.records()} for store in stores]
    assert all(kept)
    assert kept[0] | kept[1] == {spec.key() for spec in specs}
    assert not kept[0] & kept[1]


def test_a_sweep_reaches_the_scheduler_with_its_workers_keys(
    server: Callable[[str], Jobs], shell: Shell, diary: Diary
) -> None:
    assert json.loads(shell.card.read_text())["address"].startswith("tls://")
    job = finish(server("server").submit(ToySweep(toy=Toy(seed=150), parts=2)))
    assert job.state == "done", job.error
    assert [len(diary.runs(seed)) for seed in (150, 151)] == [1, 1]


def test_a_server_without_keys_is_told(server: Callable[[str], Jobs]) -> None:
    with dask.config.set({"distributed.comm.tls.client.cert": None}):
        job = finish(server("keyless").submit(Toy(seed=152)))
    assert job.state == "failed"
    assert "cannot be reached" in job.error
    assert "DASK_DISTRIBUTED__COMM__TLS" in job.error


def test_two_servers_share_one_run(server: Callable[[str], Jobs], diary: Diary) -> None:
    spec = Toy(seed=110, steps=50, pause=0.02)
    jobs = [server("first").submit(spec), server("second").submit(spec)]
    until(lambda: all(map(running, jobs)))
    assert [finish(job).state for job in jobs] == ["done", "done"]
    assert len(diary.runs(110)) == 1


def wanted(key: str) -> int:
    """How many servers have told the scheduler that they want a task."""

    def count(name: str, dask_scheduler: Any) -> int:
        task = dask_scheduler.tasks.get(name)
        return len(task.who_wants or ()) if task else 0

    with Client(os.environ["ISTHMUS_SCHEDULER"], set_as_default=False) as client:
        found: int = client.run_on_scheduler(count, key)
    return found


def test_one_server_cancels_for_itself_alone(server: Callable[[str], Jobs], diary: Diary) -> None:
    spec = Toy(seed=111, steps=200, pause=0.02)
    first, second = server("first").submit(spec), server("second").submit(spec)
    # The second hears that it runs before it has asked for it itself.
    until(lambda: running(first) and running(second) and wanted(first.key) == 2)
    first.cancel()
    assert finish(second).state == "done"
    assert first.state == "cancelled"
    assert len(diary.runs(111)) == 1


def test_a_fresh_server_finds_a_job_that_runs(server: Callable[[str], Jobs], diary: Diary) -> None:
    spec = Toy(seed=112, steps=75, pause=0.02)
    job = server("first").submit(spec)
    until(lambda: running(job))
    fresh = server("fresh")
    assert fresh.job("0" * 24) is None
    fresh.warm()
    until(lambda: fresh.job(spec.key()) is not None)
    found = fresh.job(spec.key())
    assert found is not None
    assert found.spec == spec
    assert finish(found).state == "done"
    assert fresh.store.find(spec.key())
    assert len(diary.runs(112)) == 1


def test_a_server_that_is_gone_wants_nothing_any_more(
    server: Callable[[str], Jobs], shell: Shell
) -> None:
    gone, other = server("gone"), server("other")
    long = [gone.submit(Toy(seed=seed, **LONG)) for seed in range(113, 117)]
    until(lambda: all(map(running, long)))
    gone.close()
    began = time.monotonic()
    assert finish(other.submit(Toy(seed=117))).state == "done"
    assert time.monotonic() - began < 20  # what was wanted takes a minute


def test_a_killed_worker_leaves_its_job_to_the_other(
    server: Callable[[str], Jobs], diary: Diary
) -> None:
    job = server("server").submit(Toy(seed=118, failure="first"))
    until(lambda: diary.runs(118))
    os.kill(diary.runs(118)[0], signal.SIGKILL)
    assert finish(job).state == "done"
    assert len(set(diary.runs(118))) == 2


@pytest.fixture
def fresh_shell(tmp_path: Path, diary: Diary) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    shell.scheduler()
    yield shell
    shell.close()


def test_a_scheduler_that_dies_is_waited_for_and_then_told(
    fresh_shell: Shell, tmp_path: Path, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    address = json.loads(fresh_shell.card.read_text())["address"]
    queue = Jobs(Store(tmp_path / "server", shipped=None), address)
    waiting = queue.submit(Toy(seed=120))
    until(lambda: "no workers yet" in waiting.stage)
    fresh_shell.worker("late")
    assert finish(waiting).state == "done"
    job = queue.submit(Toy(seed=121, failure="first"))
    until(lambda: running(job) and diary.runs(121))
    fresh_shell.close()
    assert fresh_shell.scheduler(address.rpartition(":")[2]) == address
    fresh_shell.worker("another")
    assert finish(job).state == "done"
    job = queue.submit(Toy(seed=122, **LONG))
    until(lambda: running(job))
    monkeypatch.setattr(queue_room, "BACK_SECONDS", 0)
    fresh_shell.close()
    assert finish(job).state == "failed"
    assert f"The Dask scheduler at {address} cannot be reached" in job.error
    assert "ISTHMUS_SCHEDULER" in job.error
    queue.close()


def test_workers_that_never_come_or_have_other_weights_are_told(
    fresh_shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Jobs(
        Store(tmp_path / "server", shipped=None),
        json.loads(fresh_shell.card.read_text())["address"],
    )
    with monkeypatch.context() as patch:
        patch.setattr(queue_room, "QUEUED_SECONDS", 0)
        job = finish(queue.submit(Toy(seed=125)))
    assert job.state == "failed"
    assert "has had no workers for a long time. Start them with `dask worker`" in job.error
    fresh_shell.worker("other", TOY_WEIGHTS="others")
    job = finish(queue.submit(Toy(seed=123)))
    assert job.state == "failed"
    assert "another version of Isthmus, of the weights or of the images" in job.error
    queue.close()


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "nonsense://nowhere", "localhost:notaport"]
)
def test_an_address_that_nobody_answers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    queue = Jobs(Store(tmp_path, shipped=None), address)
    began = time.monotonic()
    job = finish(queue.submit(Toy(seed=124)))
    assert time.monotonic() - began < PATIENCE / 2
    assert job.state == "failed"
    assert f"The Dask scheduler at {address} cannot be reached" in job.error
    assert "ISTHMUS_SCHEDULER" in job.error
    assert job.details == ""
    queue.close()
