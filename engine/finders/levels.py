"""Joining two inputs of a scalar function f by a path on which f hardly changes.

The paper's bypass with another loss: at the top of a barrier of |f(x) - f(x0)| the squared difference is
minimised within the hyperplane orthogonal to the segment, round by round. Vrabel et al. 2024, app. C.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from engine.constraints import Hyperplane
from engine.lazy import torch
from engine.optimise import Problem, minimise
from engine.progress import SILENT, Reporter, part

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

VALUES = 2**22
"""Numbers (points times input dimension) of one pass through the network."""

NEAR = 0.25
"""A bypass ends when its node is this part of the goal, or nearer, from the level of x0."""

FINER = 4
"""A path that looks low is checked at this many times as many points a segment, and one more."""


@dataclass
class LevelPath:
    """A path between two inputs: `nodes` (M, C, H, W), the value of f at its first node, and its goal.

    It joins them when |f(x) - level| < goal on all of it. `tops` and `places` are the largest
    difference on every segment and the fraction where it lies, `knots` the difference at the nodes
    between the segments. `joined` is the round in which the
    path was found and verified (0: the straight line), None as long as it was not.
    """

    nodes: torch.Tensor
    level: float
    goal: float
    joined: int | None = None
    tops: torch.Tensor = field(default_factory=lambda: torch.zeros(0))
    places: torch.Tensor = field(default_factory=lambda: torch.zeros(0))
    knots: torch.Tensor = field(default_factory=lambda: torch.zeros(0))

    @property
    def height(self) -> float:
        """The largest difference that the last look at the path saw."""
        return float(self.tops.max())


def output(function: Classifier, inputs: torch.Tensor) -> torch.Tensor:
    """f = 1 / (1 + exp(-z)) of a network's first output z, in (0, 1); inputs (N, C, H, W) -> (N,)."""
    return torch.sigmoid(function.forward(inputs)[:, 0])


def join_levels(
    function: Classifier,
    starts: torch.Tensor,
    ends: torch.Tensor,
    goals: torch.Tensor,
    *,
    rounds: int,
    steps: int,
    learning_rate: float,
    points: int,
    report: Reporter = SILENT,
) -> list[LevelPath]:
    """Search a path for every pair `starts`, `ends` (P, C, H, W) on which |f - f(start)| < goal.

    Each round bends every segment that is still too high. Barriers are looked for at `points` points
    a segment; a path counts as found only after a look at many more, in float32.
    """
    with torch.inference_mode():
        levels = output(function, starts)
    paths = [
        LevelPath(torch.stack([starts[k], ends[k]]), float(levels[k]), float(goals[k]))
        for k in range(len(starts))
    ]
    for number in range(rounds + 1):
        stage = part(report, number / (rounds + 1), (number + 1) / (rounds + 1))
        open_paths = [path for path in paths if path.joined is None]
        if number and open_paths:
            _bend(function, open_paths, steps, learning_rate, stage)
        _look(function, open_paths, points)
        low = [path for path in open_paths if path.height < path.goal]
        _look(function, low, FINER * points + 1)
        for path in low:
            path.joined = number if path.height < path.goal else None
        report(number + 1, rounds + 1)
    return paths


class LevelBypass(Problem):
    """P nodes, each drawn to its level within its hyperplane: ((f(b) - level) / goal)^2."""

    def __init__(self, levels: torch.Tensor, goals: torch.Tensor, plane: Hyperplane) -> None:
        self.levels, self.goals, self.plane = levels, goals, plane

    @classmethod
    def of(cls, plans: Sequence[_Plan]) -> LevelBypass:
        """The bypasses that are planned, each across the line between its neighbours."""
        firsts, starts, ends = (
            torch.stack([which(plan) for plan in plans])
            for which in (
                lambda plan: plan.first,
                lambda plan: plan.path.nodes[plan.left],
                lambda plan: plan.path.nodes[plan.right],
            )
        )
        levels, goals = firsts.new_tensor([(plan.path.level, plan.path.goal) for plan in plans]).T
        return cls(levels, goals, Hyperplane.across(firsts, starts, ends))

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        off = (torch.sigmoid(logits[:, 0]) - self.levels) / self.goals
        return off.square(), off.abs()

    def restrict(self, variables: torch.Tensor) -> torch.Tensor:
        return self.plane.project(variables)

    def is_solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        return loss <= NEAR

    def take(self, rows: torch.Tensor) -> Self:
        smaller = copy.copy(self)
        smaller.levels, smaller.goals = self.levels[rows], self.goals[rows]
        smaller.plane = self.plane.take(rows)
        return smaller


