"""Folders that a process has to itself, for as long as it lives.

Who uses one is told by a lock, which the system takes back however a process ends. No clock is asked, for
clocks are set.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def fresh_folder(parent: Path) -> tuple[Path, int]:
    """A new folder in `parent`, and the file that has to stay open for as long as it is used."""
    while True:
        folder = parent / uuid.uuid4().hex
        folder.mkdir(parents=True)
        with suppress(FileNotFoundError):
            handle = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # a disk without locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            if folder.exists():  # else somebody took it for left behind, a moment ago
                return folder, handle
            os.close(handle)


@contextmanager
def left_behind(path: Path) -> Iterator[bool]:
    """Whether whoever used a folder or file is gone; inside, nobody else is told so."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        yield _free(handle) and path.exists()
    finally:
        os.close(handle)


def _free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
