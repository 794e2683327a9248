"""The one optimisation loop: P independent problems, each with its own objective and its own end.

Connecting, attacking and synthesis are configurations of it: a `Problem` says how variables become
images, what is minimised, where the variables may lie, and when a problem is solved.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from engine.descent import METHODS, Descent, Rule, Strides
from engine.lazy import torch
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

Precision = Literal["float32", "bfloat16"]


class Problem(ABC):
    """P independent problems over variables (P, ...). Subclasses override what differs."""

    def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
        """The images (P * T, C, H, W) that the classifier sees; T of them a problem."""
        return variables

    @abstractmethod
    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What is minimised and the plain loss that is traced, both (P,)."""

    def direct(self, gradient: torch.Tensor, variables: torch.Tensor) -> torch.Tensor:
        """The gradient as the optimiser shall see it."""
        return gradient

    def restrict(self, variables: torch.Tensor) -> torch.Tensor:
        """The variables after a step, back where they may lie."""
        return variables

    def is_solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        """Which problems end here, bool (P,). `step` counts the looks since the search began."""
        return torch.zeros(len(loss), dtype=torch.bool, device=loss.device)

    @abstractmethod
    def take(self, rows: torch.Tensor) -> Self:
        """The same for some of the problems."""


@dataclass(frozen=True)
class Optimum:
    """Where each problem ended: `variables` (P, ...), `steps` taken (P,), `trace` of the loss.

    `trace` is (looks, P): the loss at each look at a problem, one more than its steps unless it took
    longer strides, and NaN after its end; `clock` (looks, P) holds the steps taken until then, and -1
    after its end. `passes` counts images through the network.
    """

    variables: torch.Tensor
    steps: torch.Tensor
    trace: torch.Tensor
    clock: torch.Tensor
    passes: int

    @property
    def looks(self) -> torch.Tensor:
        """How often each problem was evaluated, (P,)."""
        return (self.clock >= 0).sum(0)


def minimise(
    classifier: Classifier,
    problem: Problem,
    start: torch.Tensor,
    *,
    steps: int,
    learning_rate: float,
    method: Rule = "adam",
    weight_decay: float = 0.0,
    precision: Precision = "float32",
    strides: Strides | None = None,
    lanes: int | None = None,
    report: Reporter = SILENT,
) -> Optimum:
    """Minimise every problem from `start` (P, ...) for at most `steps` steps.

    A problem that is solved leaves the batch at once, so the rest go on at the cost of the rest, and the
    iterate that was judged solved is the one returned. With `lanes`, that many problems are always
    evaluated together, and a waiting one takes the place of one that ends: then no problem's course
    depends on the others. With `strides`, problems that are all but solved take longer ones.
    """
    work = _Work(problem, start.detach(), lanes)
    descent = METHODS[method](work.variables, learning_rate, weight_decay)
    quiet = torch.zeros_like(descent.clock)
    look, passes = 0, 0
    while True:
        last = descent.clock >= steps
        going_on = bool(work.waiting) or not bool(last.all())
        variables = work.variables.requires_grad_(going_on)
        images = work.problem.images(variables, look)
        with searching(classifier, precision):
            logits = classifier.forward(images).float()
        value, loss = work.problem.values(images, logits)
        work.note(loss.detach(), descent.clock)
        report(
            work.done(descent.clock, steps) * steps, steps, problems=work.active, loss=work.highest
        )
        passes += len(images)
        ended = (last | work.problem.is_solved(variables.detach(), loss.detach(), look)) & work.busy
        if work.finished(ended, descent.clock):
            break
        (gradient,) = torch.autograd.grad(value.sum(), variables)
        if strides:
            quiet = torch.where(loss.detach() <= strides.calm, quiet + 1, 0)
        stride = strides.after(quiet) if strides else torch.ones_like(quiet)
        stride = stride.minimum(steps - descent.clock).clamp(min=1)
        gradient = work.problem.direct(gradient, variables.detach())
        with torch.no_grad():
            moved = descent.step(variables.detach(), gradient, stride)
            work.variables = work.problem.restrict(moved)
        quiet = work.replace(ended, descent, quiet)
        look += 1
    return work.optimum(passes)


