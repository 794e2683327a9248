"""Our own cluster: a scheduler and one worker process for each device, on this machine's loopback.

They are started as Dask's `SubprocessCluster` starts them, with `dask spec`, for multiprocessing would
run app.py again; but each in its own environment, and in a process group that can be ended as a whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import psutil
from dask.system import CPU_COUNT
from distributed.worker_memory import parse_memory_limit

from engine.errors import JobError
from engine.idling import ASLEEP
from engine.lifeline import preload
from engine.records import Store

LOOPBACK = "127.0.0.1"
TASKS = 2
"""Tasks at once in a worker: beside a long one there is always room for a short, interactive one."""

CARD = "scheduler.json"
START_SECONDS = 30

log = logging.getLogger(__name__)


class OwnCluster:
    """Processes that we have started, and must end."""

    def __init__(self) -> None:
        self.address = ""
        self.processes: list[Process] = []
        self._folder = tempfile.TemporaryDirectory(prefix="isthmus-", ignore_cleanup_errors=True)

    @classmethod
    async def start(cls, store: Store) -> OwnCluster:
        """Start the processes; JobError where they do not come up."""
        own = cls()
        try:
            await own._start(store)
        except OSError as error:
            await own.close()
            raise JobError(
                f"The workers that compute could not be started ({error}). Free some memory and "
                "submit the job again."
            ) from error
        except BaseException:
            # Cancelled half-way: what has been started must not stay behind.
            await own.close()
            raise
        return own

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self.processes) - 1

    async def ended(self) -> None:
        """Wait until any of the processes has ended."""
        waits = [asyncio.create_task(process.wait()) for process in self.processes]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def close(self) -> None:
        """End all processes; whatever is worth keeping is in the store."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.gather(*(process.wait() for process in self.processes))
        self._folder.cleanup()

    async def _start(self, store: Store) -> None:
        folder = self._folder.name
        scheduler = await _spawn("distributed.Scheduler", _scheduler_options(folder), {})
        self.processes.append(scheduler)
        self.address = await _address(Path(folder) / CARD, scheduler)
        devices = _devices()
        for device in devices:
            options = _worker_options(folder, len(devices))
            environment = {**_worker_environment(store, len(devices)), **device}
            worker = await _spawn("distributed.Nanny", options, environment, self.address)
            self.processes.append(worker)


async def _spawn(
    role: str, options: dict[str, Any], environment: dict[str, str], *arguments: str
) -> Process:
    """Start a Dask process that leads a group of its own: the terminal's Ctrl-C is for the server."""
    spec = json.dumps({"cls": role, "opts": options})
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dask", "spec", *arguments, "--spec", spec),
        env={**os.environ, "DASK_LOGGING__DISTRIBUTED": "warning", **environment},
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


async def _address(card: Path, scheduler: Process) -> str:
    """The address that the scheduler writes on its card when it is up."""
    deadline = time.monotonic() + START_SECONDS
    while scheduler.returncode is None and time.monotonic() < deadline:
        # Until the card is there, and written to its end, it cannot be read.
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return str(json.loads(card.read_text())["address"])
        await asyncio.sleep(0.02)
    raise OSError("the scheduler did not come up")


def _scheduler_options(folder: str) -> dict[str, Any]:
    return {
        "host": LOOPBACK,
        "port": 0,
        "dashboard": False,
        "dashboard_address": f"{LOOPBACK}:0",
        "preload": preload(folder),
        "scheduler_file": os.path.join(folder, CARD),
    }


def _worker_options(folder: str, workers: int) -> dict[str, Any]:
    """A nanny's options: it starts its worker again when that dies."""
    return {
        "host": LOOPBACK,
        "nthreads": TASKS,
        "memory_limit": parse_memory_limit("auto", 1, workers, logger=log),
        "local_directory": folder,
        "preload_nanny": preload(folder),
    }


def _worker_environment(store: Store, workers: int) -> dict[str, str]:
    threads = max(1, min(CPU_COUNT, psutil.cpu_count(logical=False) or CPU_COUNT) // workers)
    return {
        "ISTHMUS_STORE": str(store.root),
        "ISTHMUS_STORE_QUOTA_GB": str(store.quota_bytes / 1e9),
        # Dask would leave each task a single thread of arithmetic.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(threads)),
        **{name: os.environ.get(name, value) for name, value in ASLEEP.items()},
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
