"""Faults: processes killed at random while a server has jobs computed, and what became of each job.

`python -m tests.jobs.faults [--jobs 100] [--seed 0]` takes some minutes and prints two tables;
`tests/jobs/test_failures.py` runs a short version. When the server itself is killed, another one is started
on the same store, and goes on with what the first one had been asked for: nobody submits it there again.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from engine.experiments.base import Spec
from engine.jobs import Jobs
from engine.records import Store
from tests.toys import Toy, ToySweep

ROOT = Path(__file__).parents[2]
log = logging.getLogger(__name__)
VICTIMS = ("worker", "nanny", "scheduler", "server")
TRUE = ("died several times", "was lost", "server was killed")
"""What a job may say that ended without a record: true reasons, for all died of being killed."""

PAUSES = (0.0, 10.0)
"""The least and the most seconds from when all are there to be killed to the next fault."""


def specs(count: int, seed: int) -> list[Spec]:
    """Small jobs, every tenth of them a sweep."""
    toys = [
        Toy(seed=10_000 * (seed + 1) + 10 * k, steps=20 + k % 30, pause=0.01) for k in range(count)
    ]
    return [ToySweep(toy=toy, parts=3) if k % 10 == 9 else toy for k, toy in enumerate(toys)]


@dataclass
class Ended:
    """What became of the jobs: key -> state and words; `faults` counts whom was killed how often."""

    outcomes: dict[str, tuple[str, str]]
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def table(self) -> str:
        """Both tables, and what is wrong."""
        states = Counter(state for state, _ in self.outcomes.values())
        reasons = Counter(words for state, words in self.outcomes.values() if state != "done")
        lines = ["fault      times", *(f"{name:9}  {self.faults[name]:5}" for name in VICTIMS)]
        lines += [
            "",
            "job ended  jobs",
            *(f"{name:9}  {n:4}" for name, n in sorted(states.items())),
        ]
        lines += [f"  {count} x {words}" for words, count in reasons.items()]
        return "\n".join(
            [*lines, f"in {self.seconds:.0f} s", *(self.wrong or ["nothing is wrong"])]
        )


def survive(count: int, seed: int, victims: list[str] | None = None) -> Ended:
    """Have jobs computed while `victims` are killed one after the other; at random until all have ended."""
    dice, began = random.Random(seed), time.monotonic()
    wanted = {spec.key(): spec for spec in specs(count, seed)}
    ended = Ended({})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = _server(folder, count, seed)
        left = iter(victims) if victims is not None else None
        try:
            while len(_outcomes(folder)) < len(wanted):
                if len(_processes(server)) < len(VICTIMS) and server.poll() is None:
                    time.sleep(0.1)
                    continue
                time.sleep(dice.uniform(*PAUSES) if left is None else 1)
                if server.poll() is not None:
                    ended.wrong.append(f"The server ended by itself: {server.returncode}.")
                    break
                who = dice.choice(VICTIMS) if left is None else next(left, "")
                there = _processes(server)
                if who in there:
                    with suppress(psutil.NoSuchProcess):
                        there[who].kill()
                    ended.faults[who] += 1
                    log.info("%s killed, %d jobs have ended", who, len(_outcomes(folder)))
                if who == "server":
                    server.wait()
                    server = _server(folder, count, seed)
        finally:
            server.kill()
            server.wait()
        ended.outcomes = _outcomes(folder)
        ended.wrong += _wrong(ended.outcomes, wanted, Store(folder / "store", shipped=None))
    ended.seconds = time.monotonic() - began
    return ended


def serve(folder: Path, count: int, seed: int) -> None:
    """A server: submit what nobody has submitted yet, go on with the rest, and tell each job's end."""
    queue = Jobs(Store(folder / "store", shipped=None))
    queue.resume()
    asked = set(_lines(folder / "asked"))
    with (folder / "asked").open("a") as file:
        for k, spec in enumerate(specs(count, seed)):
            if spec.key() not in asked:
                queue.submit(spec, owner=f"owner {k % 5}")
                print(spec.key(), file=file, flush=True)
    told = _outcomes(folder)
    waiting = {spec.key() for spec in specs(count, seed)} - told.keys()
    with (folder / "outcomes").open("a") as file:
        while waiting:
            for key in [key for key in waiting if _ended(queue, key)]:
                waiting.remove(key)
                job = queue.job(key)
                end = [job.state, job.error] if job else ["done", ""]
                print(json.dumps([key, *end]), file=file, flush=True)
            time.sleep(0.05)
    time.sleep(600)  # until we are killed


def _ended(queue: Jobs, key: str) -> bool:
    """Whether a job is over, here or at a server before; never where it was forgotten."""
    job = queue.job(key)
    return not job.active if job else queue.store.find(key) is not None


def _server(folder: Path, count: int, seed: int) -> subprocess.Popen[bytes]:
    words = ("--serve", str(folder), "--jobs", str(count), "--seed", str(seed))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.faults", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=(folder / "log").open("ab"),
    )


def _outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    ends = map(json.loads, filter(lambda line: line.endswith("]"), _lines(folder / "outcomes")))
    return {key: (state, words) for key, state, words in ends}


def _lines(path: Path) -> list[str]:
    """The lines of a file; of a server that was killed the last may be half of one."""
    return path.read_text().splitlines() if path.exists() else []


def _processes(server: subprocess.Popen[bytes]) -> dict[str, psutil.Process]:
    """Who is there to be killed."""
    found = {"server": psutil.Process(server.pid)}
    with suppress(psutil.Error):
        for process in found["server"].children(recursive=True):
            words = " ".join(process.cmdline())
            for name in ("scheduler", "nanny"):
                if f"distributed.{name.capitalize()}" in words:
                    found[name] = process
            if "spawn_main" in words:
                found["worker"] = process
    return found


def _wrong(
    outcomes: dict[str, tuple[str, str]], wanted: dict[str, Spec], store: Store
) -> list[str]:
    """What should not be: jobs without an end, records that are not whole, reasons that are not true."""
    wrong = [f"{key} has no end" for key in wanted.keys() - outcomes.keys()]
    for key, (state, words) in outcomes.items():
        record = store.find(key)
        if state == "done" and record is None:
            wrong.append(f"{key} is done, and there is no record")
        if record is not None:
            record.verify()
        if state != "done" and (state != "failed" or not any(true in words for true in TRUE)):
            wrong.append(f"{key} {state}: {words}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.jobs, given.seed)
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    ended = survive(given.jobs, given.seed)
    print(ended.table())
    return 1 if ended.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
