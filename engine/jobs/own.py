"""Our own cluster: a scheduler and one worker process for each device, on this machine's loopback.

They are started as Dask's `SubprocessCluster` starts them, with `dask spec`, for multiprocessing would
run app.py again; but each in its own environment, and by a keeper that ends them as a whole. They talk to
those who have the keys of this start, for whoever reaches a scheduler may have any code run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import psutil
from dask.system import CPU_COUNT
from distributed.security import Security
from distributed.system import MEMORY_LIMIT

from engine.allocation import ASLEEP, TOGETHER
from engine.errors import JobError
from engine.jobs import keys
from engine.jobs.turns import SIGN
from engine.lifeline import source
from engine.local_files import hosted
from engine.records import Store

LOOPBACK = "127.0.0.1"
TASKS = 32
"""Tasks that a worker takes; which of them compute at once, `turns` decides."""

MEMORY_SHARE = 0.8
"""The part of this machine's memory that the workers may take together, so that the rest goes on."""

CARD = "scheduler.json"
START_SECONDS = 30

THREADS = "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"

SETTINGS = {
    "DASK_LOGGING__DISTRIBUTED": "warning",
    # Of tasks that were on a worker that died twice the queue decides: it knows which of them had begun.
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    # No pages of Dask's own: anybody on this machine could read them.
    "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
    "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
    # A look at itself every 10 or 20 ms takes each of them 2 to 5 % of a core, also while it rests.
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
}


class OwnCluster:
    """Processes that a keeper has started for us, and ends with us. `pids` has the scheduler's first."""

    def __init__(self, keeper: Process) -> None:
        self.address = ""
        self.folder = ""
        self.security = Security()
        self.pids: list[int] = []
        self._signs: list[Path] = []
        self._keeper = keeper

    @classmethod
    async def start(cls, store: Store) -> OwnCluster:
        """Start the processes; JobError where they do not come up."""
        try:
            own = cls(await _keeper())
            try:
                await own._start(store)
            except BaseException:
                # Also where it is cancelled half-way: what has been started must not stay behind.
                await own.close()
                raise
        except OSError as error:
            raise JobError(
                f"The workers that compute could not be started ({error}). What they said stands in the "
                "log, or where the app was started. Submit the job again."
            ) from error
        return own

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self.pids) - 1

    def sign(self, job: str) -> str:
        """What the worker shows at whose turn a job is, other words each time that it moves; else nothing."""
        for path in self._signs:
            with contextlib.suppress(OSError):
                if job in (sign := path.read_text()):
                    return sign
        return ""

    def stop(self, sign: str) -> None:
        """End a worker that shows this and does not move, so that another takes its place."""
        for path, nanny in zip(self._signs, self.pids[1:], strict=True):
            with contextlib.suppress(OSError, psutil.NoSuchProcess):
                if path.read_text() == sign:
                    path.unlink()
                    for child in psutil.Process(nanny).children():
                        if child.pid == json.loads(sign)["pid"]:
                            child.kill()

    async def ended(self) -> None:
        """Wait until any of the processes has ended, which ends the others too."""
        await self._keeper.wait()

    async def close(self) -> None:
        """End all processes; whatever is worth keeping is in the store."""
        _inlet(self._keeper).close()
        await self._keeper.wait()

    async def _start(self, store: Store) -> None:
        made = asyncio.to_thread(keys.made)  # meanwhile the keeper starts
        self.folder, security = await asyncio.gather(_answer(self._keeper), made)
        locked = {"security": keys.written(security, self.folder)}
        self.security = Security(**locked["security"])
        await self._spawn("distributed.Scheduler", _scheduler_options(self.folder) | locked, {})
        self.address = await self._address()
        devices = _devices()
        for device in devices:
            options = _worker_options(self.folder, len(devices)) | locked
            self._signs.append(Path(self.folder, f"sign-{len(self._signs)}"))
            sign = {SIGN: str(self._signs[-1])}
            environment = {**_worker_environment(store, len(devices)), **device, **sign}
            await self._spawn("distributed.Nanny", options, environment, self.address)

    async def _spawn(
        self, role: str, options: dict[str, Any], environment: dict[str, str], *arguments: str
    ) -> None:
        spec = json.dumps({"cls": role, "opts": options})
        order = {
            "command": [sys.executable, "-m", "dask", "spec", *arguments, "--spec", spec],
            "environment": {**SETTINGS, **environment},
        }
        _inlet(self._keeper).write(f"{json.dumps(order)}\n".encode())
        self.pids.append(int(await _answer(self._keeper)))

    async def _address(self) -> str:
        """The address that the scheduler writes on its card when it is up."""
        card = Path(self.folder) / CARD
        deadline = time.monotonic() + START_SECONDS
        while self._keeper.returncode is None and time.monotonic() < deadline:
            # Until the card is there, and written to its end, it cannot be read.
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                return str(json.loads(card.read_text())["address"])
            await asyncio.sleep(0.02)
        ended = self._keeper.returncode is not None
        raise OSError("something ended it" if ended else "the scheduler did not come up in time")


async def _keeper() -> Process:
    """A keeper, in a group of its own: the terminal's Ctrl-C is for the server.

    It stays in the server's session, for Linux shares the processors out among sessions first, and lets
    niceness count only within each.
    """
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", source("keep")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        process_group=0,
    )


async def _answer(keeper: Process) -> str:
    """The keeper's next line."""
    assert keeper.stdout is not None
    line = await keeper.stdout.readline()
    if not line:
        raise OSError("a process did not start")
    return line.decode().strip()


def _inlet(keeper: Process) -> asyncio.StreamWriter:
    assert keeper.stdin is not None
    return keeper.stdin


def _scheduler_options(folder: str) -> dict[str, Any]:
    return {
        "host": LOOPBACK,
        "port": 0,
        "dashboard": False,
        "dashboard_address": f"{LOOPBACK}:0",
        "preload": source("follow"),
        "scheduler_file": os.path.join(folder, CARD),
    }


def _worker_options(folder: str, workers: int) -> dict[str, Any]:
    """A nanny's options: it starts its worker again when that dies."""
    return {
        "host": LOOPBACK,
        "nthreads": TASKS,
        "memory_limit": int(MEMORY_SHARE * MEMORY_LIMIT / workers),
        "local_directory": folder,
        "preload_nanny": source("stand_back" if hosted() else "follow"),
    }


def _worker_environment(store: Store, workers: int) -> dict[str, str]:
    threads = max(1, min(CPU_COUNT, psutil.cpu_count(logical=False) or CPU_COUNT) // workers)
    return {
        "ISTHMUS_STORE": str(store.root),
        "ISTHMUS_STORE_QUOTA_GB": str(store.quota_bytes / 1e9),
        # Dask would leave each task a single thread of arithmetic. PyTorch takes the number of MKL's.
        **{name: os.environ.get("OMP_NUM_THREADS", str(threads)) for name in THREADS},
        **{name: os.environ.get(name, value) for name, value in (ASLEEP | TOGETHER).items()},
    }


def _devices() -> list[dict[str, str]]:
    """The environment that gives each worker its own device. Asks without importing torch."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if os.environ.get("ISTHMUS_DEVICE"):
        return [{}]
    names = _listed_gpus() if visible is None else visible.split(",")
    names = [name.strip() for name in names if name.strip() not in ("", "-1")]
    return [{"CUDA_VISIBLE_DEVICES": name} for name in names] or [{}]


def _listed_gpus() -> list[str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=uuid", "--format=csv,noheader"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return listed.stdout.splitlines()
    return []
