"""Ends this process when the one that started it is gone, however that one ended.

A scheduler and its workers are processes of their own, and nobody closes them when the server is killed.
They load this at their start, before anything else of the engine, so it must stay small.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
import time
from pathlib import Path

POLL_SECONDS = 0.5


def preload(folder: str) -> str:
    """Python source that makes a Dask process follow the calling one, and import this checkout.

    The process must lead a group of its own. `folder` is deleted when the caller is gone.
    """
    root = str(Path(__file__).parents[1])
    return "\n".join(
        [
            "import sys",
            f"sys.path.insert(0, {root!r})",
            "from engine.lifeline import follow",
            f"follow({os.getpid()}, {folder!r})",
        ]
    )


def follow(parent: int, folder: str) -> None:
    """Watch the process `parent` from a thread of its own."""
    threading.Thread(target=_watch, args=(parent, folder), name="lifeline", daemon=True).start()


def _watch(parent: int, folder: str) -> None:
    # An orphan is given another parent. Asking for it works on every Unix; a signal on the parent's
    # death would be Linux's alone, and is tied to the thread that started the process.
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    # Nobody is left to read a log. The others notice within one turn too; whoever deletes or dies before
    # that makes them complain of what they miss.
    logging.disable()
    time.sleep(2 * POLL_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(os.getpid(), signal.SIGKILL)
