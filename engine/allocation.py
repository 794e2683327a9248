"""How a process that imports torch uses the machine: memory is kept for the next pass, waiting threads sleep.

Glibc asks the system for every large tensor anew and returns it at once, and the system clears it page by
page: for pictures of 224 pixels that takes up to half of the time. And OpenMP lets arithmetic threads spin
while they wait: on a machine that is busy with anything else, a spinning thread keeps the one it waits for
off the core, and small networks become many times slower. Whoever starts a process that will import torch
(the shell, a worker, the tests) asks for memory to be kept, and for sleep, before it does.
"""

from __future__ import annotations

import ctypes
import os
import sys

TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -4, -8
"""Glibc's numbers of the options, from malloc.h."""

KEPT_BYTES = 2**31 - 1


def keep_memory() -> None:
    """Let this process keep freed memory, where its C library is Glibc; elsewhere nothing changes."""
    _glibc("mallopt", MMAP_MAX, 0)
    _glibc("mallopt", TRIM_THRESHOLD, KEPT_BYTES)


def share_memory() -> None:
    """Let the threads of this process, each of which begins and ends often, take memory from one place."""
    _glibc("mallopt", ARENA_MAX, 1)


def give_back() -> None:
    """Give what is kept back to the system, at the end of work that others may follow."""
    _glibc("malloc_trim", 0)


def _glibc(function: str, *numbers: int) -> None:
    found = getattr(ctypes.CDLL(None), function, None) if sys.platform == "linux" else None
    if found is not None:
        found(*numbers)


ASLEEP = {"GOMP_SPINCOUNT": "1000", "OMP_WAIT_POLICY": "passive"}
"""The environment that asks for it; of use only before torch is imported.

A thread looks a thousand times, some microseconds, whether there is work before it sleeps: between two layers
there is. Two threads, a part of a population of `shapes-resnet`, against falling asleep at once: 1.4 times as
fast on an idle machine, and 7 % slower beside another computation, where 5,000 looks take twice as long.
"""

TOGETHER = {"MALLOC_ARENA_MAX": "1"}
"""What asks `share_memory` of a process that is yet to start. Glibc gives back what a thread other than the
first has freed, whatever is asked of it: passes of pictures of 224 pixels take a fifth longer there."""


def wait_asleep() -> None:
    """Ask for it in this process, unless the user has asked for something else."""
    for name, value in ASLEEP.items():
        os.environ.setdefault(name, value)
