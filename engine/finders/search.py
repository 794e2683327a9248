"""What all path finders share: a problem that watches its path and knows when to stop.

A finder says how its variables become nodes and images; this base probes the resulting paths on a
grid, ends a problem as soon as its path is low, and keeps the best path of those that stall.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from engine.batches import batch_size
from engine.descent import Strides
from engine.finders import FINDERS
from engine.finders.chains import Chain, Plan
from engine.lazy import F, torch
from engine.methods import Method, Methods
from engine.optimise import Optimum, Problem, minimise, searching
from engine.parameters import Parameters, advanced, within
from engine.paths import Polyline, losses_at
from engine.progress import SILENT, Reporter, part

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.finders.settings import ConnectSettings

PROBE_POINTS = 16
"""Points a segment on which a search probes its paths; a path that passes is then verified."""


@dataclass(frozen=True)
class Tasks:
    """P paths to find: `starts`, `ends` (P, C, H, W), first guesses `inner` (P, k, C, H, W).

    `targets` (P,) classes, `goals` (P,) losses in nats that the whole path shall not exceed.
    """

    starts: torch.Tensor
    inner: torch.Tensor
    ends: torch.Tensor
    targets: torch.Tensor
    goals: torch.Tensor

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, rows: torch.Tensor | slice) -> Tasks:
        return Tasks(
            self.starts[rows],
            self.inner[rows],
            self.ends[rows],
            self.targets[rows],
            self.goals[rows],
        )


@dataclass(frozen=True)
class Found:
    """What a finder found for P tasks: new inner nodes (P, k, C, H, W), steps, traces, costs.

    `height` is the highest loss that the last probe of each path saw, infinite where none was made.
    `trace` is (looks, P), NaN after a task's end; `clock` holds the steps taken until then, -1 after it.
    """

    inner: torch.Tensor
    height: torch.Tensor
    steps: torch.Tensor
    trace: torch.Tensor
    clock: torch.Tensor
    drift: torch.Tensor
    forward_passes: int
    backward_passes: int


class Watch:
    """The best path of each problem so far, and when to look again. Shared by all that remain."""

    def __init__(self, variables: torch.Tensor) -> None:
        count, device = len(variables), variables.device
        self.best = variables.clone()
        self.height = torch.full((count,), float("inf"), device=device)
        self.improved = torch.zeros(count, dtype=torch.long, device=device)
        self.due = torch.zeros(count, dtype=torch.long, device=device)
        self.worst = torch.zeros(count, dtype=torch.long, device=device)
        self.passes = 0

    def note(
        self, rows: torch.Tensor, variables: torch.Tensor, height: torch.Tensor, step: int
    ) -> None:
        """Record the heights (n,) of probed paths, and put the next probe off as steps grow."""
        lower = height < self.height[rows]
        clearly = height < 0.98 * self.height[rows]
        self.best[rows[lower]] = variables[lower]
        self.height[rows[lower]] = height[lower]
        self.improved[rows[clearly]] = step
        self.due[rows] = step + max(1, min(16, step // 4))


@dataclass(frozen=True)
class WholePathSettings(Parameters):
    """The whole path is moved at once."""

    bends: int = advanced(
        1,
        "Free nodes of the first round, for finders that move a whole path; later twice as "
        "many and one more.",
        within(1, 31, "nodes"),
    )


class PathProblem(Method, Problem):
    """P paths searched at once. Subclasses give `nodes`, `images` and `values`.

    `settings_class` holds what a finder adds to the settings of every search, in fields beside those.
    """

    kin: ClassVar[Methods[Any]] = FINDERS
    settings_class: ClassVar[type[Parameters]] = WholePathSettings

    def __init__(self, classifier: Classifier, tasks: Tasks, settings: ConnectSettings) -> None:
        self.classifier, self.tasks, self.settings = classifier, tasks, settings
        self.rows = torch.arange(len(tasks), device=tasks.starts.device)
        self.watch = Watch(tasks.inner)

    @classmethod
    def width(cls, settings: Any) -> tuple[int, int]:
        """Paths of one pair that are searched at once at most, and images that each brings to a pass."""
        return 1, 1

    @classmethod
    def plan(
        cls, classifier: Classifier, chains: list[Chain], settings: ConnectSettings
    ) -> list[list[Plan]]:
        """What to optimise in each chain's next round; here its whole inner part, ever finer."""
        plans = []
        for chain in chains:
            segments = (settings.bends + 1) * 2 ** len(chain.rounds)
            t = torch.arange(1, segments, dtype=torch.float64) / segments
            inner = Polyline(chain.nodes).at(t.to(chain.nodes.device))
            plans.append([Plan(0, chain.segments, inner, -1, chain.height)])
        return plans

    def nodes(self, variables: torch.Tensor) -> torch.Tensor:
        """The whole paths' nodes (P, M, C, H, W) for variables (P, k, C, H, W)."""
        return torch.cat(
            [self.tasks.starts[:, None], variables, self.tasks.ends[:, None]],
            dim=1,
        )

    def drift(self, variables: torch.Tensor) -> torch.Tensor:
        """How far the nodes lie off where they must lie, relative to |C - A|, (P,)."""
        return torch.zeros(len(variables))

    @abstractmethod
    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What is minimised, and the highest loss seen on each path, both (P,)."""

    def take(self, rows: torch.Tensor) -> Self:
        smaller = copy.copy(self)
        smaller.tasks, smaller.rows = self.tasks.take(rows), self.rows[rows]
        return smaller

    def is_solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        done = torch.zeros(len(loss), dtype=torch.bool, device=loss.device)
        if self.settings.stop == "iterations":
            return done
        watch = self.watch
        ready = ((loss <= self.tasks.goals) & (watch.due[self.rows] <= step)).nonzero().squeeze(1)
        if len(ready):
            heights = self._heights(variables, ready)
            watch.note(self.rows[ready], variables[ready], heights, step)
            done[ready] = heights <= self.tasks.goals[ready]
        if self.settings.patience:
            probed = torch.isfinite(watch.height[self.rows])
            done |= probed & (step - watch.improved[self.rows] >= self.settings.patience)
        return done

    def _heights(self, variables: torch.Tensor, ready: torch.Tensor) -> torch.Tensor:
        """Highest interior loss of the paths in `ready`; infinite where one point refutes them.

        That point is the worst of the last probe, tried first because it is likely the worst again.
        """
        watch, rows = self.watch, self.rows[ready]
        heights = torch.full((len(ready),), float("inf"), device=variables.device)
        fresh = torch.isinf(watch.height[rows])
        suspects = (~fresh).nonzero().squeeze(1)
        hopeful = fresh.clone()
        if len(suspects):
            losses = self._losses(
                variables[ready[suspects]], ready[suspects], watch.worst[rows[suspects]][:, None]
            )
            hopeful[suspects] = losses[:, 0] < watch.height[rows[suspects]]
        left = hopeful.nonzero().squeeze(1)
        if len(left):
            losses = self._losses(variables[ready[left]], ready[left], None)
            heights[left], watch.worst[rows[left]] = losses.max(1)
        return heights

    def _losses(
        self, variables: torch.Tensor, rows: torch.Tensor, points: torch.Tensor | None
    ) -> torch.Tensor:
        """Losses (n, q) at points of the probe's grid (n, q), or at all its inner points."""
        nodes = self.take(rows).nodes(variables)
        count, segments = len(nodes), nodes.shape[1] - 1
        if points is None:
            inner = torch.arange(PROBE_POINTS * segments - 1, device=nodes.device)
            points = inner.expand(count, -1)
        place = points + 1
        segment = (place // PROBE_POINTS).clamp(max=segments - 1)
        fraction = (place - segment * PROBE_POINTS) / PROBE_POINTS
        first = torch.arange(count, device=nodes.device)[:, None] * segments
        with searching(self.classifier, self.settings.precision):
            losses, _ = losses_at(
                self.classifier,
                nodes[:, :-1].flatten(0, 1),
                nodes[:, 1:].flatten(0, 1),
                (first + segment).flatten(),
                fraction.flatten(),
                self.tasks.targets[rows].repeat_interleave(segments),
            )
        self.watch.passes += losses.numel()
        return losses.reshape(points.shape).to(nodes.device)


def search(
    problem_class: type[PathProblem],
    classifier: Classifier,
    tasks: Tasks,
    settings: ConnectSettings,
    report: Reporter = SILENT,
) -> Found:
    """Solve all tasks with one finder, as many at once as memory allows."""
    size = batch_size(tasks.starts.shape[1:], tasks.starts.device)
    found = []
    for begin in range(0, len(tasks), size):
        problem = problem_class(classifier, tasks.take(slice(begin, begin + size)), settings)
        optimum = minimise(
            classifier,
            problem,
            problem.tasks.inner,
            steps=settings.iterations,
            learning_rate=settings.learning_rate,
            precision=settings.precision,
            strides=Strides(longest=settings.longest_stride),
            report=part(report, begin / len(tasks), min(1, (begin + size) / len(tasks))),
        )
        found.append(_found(problem, optimum))
    return _joined(found)


def _found(problem: PathProblem, optimum: Optimum) -> Found:
    variables = optimum.variables
    if problem.settings.stop == "threshold":
        probed = torch.isfinite(problem.watch.height)
        variables = torch.where(
            probed.reshape(-1, *[1] * (variables.ndim - 1)), problem.watch.best, variables
        )
    return Found(
        problem.nodes(variables)[:, 1:-1],
        problem.watch.height.cpu(),
        optimum.steps,
        optimum.trace,
        optimum.clock,
        problem.drift(variables),
        optimum.passes + problem.watch.passes,
        optimum.passes,
    )


def _joined(parts: list[Found]) -> Found:
    return Found(
        torch.cat([part.inner for part in parts]),
        torch.cat([part.height for part in parts]),
        torch.cat([part.steps for part in parts]),
        _side_by_side([part.trace for part in parts], torch.nan),
        _side_by_side([part.clock for part in parts], -1),
        torch.cat([part.drift for part in parts]),
        sum(part.forward_passes for part in parts),
        sum(part.backward_passes for part in parts),
    )


def _side_by_side(columns: list[torch.Tensor], value: float) -> torch.Tensor:
    """Tables (looks, P) of different lengths as one, filled up with `value`."""
    longest = max(len(part) for part in columns)
    filled = [F.pad(part, (0, 0, 0, longest - len(part)), value=value) for part in columns]
    return torch.cat(filled, dim=1)
