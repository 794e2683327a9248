"""The paper's finder: go around the top of a barrier within the hyperplane orthogonal to its segment.

Source: Vrabel et al. 2024, sec. 3.2 and 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from engine.constraints import Hyperplane
from engine.declared import HighFrequencyWeight
from engine.finders.chains import Chain, Plan, sharpen, too_high, top_of
from engine.finders.search import PathProblem, Tasks
from engine.lazy import torch
from engine.objectives import CrossEntropy, Deviation, HighFrequency
from engine.parameters import Parameters, advanced, within

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.finders.settings import ConnectSettings


@dataclass(frozen=True)
class BypassSettings(Parameters):
    """What keeps the new node near the barrier's top."""

    deviation_weight: float = advanced(
        0.1, "Weight of the mean squared distance from the barrier's top.", within(0, 1e4, "nats")
    )
    high_frequency_weight: HighFrequencyWeight = 1e-7
    clamp: bool = advanced(False, "Keep every pixel of a new node in [0, 1]. Off in the paper.")


class Bypass(PathProblem):
    """One new node b a segment: CE(f(b)) + w_dev mean((b - B)^2) + w_hf HF(b), b in B's hyperplane."""

    name = "hyperplane"
    title = "Hyperplane bypass"
    place = 10
    settings_class = BypassSettings

    @classmethod
    def width(cls, settings: Any) -> tuple[int, int]:
        return 2 ** (settings.rounds - 1), 1

    @classmethod
    def plan(
        cls, classifier: Classifier, chains: list[Chain], settings: ConnectSettings
    ) -> list[list[Plan]]:
        sharpen(classifier, chains)
        return [cls._plan(chain) for chain in chains]

    @staticmethod
    def _plan(chain: Chain) -> list[Plan]:
        """Bend every segment that is too high, at its top; start anew from nodes that are."""
        plans, taken = [], set()
        for knot in (chain.knots > chain.limit).nonzero().flatten().tolist():
            if knot not in taken:
                before = float(chain.knots[knot])
                plans.append(Plan(knot, knot + 2, chain.nodes[knot + 1 : knot + 2], knot, before))
                taken |= {knot, knot + 1}
        plans += [
            Plan(s, s + 1, top_of(chain, s), s, float(chain.tops[s]))
            for s in too_high(chain)
            if s not in taken
        ]
        return sorted(plans, key=lambda plan: plan.left)

    def __init__(self, classifier: Classifier, tasks: Tasks, settings: ConnectSettings) -> None:
        super().__init__(classifier, tasks, settings)
        tops = tasks.inner[:, 0]
        self.hyperplane = Hyperplane.across(tops, tasks.starts, tasks.ends, box=settings.clamp)
        self.loss = CrossEntropy(tasks.targets)
        self.objective = (
            self.loss
            + settings.deviation_weight * Deviation(tops)
            + settings.high_frequency_weight * HighFrequency()
        )

    def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
        return variables[:, 0]

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return self.objective(images, logits), self.loss(images, logits)

    def restrict(self, variables: torch.Tensor) -> torch.Tensor:
        return self.hyperplane.project(variables[:, 0])[:, None]

    def drift(self, variables: torch.Tensor) -> torch.Tensor:
        length = (self.tasks.ends - self.tasks.starts).flatten(1).norm(dim=1)
        return (self.hyperplane.offset(variables[:, 0]).abs() / length).cpu()

    def take(self, rows: torch.Tensor) -> Self:
        smaller = super().take(rows)
        smaller.hyperplane = self.hyperplane.take(rows)
        smaller.loss = CrossEntropy(self.tasks.targets[rows])
        smaller.objective = self.objective.take(rows)
        return smaller
