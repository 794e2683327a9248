"""Memory that a pass through a network gives back is kept for the next one.

Glibc asks the system for every large tensor anew and returns it at once, and the system clears it page by
page: for pictures of 224 pixels that takes up to half of the time. Whoever starts a process that will
import torch (the shell, a worker, the tests) asks for memory to be kept instead.
"""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_MAX = -1, -4
"""Glibc's numbers of the options, from malloc.h."""

KEPT_BYTES = 2**31 - 1


def keep_memory() -> None:
    """Let this process keep freed memory, where its C library is Glibc; elsewhere nothing changes."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_MAX, 0)
        mallopt(TRIM_THRESHOLD, KEPT_BYTES)
