"""How PyTorch's arithmetic threads wait for each other: asleep.

OpenMP lets them spin. On a machine that is busy with anything else, a spinning thread keeps the one it
waits for off the core, and small networks become many times slower. Whoever starts a process that
will import torch (the shell, a worker, the tests) asks for sleep before it does.
"""

from __future__ import annotations

import os

ASLEEP = {"GOMP_SPINCOUNT": "0", "OMP_WAIT_POLICY": "passive"}
"""The environment that asks for it; of use only before torch is imported."""


def wait_asleep() -> None:
    """Ask for it in this process, unless the user has asked for something else."""
    for name, value in ASLEEP.items():
        os.environ.setdefault(name, value)