def searching(classifier: Classifier, precision: Precision) -> AbstractContextManager[object]:
    """Context in which the classifier searches in `precision`; what is reported stays float32."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(classifier.device.type, dtype=torch.bfloat16)


class _Work:
    """The problems in work: which one is in which row of the batch, and what became of those that left."""

    def __init__(self, problem: Problem, start: torch.Tensor, lanes: int | None) -> None:
        count = len(start)
        rows = torch.arange(lanes or count, device=start.device)
        # Where there are fewer problems than lanes, the last one fills them; nobody looks at its copies.
        self.rows, self.busy = rows.clamp(max=count - 1), rows < count
        self.waiting = range(len(rows), count)
        self.lanes, self.whole, self.start = lanes, problem, start
        self.problem = problem.take(self.rows) if lanes else problem
        self.variables = start[self.rows].clone()
        self.final, self.taken = start.clone(), torch.zeros(count, dtype=torch.long)
        self.seen: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
        self.left = 0

    @property
    def active(self) -> int:
        """How many problems are in work."""
        return int(self.busy.sum())

    @property
    def highest(self) -> float:
        """The highest loss at the last look."""
        return float(self.seen[-1][1].amax())

    def done(self, clock: torch.Tensor, steps: int) -> float:
        """The share of all steps that is behind us, a problem that left counted as whole."""
        under_way = float(clock[self.busy].sum()) / max(1, steps)
        return (self.left + under_way) / len(self.start)

    def note(self, loss: torch.Tensor, clock: torch.Tensor) -> None:
        """Write down the losses of a look and the steps taken until then, (n,)."""
        busy = self.busy
        self.seen.append((self.rows[busy].cpu(), loss[busy].float().cpu(), clock[busy].cpu()))

    def finished(self, ended: torch.Tensor, clock: torch.Tensor) -> bool:
        """Keep where the problems `ended` (n,) are; whether none is left."""
        gone = self.rows[ended]
        self.final[gone] = self.variables.detach()[ended]
        self.taken[gone.cpu()] = clock[ended].cpu()
        self.left += len(gone)
        return self.left == len(self.start)

    def replace(self, ended: torch.Tensor, descent: Descent, quiet: torch.Tensor) -> torch.Tensor:
        """Go on without the problems that ended, or with others in their lanes; `quiet` likewise."""
        if not bool(ended.any()):
            return quiet
        if self.lanes is None:
            keep = (~ended).nonzero().squeeze(1)
            descent.keep(keep)
            self.rows, self.busy, self.variables = (
                self.rows[keep],
                self.busy[keep],
                self.variables[keep],
            )
            self.problem = self.problem.take(keep)
            return quiet[keep]
        for lane in ended.nonzero().flatten().tolist():
            self.busy[lane] = bool(self.waiting)
            if self.waiting:
                self.rows[lane], self.waiting = self.waiting[0], self.waiting[1:]
                self.variables[lane] = self.start[self.rows[lane]]
                descent.restart(lane)
                quiet[lane] = 0
        self.problem = self.whole.take(self.rows)
        return quiet

    def optimum(self, passes: int) -> Optimum:
        """What came of all problems."""
        looks = torch.zeros(len(self.start), dtype=torch.long)
        for rows, _, _ in self.seen:
            looks[rows] += 1
        trace = torch.full((int(looks.max()), len(self.start)), float("nan"))
        clock = torch.full(trace.shape, -1)
        looks.zero_()
        for rows, loss, steps in self.seen:
            trace[looks[rows], rows], clock[looks[rows], rows] = loss, steps
            looks[rows] += 1
        return Optimum(self.final, self.taken, trace, clock, passes)
