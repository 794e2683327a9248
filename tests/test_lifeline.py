"""No orphans: what a server started ends with it, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.conftest import alive, until

ROOT = Path(__file__).parents[1]

SERVER = """
import json, sys, time
from engine.jobs import Jobs
from engine.records import Store
from tests.toys import Toy

jobs = Jobs(Store(sys.argv[1], shipped=None))
job = jobs.submit(Toy(seed=1, steps=6000, pause=0.01))
while job.state != "running":
    time.sleep(0.01)
pids = [process.pid for process in jobs._cluster._own.processes]
folder = jobs._cluster._own._folder.name
print(json.dumps({"pids": pids, "folder": folder, "torch": "torch" in sys.modules}), flush=True)
if sys.argv[2] == "return":
    sys.exit()
time.sleep(600)
"""


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "SIGINT", "return"])
def test_nothing_outlives_the_server(tmp_path: Path, end: str) -> None:
    diary = tmp_path / "diary"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "store"), end],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TOY_DIARY": str(diary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    told = json.loads(server.stdout.readline())
    pids = [*told["pids"], int(diary.read_text().split()[1])]
    assert len(pids) == 3
    assert told["torch"] is False
    if end != "return":
        assert all(map(alive, pids))
        # To the whole group, as a terminal does with Ctrl-C.
        os.killpg(server.pid, getattr(signal, end))
    _, noise = server.communicate(timeout=30)
    until(lambda: not any(map(alive, pids)), 10)
    if end == "SIGINT":  # of which Python itself tells
        noise = noise.partition("Traceback")[0]
    assert noise == ""
    assert not Path(told["folder"]).exists()
