"""The keeper: a small process that starts the scheduler and the workers, and ends them with the server.

However a server ends, the system closes the pipe that leads from it to the keeper. The keeper owns what
follows: it stops everything that it has started at one instant, so that nobody sees another one go, kills
it, waits until it is gone, and removes the folder that all of them used, last and alone.

Run as a process of its own, and loaded by those that it starts, so it must stay small.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

NICENESS = 10
"""By how much workers stand behind the server that visitors wait for."""

GONE_SECONDS = 30
"""How long the end of killed processes is waited for: one that hangs in the system cannot be killed."""


def source(function: str) -> str:
    """Python source that calls a function of this file, from this checkout, in another process."""
    root = str(Path(__file__).parents[1])
    return f"import sys; sys.path.insert(0, {root!r}); from engine import lifeline; lifeline.{function}()"


def keep() -> NoReturn:
    """Be the keeper: print a fresh folder, start what comes on standard input, end with its end.

    Each line is {"command": [...], "environment": {...}}, and is answered by the process id.
    """
    keeper = Keeper(tempfile.mkdtemp(prefix="isthmus-"))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: keeper.end())
    try:
        _tell(keeper.folder)
        for line in sys.stdin:
            _tell(str(keeper.start(**json.loads(line))))
    finally:
        keeper.end()


def follow() -> None:
    """End this process with its keeper, which alone holds the other end of its standard input."""
    # A handshake is broken off whenever one of those who talk to it is killed.
    logging.getLogger("distributed.comm.tcp").setLevel(logging.ERROR)
    threading.Thread(target=_follow, name="lifeline", daemon=True).start()


def stand_back() -> None:
    """As `follow`, in a process that others go before: it computes with what the server leaves."""
    os.nice(NICENESS)
    follow()


class Keeper:
    """Processes in a group of their own, and the folder that they use. The first to end ends all."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._group = 0
        self._lock = threading.RLock()
        # Every process holds the inlet as its standard output, so the outlet ends when all are gone.
        self._outlet, self._inlet = os.pipe()
        self._forwarding = threading.Thread(target=self._forward, daemon=True)
        self._forwarding.start()

    def start(self, command: list[str], environment: dict[str, str]) -> int:
        """Start a process; returns its id."""
        with self._lock:
            process: subprocess.Popen[Any] = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=self._inlet,
                process_group=self._group,
            )
            self._group = self._group or process.pid
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()
        return process.pid

    def end(self) -> NoReturn:
        """End everything, and this process."""
        with self._lock:  # for ever: whoever else wants to start or end something ends with us
            if self._group:
                # Stopped first, for of a group that is killed some would see others die.
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    with suppress(ProcessLookupError):
                        os.killpg(self._group, number)
            os.close(self._inlet)
            self._forwarding.join(GONE_SECONDS)
            shutil.rmtree(self.folder, ignore_errors=True)
            os._exit(0)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self.end()

    def _forward(self) -> None:
        """What they print goes where their errors go: our own standard output is for the answers."""
        while words := os.read(self._outlet, 65536):
            os.write(2, words)


def _tell(words: str) -> None:
    print(words, flush=True)


def _follow() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)
