"""A stress: experiments of every kind beside those of every other, in threads of one process.

`python -m tests.jobs.stress` begins in a fresh process, so that the first imports meet each other too, and
takes some minutes; `tests/jobs/test_side_by_side.py` runs a short version.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from engine.experiments.base import Spec
from engine.records import Store, run
from tests.experiments.golden import SPECS, leaves_of

Found = dict[str, np.ndarray]
"""All that an experiment found, measured times apart, by name."""


def found_by(spec: Spec, store: Store) -> Found:
    """What an experiment finds with this store."""
    findings = run(spec, store=store).findings
    return {name: np.asarray(value) for name, value in leaves_of(findings)}


def differing(found: Found, alone: Found) -> list[str]:
    """The names of what is not the same to the last bit."""
    return [
        name
        for name in sorted(found.keys() | alone.keys())
        if name not in found or name not in alone or not _same(found[name], alone[name])
    ]


def process_state() -> dict[str, str]:
    """What all threads of this process share, and no job may leave changed."""
    import torch
    from threadpoolctl import threadpool_info

    module = torch.nn.Module
    pools = sorted((pool["filepath"], pool["num_threads"]) for pool in threadpool_info())
    state = {
        "random numbers": (random.getstate(), _drawn(np.random.get_state(legacy=True))),
        "torch's random numbers": torch.get_rng_state().numpy().tobytes(),
        "threads": (torch.get_num_threads(), torch.get_num_interop_threads(), pools),
        "torch's modes": (torch.get_default_dtype(), torch.are_deterministic_algorithms_enabled()),
        "nn.Module": [(name, id(value)) for name, value in sorted(vars(module).items())],
        "warnings": [*warnings.filters, warnings.showwarning],
        "environment": sorted(os.environ.items()),
        "folder": os.getcwd(),
        "path": sys.path,
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval(), np.geterr()),
        "signals": [signal.getsignal(number) for number in sorted(signal.valid_signals())],
    }
    return {name: repr(value) for name, value in state.items()}


class Stress:
    """Runs lists of experiments in threads at once, and keeps what went wrong and who met whom."""

    def __init__(self) -> None:
        self.found: list[tuple[Spec, Found]] = []
        self.errors: list[str] = []
        self._times: list[tuple[str, float, float]] = []

    def run(self, lists: Sequence[Sequence[Spec]]) -> None:
        """Each list in a thread and with a store of its own; all begin at once."""
        start = threading.Barrier(len(lists))
        threads = [threading.Thread(target=self._run_all, args=(specs, start)) for specs in lists]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def strangers(self, kinds: Sequence[str]) -> list[tuple[str, str]]:
        """The pairs of kinds that have not yet been computed beside each other."""
        met = {
            frozenset((one, other))
            for (one, begin, end), (other, start, stop) in combinations(self._times, 2)
            if begin < stop and start < end
        }
        return [pair for pair in combinations(sorted(kinds), 2) if frozenset(pair) not in met]

    def _run_all(self, specs: Sequence[Spec], start: threading.Barrier) -> None:
        with tempfile.TemporaryDirectory() as folder:
            start.wait()
            for spec in specs:
                begin = time.monotonic()
                try:
                    self.found.append((spec, found_by(spec, Store(folder, shipped=None))))
                except Exception:
                    self.errors.append(f"{spec.kind}: {traceback.format_exc()}")
                self._times.append((spec.kind, begin, time.monotonic()))


def shuffled(specs: Sequence[Spec], lists: int, seed: int) -> list[list[Spec]]:
    """The same experiments in several orders."""
    dice = random.Random(seed)
    return [dice.sample(specs, len(specs)) for _ in range(lists)]


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    numbers = one.dtype.kind in "fc" and other.dtype.kind in "fc"
    return np.array_equal(one, other, equal_nan=numbers)


def _drawn(state: Any) -> list[Any]:
    return [part.tolist() if isinstance(part, np.ndarray) else part for part in state]


def main(lists: int = 3, rounds: int = 2) -> int:
    """Rounds of all kinds, then each pair that has not met; says what differs from undisturbed runs."""
    of_kind = {spec.kind: spec for spec in SPECS}
    stress = Stress()
    stress.run(shuffled(SPECS, lists, seed=0))
    before = process_state()
    for seed in range(1, rounds):
        stress.run(shuffled(SPECS, lists, seed))
    while left := stress.strangers(list(of_kind)):
        print(f"{len(left)} pairs of kinds have not met", flush=True)
        for pair in left:
            stress.run([[of_kind[kind]] for kind in pair])
    changed = [name for name, value in process_state().items() if before[name] != value]
    print(f"every kind has met every other; changed: {changed}", flush=True)
    wrong = [*stress.errors, *changed]
    with tempfile.TemporaryDirectory() as folder:
        alone = {spec: found_by(spec, Store(folder, shipped=None)) for spec in SPECS}
    for spec, found in stress.found:
        wrong += [f"{spec.kind}: {name} differs" for name in differing(found, alone[spec])]
    print("\n".join(wrong) or f"{len(stress.found)} results as undisturbed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
