"""The one optimisation loop: P independent problems, each with its own objective and its own end.

Connecting, attacking and synthesis are configurations of it: a `Problem` says how variables become
images, what is minimised, where the variables may lie, and when a problem is solved.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import torch

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

    def solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        """Which problems end here, bool (P,)."""
        return torch.zeros(len(loss), dtype=torch.bool, device=loss.device)

    @abstractmethod
    def take(self, rows: torch.Tensor) -> Self:
        """The same for some of the problems."""


@dataclass(frozen=True)
class Optimum:
    """Where each problem ended: `variables` (P, ...), `steps` taken (P,), `trace` of the loss.

    `trace` is (steps + 1, P), NaN after a problem's end. `passes` counts images through the network.
    """

    variables: torch.Tensor
    steps: torch.Tensor
    trace: torch.Tensor
    passes: int


def minimise(
    classifier: Classifier,
    problem: Problem,
    start: torch.Tensor,
    *,
    steps: int,
    learning_rate: float,
    method: Literal["adam", "sgd"] = "adam",
    weight_decay: float = 0.0,
    precision: Precision = "float32",
    report: Reporter = SILENT,
) -> Optimum:
    """Minimise every problem from `start` (P, ...) for at most `steps` steps.

    A problem that is solved leaves the batch at once, so the rest go on at the cost of the rest.
    The iterate that was judged solved is the one returned.
    """
    final = start.detach().clone()
    taken = torch.zeros(len(start), dtype=torch.long)
    trace: list[torch.Tensor] = []
    alive = torch.arange(len(start), device=start.device)
    variables = start.detach().clone().requires_grad_(True)
    optimiser = _optimiser(method, variables, learning_rate, weight_decay)
    passes = 0
    for step in range(steps + 1):
        last = step == steps
        with torch.set_grad_enabled(not last):
            images = problem.images(variables, step)
            with searching(classifier, precision):
                logits = classifier(images).float()
            value, loss = problem.values(images, logits)
        report(step, steps, problems=len(alive), loss=float(loss.detach().amax()))
        passes += len(images)
        trace.append(_row(loss, alive, len(start)))
        done = problem.solved(variables.detach(), loss.detach(), step)
        if last or bool(done.all()):
            final[alive], taken[alive.cpu()] = variables.detach(), step
            break
        (gradient,) = torch.autograd.grad(value.sum(), variables)
        if bool(done.any()):
            final[alive[done]], taken[alive[done].cpu()] = variables.detach()[done], step
            keep = (~done).nonzero().squeeze(1)
            alive, problem, gradient = alive[keep], problem.take(keep), gradient[keep]
            variables, optimiser = _shrink(optimiser, variables, keep)
        variables.grad = problem.direct(gradient, variables.detach())
        optimiser.step()
        with torch.no_grad():
            variables.copy_(problem.restrict(variables.detach()))
    return Optimum(final, taken, torch.stack(trace), passes)


def searching(classifier: Classifier, precision: Precision) -> AbstractContextManager[object]:
    """Context in which the classifier searches in `precision`; what is reported stays float32."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(classifier.device.type, dtype=torch.bfloat16)


def _optimiser(
    method: str, variables: torch.Tensor, learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    if method == "adam":
        return torch.optim.Adam([variables], lr=learning_rate, weight_decay=weight_decay)
    return torch.optim.SGD([variables], lr=learning_rate, weight_decay=weight_decay)


def _shrink(
    optimiser: torch.optim.Optimizer, variables: torch.Tensor, keep: torch.Tensor
) -> tuple[torch.Tensor, torch.optim.Optimizer]:
    """The optimiser and its variables for the rows in `keep`, moments and step count included."""
    kept = variables.detach()[keep].clone().requires_grad_(True)
    group = optimiser.param_groups[0]
    state = {
        name: value[keep].clone() if torch.is_tensor(value) and value.ndim else value
        for name, value in optimiser.state[variables].items()
    }
    method = "adam" if isinstance(optimiser, torch.optim.Adam) else "sgd"
    smaller = _optimiser(method, kept, group["lr"], group["weight_decay"])
    smaller.state[kept] = state
    return kept, smaller


def _row(loss: torch.Tensor, alive: torch.Tensor, count: int) -> torch.Tensor:
    row = torch.full((count,), float("nan"))
    row[alive.cpu()] = loss.detach().float().cpu()
    return row
