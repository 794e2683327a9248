"""A comparison of two ways to do the same: timed in turns, told as a row of a table."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import TypeVar

import torch

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """One comparison: seconds of this engine, of the plain way, and the promised limit."""

    task: str
    network: str
    ours_s: float
    plain_s: float
    limit_s: float
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.ours_s <= self.limit_s


def in_turns(ours: Callable[[], object], plain: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each, run alternately after a warm-up; fewer turns where one takes long."""
    warm = timed(ours)[0] + timed(plain)[0]
    pairs = [(timed(ours)[0], timed(plain)[0]) for _ in range(7 if warm < 5 else 3)]
    return median(own for own, _ in pairs), median(other for _, other in pairs)


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds that some work takes, and its result."""
    began = time.perf_counter()
    result = work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began, result


def as_json(rows: list[Row]) -> list[dict[str, object]]:
    """The rows as plain JSON values."""
    return [asdict(row) for row in rows]


def as_table(rows: list[Row]) -> str:
    """The rows as lines of text; the ratio is plain / ours."""
    head = f"{'task':14}{'network':24}{'ours, s':>10}{'plain, s':>10}{'ratio':>8}  promise"
    lines = [
        f"{row.task:14}{row.network:24}{row.ours_s:10.3f}{row.plain_s:10.3f}"
        f"{row.plain_s / row.ours_s:8.1f}  {'kept' if row.kept else 'BROKEN'}  {row.note}"
        for row in rows
    ]
    return "\n".join([head, *lines])
