"""Randomness is an argument: every draw comes from a generator derived from (seed, label).

Two labels give independent streams, so adding a draw in one place never shifts another.
"""

from __future__ import annotations

import hashlib

import numpy as np


def derive(seed: int, label: str) -> int:
    """A 63-bit seed for the stream called `label`, the same on every machine."""
    digest = hashlib.sha256(f"{seed}/{label}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def generator(seed: int, label: str) -> np.random.Generator:
    """A numpy generator for the stream called `label`."""
    return np.random.Generator(np.random.PCG64(derive(seed, label)))
