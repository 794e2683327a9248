"""The paper's targeted attack: Adam from a source image towards another class, kept close to the source.

Source: Vrabel et al. 2024, sec. 4.2.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from engine.attacks.base import Attack, Batch, Outcome
from engine.declared import HighFrequencyWeight, LearningRate, LongestStride, Precision
from engine.descent import Strides
from engine.lazy import torch
from engine.objectives import CrossEntropy, Deviation, HighFrequency
from engine.optimise import Optimum, Problem, minimise
from engine.parameters import Parameters, advanced, parameter, within
from engine.pixels import kept_by_files
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


LOOKS = 50
"""Evaluations that it takes with strides, about: 41 to 54 were measured for 512 steps."""


@dataclass(frozen=True)
class AdamSettings(Parameters):
    """The paper's targeted attack (Vrabel et al. 2024, sec. 4.2)."""

    iterations: int = parameter(1024, "Optimisation steps.", within(1, 100_000, "steps"))
    learning_rate: LearningRate = 0.005
    deviation_weight: float = advanced(
        0.1, "Weight of the mean squared distance from the source image.", within(0, 1e4, "nats")
    )
    high_frequency_weight: HighFrequencyWeight = 1e-7
    clamp: bool = advanced(
        True, "Keep every pixel in [0, 1], so that the result is an image. The paper does not say."
    )
    longest_stride: LongestStride = 32
    precision: Precision = "float32"


class TargetedProblem(Problem):
    """CE(f(k), target) + w_dev mean((k - K)^2) + w_hf HF(k), from k = K."""

    def __init__(
        self,
        sources: torch.Tensor,
        targets: torch.Tensor,
        settings: AdamSettings,
        survives: bool = False,
    ) -> None:
        self.settings, self.survives = settings, survives
        self.loss = CrossEntropy(targets)
        self.objective = (
            self.loss
            + settings.deviation_weight * Deviation(sources)
            + settings.high_frequency_weight * HighFrequency()
        )

    def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
        return kept_by_files(variables) if self.survives else variables

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
    survives: bool = False,
) -> Optimum:
    """Attack `sources` (N, C, H, W) towards `targets` (N,), both on the classifier's device.

    Where the result `survives`, the classifier sees it as a file with 8 bits a value keeps it.
    """
    return minimise(
        classifier,
        TargetedProblem(sources, targets, settings, survives),
        sources,
        steps=settings.iterations,
        learning_rate=settings.learning_rate,
        precision=settings.precision,
        strides=Strides(longest=settings.longest_stride),
        lanes=lanes,
        report=report,
    )


class TargetedAdam(Attack):
    """The paper's attack, under the contract of all of them."""

    name = "adam"
    title = "Targeted Adam"
    place = 10
    settings_class = AdamSettings
    aims = "must"
    norm = "l2"
    remedy = "more iterations or a larger learning rate"
    whole = True
    settings: AdamSettings

    @property
    def clips(self) -> bool:
        return self.settings.clamp

    def gradients(self) -> float:
        steps = self.settings.iterations
        return min(steps, LOOKS) if self.settings.longest_stride > 1 else steps

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
            survives=batch.view is not None,
        )
        looks = optimum.looks
        # At the last look an image is where it stays, so no gradient is asked for.
        return Outcome(optimum.variables, looks, looks - 1, optimum.trace)
