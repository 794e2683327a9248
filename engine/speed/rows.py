"""What is measured: times in turns, and a row that sets them beside each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, TypeVar

import torch

from engine.speed.limits import Limit

Result = TypeVar("Result")

SHORT_S, LONG_S = 2.0, 60.0
"""Work that takes less than the first is timed in `MANY` turns, more than the second in `FEW`."""

MANY, SOME, FEW = 7, 3, 2


@dataclass(frozen=True)
class Times:
    """Seconds that the same work took, turn by turn."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def spread(self) -> float:
        """Between the shortest and the longest turn, as a share of the median."""
        return (max(self.seconds) - min(self.seconds)) / self.median

    def shared(self, count: int) -> Times:
        """The times of one of `count` equal parts."""
        return Times(tuple(seconds / count for seconds in self.seconds))


@dataclass(frozen=True)
class Row:
    """One task: seconds for one piece of work by this engine, and what they are to be compared with.

    `plain` is the procedure written plainly, `peer` another library's way, which `peer_name` names; `limit_s`
    the seconds that the passes which are needed at the least take at the network's best throughput. Each is
    None where there is none.
    """

    task: str
    network: str
    ours: Times
    plain: Times | None = None
    peer: Times | None = None
    limit_s: float | None = None
    peer_name: str = ""
    note: str = ""

    def times(self, other: Times | None) -> float | None:
        """How many times as long another way takes."""
        return other.median / self.ours.median if other else None

    def as_json(self) -> dict[str, Any]:
        """The row as plain JSON values; `*_turns_s` are the single turns."""
        ways = {"ours": self.ours, "plain": self.plain, "peer": self.peer}
        medians = {f"{name}_s": way.median if way else None for name, way in ways.items()}
        turns = {f"{name}_turns_s": way.seconds if way else None for name, way in ways.items()}
        names = ("task", "network", "peer_name", "note", "limit_s")
        said = {name: getattr(self, name) for name in names}
        return said | medians | turns


@dataclass(frozen=True)
class AppRow:
    """Seconds that something took in the app, turn by turn, and how many it may."""

    name: str
    took: Times
    bar_s: float

    def as_json(self) -> dict[str, Any]:
        """The row as plain JSON values."""
        took = {"median_s": self.took.median, "turns_s": self.took.seconds}
        return {"name": self.name, "bar_s": self.bar_s, **took}


@dataclass(frozen=True)
class Growth:
    """What `piece` of work costs, in seconds, where there are so many of `what` (sizes and seconds: (n,))."""

    network: str
    what: str
    piece: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    note: str = ""

    def __str__(self) -> str:
        """A line a size: seconds, and how many times those of the first size."""
        head = f"{self.network}: seconds {self.piece}, by {self.what}"
        rows = [
            f"  {size:>6,}{seconds:12.3g} s {seconds / self.seconds[0]:8.2f}x"
            for size, seconds in zip(self.sizes, self.seconds, strict=True)
        ]
        return "\n".join([head, *rows, *([f"  {self.note}"] if self.note else [])])

    def as_json(self) -> dict[str, Any]:
        """The row as plain JSON values."""
        return asdict(self)


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds that some work takes, and its result."""
    _wait()
    began = time.perf_counter()
    result = work()
    _wait()
    return time.perf_counter() - began, result


def in_turns(
    ways: Mapping[str, Callable[[], Any]],
    turns: int | None = None,
    warm: Collection[str] = ("plain",),
) -> tuple[dict[str, Times], dict[str, list[Any]]]:
    """Times of several ways to do the same, run one after the other in every turn, and their results.

    All but those that are `warm` are warmed up first. Without `turns`, the longer one takes the fewer.
    """
    for name, work in ways.items():
        if name not in warm:
            work()
    rounds = [{name: timed(work) for name, work in ways.items()}]
    if turns is None:
        whole = sum(seconds for seconds, _ in rounds[0].values())
        turns = MANY if whole < SHORT_S else SOME if whole < LONG_S else FEW
    while len(rounds) < turns:
        rounds.append({name: timed(work) for name, work in ways.items()})
    return (
        {name: Times(tuple(one[name][0] for one in rounds)) for name in ways},
        {name: [one[name][1] for one in rounds] for name in ways},
    )


def as_line(row: Row | Limit | AppRow | Growth) -> str:
    """The row in print: how many times as long the others take, and how much of ours the limit."""
    if isinstance(row, Growth):
        return str(row)
    if isinstance(row, AppRow):
        kept = "kept" if row.took.median <= row.bar_s else "MISSED"
        return (
            f"  {row.name:22}{row.took.median:7.3f} s ±{row.took.spread / 2:4.0%}   "
            f"bar {row.bar_s:5.2f} s {kept:6}   {len(row.took.seconds)} times"
        )
    if isinstance(row, Limit):
        return f"{row.network}: limit {row}"
    plain, peer = (
        f"{times:.1f}x" if (times := row.times(way)) else "-" for way in (row.plain, row.peer)
    )
    limit = f"{row.limit_s / row.ours.median:.0%}" if row.limit_s else "-"
    note = "; ".join(filter(None, (row.peer_name and f"peer: {row.peer_name}", row.note)))
    return (
        f"  {row.task:13}{row.ours.median:9.4f} s ±{row.ours.spread / 2:4.0%}   plain {plain:>7}   "
        f"peer {peer:>6}   limit {limit:>5}   {note}"
    )


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
