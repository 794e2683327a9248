"""A small experiment without torch, for tests of records and jobs; Dask workers import it too."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from engine.errors import ImageError
from engine.experiments.base import Context, Findings, Spec
from engine.local_files import asking_folder
from engine.parameters import Parameters, nested, parameter, within
from engine.random import generator

DIARY = "TOY_DIARY"
ADDED = 10**8
"""Ones that Python adds up in more than a second, while no other thread of the process has a turn."""

LARGE = 300_000_000
"""Bytes that a toy holds that fails by "growth"."""


@dataclass(frozen=True)
class Inner(Parameters):
    """Nested parameters."""

    rounds: int = parameter(4, "Rounds.", within(0))
    clamp: bool = parameter(False, "Clamp.")
    smooth: bool = parameter(True, "Smooth.")
    precision: str = parameter("float32", "Precision.")


@dataclass(frozen=True)
class Toy(Spec):
    """Draws `size` numbers in `steps` steps of `pause` seconds, and keeps a diary of its runs."""

    kind = "toy"
    title = "Toy"
    revision = 1

    size: int = parameter(8, "Numbers.", within(0))
    steps: int = parameter(1, "Steps.", within(1))
    pause: float = parameter(0.0, "Pause.", within(0, unit="s"))
    seed: int = parameter(0, "Seed.", within(0))
    shift: float = parameter(0.0, "Shift.")
    text: str = parameter("plain", "Text.")
    image: str = parameter("", "An uploaded image.")
    preview: str = parameter("", "A preview that is sent.")
    longer: int = parameter(0, "Characters by which it is longer.", within(0))
    failure: str = parameter("", "How to fail.")
    inner: Inner = nested(Inner, "Nested.")

    def digests(self) -> dict[str, str]:
        return {"weights": os.environ.get("TOY_WEIGHTS", "none")}

    def compute(self, context: Context) -> Findings:
        write_diary(f"{self.seed} {os.getpid()}")
        held = b"1" * LARGE if self.failure == "growth" else b""
        if self.failure == "silence":
            time.sleep(self.steps * self.pause)
        while self.failure == "first" and runs(self.seed) == 1:
            time.sleep(0.01)  # so that it has not ended when it is killed, however late
        if self.failure == "lock":
            sum(repeat(1, int(self.steps * self.pause * ADDED)))
        for step in range(self.steps):
            sent = {"preview": self.preview + "A" * self.longer} if self.preview else {}
            context.report(step, self.steps, stage="Pausing", loss=1.0 / (1 + step), **sent)
            time.sleep(self.pause)
        self._fail()
        picture = context.uploaded(self.image.removeprefix("upload:")) if self.image else None
        draws = generator(self.seed, "toy").normal(size=self.size).astype(np.float32)
        return Findings(
            arrays={"draws": draws + np.float32(self.shift), "steps": np.arange(self.steps)},
            tables={
                "rows": {
                    "name": [f"draw {i}" for i in range(self.size)],
                    "draw": draws,
                    "sign": np.sign(draws).astype(np.int64),
                }
            },
            summary={
                "mean": np.float32(draws.mean()) if self.size else float("nan"),
                "brightness": None if picture is None else float(picture.mean()),
                "held": len(held),
                "torch": "torch" in sys.modules,
                "folder": asking_folder(),
                "threads": os.environ.get("OMP_NUM_THREADS", ""),
            },
        )

    def _fail(self) -> None:
        if self.failure == "expected":
            raise ImageError("The toy expected another image. Choose one.")
        if self.failure == "defect":
            raise ZeroDivisionError("a defect of the toy")
        if self.failure == "memory":
            raise MemoryError
        if self.failure == "death":
            os._exit(1)


@dataclass(frozen=True)
class ToySweep(Spec):
    """Toys with the seeds from `seed` on, each a part of its own."""

    kind = "toy-sweep"
    title = "Toy sweep"
    revision = 1
    in_parts = True

    toy: Toy = nested(Toy, "Every part but for its seed.")
    parts: int = parameter(4, "Parts.", within(1))

    def digests(self) -> dict[str, str]:
        return {}

    def compute(self, context: Context) -> Findings:
        toys = [replace(self.toy, seed=self.toy.seed + k) for k in range(self.parts)]
        found = context.findings_of_all(toys, context.report)
        return Findings({"draws": np.stack([toy.arrays["draws"] for toy in found])})


def runs(seed: int) -> int:
    """How many runs with this seed the diary knows."""
    with open(os.environ[DIARY]) as diary:
        return sum(line.split()[0] == str(seed) for line in diary)


def write_diary(line: str) -> None:
    """Note a run in the file that TOY_DIARY names, if it names one."""
    if DIARY in os.environ:
        with open(os.environ[DIARY], "a") as diary:
            diary.write(f"{line}\n")
