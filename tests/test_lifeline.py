"""No orphans: what a server started ends with it, however it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.conftest import alive, until

ROOT = Path(__file__).parents[1]

SERVER = r"""
import json, os, signal, sys, time
from pathlib import Path
from engine.jobs import Jobs
from engine.records import Store
from tests.toys import Toy

signal.signal(signal.SIGINT, signal.default_int_handler)  # off where a shell runs us in the background
jobs = Jobs(Store(sys.argv[1], shipped=None))
job = jobs.submit(Toy(seed=1, steps=6000, pause=0.01))
diary = Path(os.environ["TOY_DIARY"])
while job.active and not (diary.exists() and diary.read_text().endswith("\n")):
    time.sleep(0.01)
if not job.active:
    sys.exit(f"{job.state}: {job.error} {job.details}")
own = jobs._cluster._own
told = {"keeper": own._keeper.pid, "pids": own.pids, "folder": own.folder}
print(json.dumps({**told, "torch": "torch" in sys.modules}), flush=True)
if sys.argv[2] == "return":
    sys.exit()
time.sleep(600)
"""


class Server:
    """A server with a job under way, in a process and a group of its own."""

    def __init__(self, folder: Path, end: str) -> None:
        diary = folder / "diary"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(folder / "store"), end],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TOY_DIARY": str(diary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate(timeout=30)[1]
        told = json.loads(line)
        assert told["torch"] is False
        self.keeper: int = told["keeper"]
        self.folder = Path(told["folder"])
        # The scheduler, the nanny and its worker, which wrote the diary.
        self.pids: list[int] = [*told["pids"], int(diary.read_text().split()[1])]
        assert len(self.pids) == 3
        # Linux may share the processors out among sessions, and let niceness count within each.
        assert {os.getsid(pid) for pid in (self.keeper, *self.pids)} == {self.process.pid}


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "SIGINT", "return"])
def test_nothing_outlives_the_server(tmp_path: Path, end: str) -> None:
    server = Server(tmp_path, end)
    if end != "return":
        assert all(map(alive, [server.keeper, *server.pids]))
        # To the whole group, as a terminal does with Ctrl-C.
        os.killpg(server.process.pid, getattr(signal, end))
    _, noise = server.process.communicate(timeout=30)
    # The keeper goes last, after the folder.
    until(lambda: not alive(server.keeper))
    assert not server.folder.exists()
    until(lambda: not any(map(alive, server.pids)))  # the system may be a moment behind
    if end == "SIGINT":  # of which Python itself tells
        noise = noise.partition("Traceback")[0]
    assert noise == ""


def test_nothing_outlives_the_keeper(tmp_path: Path) -> None:
    server = Server(tmp_path, "SIGKILL")
    os.kill(server.keeper, signal.SIGKILL)
    until(lambda: not any(map(alive, server.pids)))
    server.process.kill()
    server.process.communicate(timeout=30)
    shutil.rmtree(server.folder)  # which nobody was left to remove


def test_a_keeper_that_is_told_to_end_clears_up(tmp_path: Path) -> None:
    server = Server(tmp_path, "SIGKILL")
    os.kill(server.keeper, signal.SIGTERM)
    until(lambda: not alive(server.keeper))
    assert not server.folder.exists()
    until(lambda: not any(map(alive, server.pids)))  # the system may be a moment behind
    server.process.kill()
    server.process.communicate(timeout=30)