@dataclass(frozen=True)
class _Plan:
    """A new node between the nodes `left` and `right` of a path, searched from `first`."""

    path: LevelPath
    left: int
    right: int
    first: torch.Tensor


def _plans(path: LevelPath) -> list[_Plan]:
    """A new node for every segment that is too high; nodes that are too high themselves start anew."""
    plans: list[_Plan] = []
    taken: set[int] = set()
    for knot in (path.knots >= path.goal).nonzero().flatten().tolist():
        if knot not in taken:
            plans.append(_Plan(path, knot, knot + 2, path.nodes[knot + 1]))
            taken |= {knot, knot + 1}
    for s in (path.tops >= path.goal).nonzero().flatten().tolist():
        if s not in taken:
            top = torch.lerp(path.nodes[s], path.nodes[s + 1], float(path.places[s]))
            plans.append(_Plan(path, s, s + 1, top))
    return sorted(plans, key=lambda plan: plan.left)


def _bend(
    function: Classifier,
    paths: Sequence[LevelPath],
    steps: int,
    learning_rate: float,
    report: Reporter,
) -> None:
    """Bend every path wherever it is too high, all bypasses at once."""
    plans = [plan for path in paths for plan in _plans(path)]
    size = max(1, VALUES // plans[0].first.numel())
    found = []
    for begin in range(0, len(plans), size):
        some = plans[begin : begin + size]
        share = part(report, begin / len(plans), min(1, (begin + size) / len(plans)))
        found.append(
            minimise(
                function,
                LevelBypass.of(some),
                torch.stack([plan.first for plan in some]),
                steps=steps,
                learning_rate=learning_rate,
                report=share,
            ).variables
        )
    nodes = dict(zip(map(id, plans), torch.cat(found), strict=True))
    for path in paths:
        own = [plan for plan in plans if plan.path is path]
        pieces, done = [], 0
        for plan in own:
            pieces += [path.nodes[done : plan.left + 1], nodes[id(plan)][None]]
            done = plan.right
        path.nodes = torch.cat([*pieces, path.nodes[done:]])


def _look(function: Classifier, paths: Sequence[LevelPath], points: int) -> None:
    """Write down the largest difference on every segment, at `points` points, its end among them."""
    if not paths:
        return
    starts = torch.cat([path.nodes[:-1] for path in paths])
    ends = torch.cat([path.nodes[1:] for path in paths])
    levels = torch.cat([torch.full((len(p.nodes) - 1,), p.level) for p in paths]).to(starts.device)
    fractions = torch.arange(1, points + 1, device=starts.device) / points
    found = []
    size = max(1, VALUES // (points * starts[0].numel()))
    with torch.inference_mode():
        for begin in range(0, len(starts), size):
            rows = slice(begin, begin + size)
            line = torch.lerp(starts[rows, None], ends[rows, None], fractions.view(1, -1, 1, 1, 1))
            values = output(function, line.flatten(0, 1)).reshape(-1, points)
            off = (values - levels[rows, None]).abs()
            top, where = off.max(1)
            found.append(torch.stack([top, fractions[where], off[:, -1]]).cpu())
    counts = [len(path.nodes) - 1 for path in paths]
    for path, (tops, places, ends_off) in zip(
        paths, torch.cat(found, dim=1).split(counts, dim=1), strict=True
    ):
        path.tops, path.places, path.knots = tops, places, ends_off[:-1]
