"""The paper's targeted attack: Adam from a source image towards another class, kept close to the source.

Source: Vrabel et al. 2024, sec. 4.2.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, ClassVar, Self

import torch

from engine.attacks.base import Attack, Batch, Outcome
from engine.attacks.settings import AdamSettings
from engine.descent import Strides
from engine.objectives import CrossEntropy, Deviation, HighFrequency
from engine.optimise import Optimum, Problem, minimise
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


class TargetedProblem(Problem):
    """CE(f(k), target) + w_dev mean((k - K)^2) + w_hf HF(k), from k = K."""

    def __init__(
        self, sources: torch.Tensor, targets: torch.Tensor, settings: AdamSettings
    ) -> None:
        self.settings = settings
        self.loss = CrossEntropy(targets)
        self.objective = (
            self.loss
            + settings.deviation_weight * Deviation(sources)
            + settings.high_frequency_weight * HighFrequency()
        )

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return self.objective(images, logits), self.loss(images, logits)

    def restrict(self, variables: torch.Tensor) -> torch.Tensor:
        return variables.clamp(0, 1) if self.settings.clamp else variables

    def take(self, rows: torch.Tensor) -> Self:
        smaller = copy.copy(self)
        smaller.loss = CrossEntropy(self.loss.targets[rows])
        smaller.objective = self.objective.take(rows)
        return smaller


def targeted(
    classifier: Classifier,
    sources: torch.Tensor,
    targets: torch.Tensor,
    settings: AdamSettings,
    lanes: int | None = None,
    report: Reporter = SILENT,
) -> Optimum:
    """Attack `sources` (N, C, H, W) towards `targets` (N,), both on the classifier's device."""
    return minimise(
        classifier,
        TargetedProblem(sources, targets, settings),
        sources,
        steps=settings.iterations,
        learning_rate=settings.learning_rate,
        precision=settings.precision,
        strides=Strides(longest=settings.longest_stride),
        lanes=lanes,
        report=report,
    )


class TargetedAdam(Attack):
    """The paper's attack as an entry of the registry."""

    name: ClassVar[str] = "adam"
    settings_class = AdamSettings
    aims = "must"
    norm = "l2"
    whole = True
    settings: AdamSettings

    @property
    def clips(self) -> bool:
        return self.settings.clamp

    def run(self, batch: Batch) -> Outcome:
        if batch.targets is None:
            raise RuntimeError("Targeted Adam was run without targets.")
        optimum = targeted(
            batch.classifier,
            batch.images,
            batch.targets,
            self.settings,
            lanes=batch.lanes,
            report=batch.report,
        )
        looks = optimum.looks
        # At the last look an image is where it stays, so no gradient is asked for.
        return Outcome(optimum.variables, looks, looks - 1, optimum.trace)
