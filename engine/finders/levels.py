"""Joining two inputs of a scalar function f by a path on which f hardly changes.

The paper's bypass with another loss: at the top of a barrier of |f(x) - f(x0)| the squared difference is
minimised within the hyperplane orthogonal to the segment, round by round. Vrabel et al. 2024, app. C.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import torch

from engine.classifiers.classifier import Classifier
from engine.constraints import Hyperplane
from engine.optimise import Problem, minimise
from engine.paths import blend
from engine.progress import SILENT, Reporter, part

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
    difference on every segment and the fraction where it lies. `joined` is the round in which the
    path was found and verified (0: the straight line), None as long as it was not.
    """

    nodes: torch.Tensor
    level: float
    goal: float
    joined: int | None = None
    tops: torch.Tensor = field(default_factory=lambda: torch.zeros(0))
    places: torch.Tensor = field(default_factory=lambda: torch.zeros(0))

    @property
    def height(self) -> float:
        """The largest difference that the last look at the path saw."""
        return float(self.tops.max())


def output(function: Classifier, inputs: torch.Tensor) -> torch.Tensor:
    """f = 1 / (1 + exp(-z)) of a network's first output z, in (0, 1); inputs (N, C, H, W) -> (N,)."""
    return torch.sigmoid(function(inputs)[:, 0])


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

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        off = (torch.sigmoid(logits[:, 0]) - self.levels) / self.goals
        return off.square(), off.abs()

    def restrict(self, variables: torch.Tensor) -> torch.Tensor:
        return self.plane.project(variables)

    def solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        return loss <= NEAR

    def take(self, rows: torch.Tensor) -> Self:
        smaller = copy.copy(self)
        smaller.levels, smaller.goals = self.levels[rows], self.goals[rows]
        smaller.plane = self.plane.take(rows)
        return smaller


def _bend(
    function: Classifier,
    paths: Sequence[LevelPath],
    steps: int,
    learning_rate: float,
    report: Reporter,
) -> None:
    """Give every segment that is too high a new node, found from the top of its barrier."""
    high = [(path, s) for path in paths for s in range(len(path.tops)) if path.tops[s] >= path.goal]
    starts = torch.stack([path.nodes[s] for path, s in high])
    ends = torch.stack([path.nodes[s + 1] for path, s in high])
    tops = blend(starts, ends, torch.stack([path.places[s] for path, s in high]).to(starts.device))
    levels, goals = (
        torch.tensor([value(path) for path, _ in high], device=starts.device)
        for value in (lambda path: path.level, lambda path: path.goal)
    )
    size = max(1, VALUES // starts[0].numel())
    for begin in range(0, len(high), size):
        rows = slice(begin, begin + size)
        plane = Hyperplane.across(tops[rows], starts[rows], ends[rows])
        problem = LevelBypass(levels[rows], goals[rows], plane)
        tops[rows] = minimise(
            function, problem, tops[rows], steps=steps, learning_rate=learning_rate, report=report
        ).variables
    for path in paths:
        new = {s: tops[k] for k, (owner, s) in enumerate(high) if owner is path}
        chain = [[path.nodes[s], *([new[s]] if s in new else [])] for s in range(len(path.tops))]
        path.nodes = torch.stack([node for pair in chain for node in pair] + [path.nodes[-1]])


def _look(function: Classifier, paths: Sequence[LevelPath], points: int) -> None:
    """Write down the largest difference on every segment, at `points` inner points and its end."""
    if not paths:
        return
    starts = torch.cat([path.nodes[:-1] for path in paths])
    ends = torch.cat([path.nodes[1:] for path in paths])
    levels = torch.cat([torch.full((len(p.nodes) - 1,), p.level) for p in paths]).to(starts.device)
    fractions = torch.arange(1, points + 1, device=starts.device) / points
    tops, places = [], []
    size = max(1, VALUES // (points * starts[0].numel()))
    with torch.inference_mode():
        for begin in range(0, len(starts), size):
            rows = slice(begin, begin + size)
            line = torch.lerp(starts[rows, None], ends[rows, None], fractions.view(1, -1, 1, 1, 1))
            values = output(function, line.flatten(0, 1)).reshape(-1, points)
            off = (values - levels[rows, None]).abs()
            top, where = off.max(1)
            tops.append(top.cpu())
            places.append(fractions[where].cpu())
    counts = [len(path.nodes) - 1 for path in paths]
    for path, top, place in zip(
        paths, torch.cat(tops).split(counts), torch.cat(places).split(counts), strict=True
    ):
        path.tops, path.places = top, place
