"""Optimal inputs: noise, optimised until a network gives it a class at almost no loss, in pairs.

The second input of each pair has a high-frequency penalty, so that the two differ in kind and not by
their noise alone (Vrabel et al. 2024, sec. 4.4). Pixels are free to leave [0, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F

from engine.batches import batch_size
from engine.classifiers.classifier import Classifier
from engine.descent import Strides
from engine.experiments.untrained.untrained import FromNoise
from engine.objectives import CrossEntropy, HighFrequency
from engine.optimise import Problem, minimise
from engine.progress import Reporter
from engine.random import derive

MARGIN = 0.99
"""An input ends at this part of the loss asked for: a batch of another size rounds differently."""


@dataclass(frozen=True)
class OptimalPairs:
    """N pairs of inputs, `images` (N, 2, C, H, W) on the classifier's device, one class a pair.

    On the CPU: `loss` (N, 2) in nats, evaluated again in float32, `steps` (N, 2) taken, and `below`
    the loss that was asked for. `trace` (looks, N, 2) holds the loss at each look, NaN after an input's
    end, and `clock` (looks, N, 2) the steps taken until then, -1 after its end.
    """

    images: torch.Tensor
    targets: np.ndarray
    loss: np.ndarray
    steps: np.ndarray
    trace: np.ndarray
    clock: np.ndarray
    below: float

    @property
    def reached(self) -> np.ndarray:
        """Which inputs got below the loss that was asked for, bool (N, 2); NaN is not below."""
        return self.loss < self.below

    @property
    def ready(self) -> np.ndarray:
        """The pairs of which both inputs are optimal, their numbers in order."""
        return np.flatnonzero(self.reached.all(1))


class _Inputs(Problem):
    """Cross-entropy, and for some inputs a penalty of high frequencies; solved below `below`."""

    def __init__(self, targets: torch.Tensor, weights: torch.Tensor, below: float) -> None:
        self.targets, self.weights, self.below = targets, weights, below

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        loss = CrossEntropy(self.targets)(images, logits)
        return loss + self.weights * HighFrequency()(images, logits), loss

    def is_solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        # What is not finite never gets better: its problem ends here, and is not reached.
        return (loss < self.below * MARGIN) | ~loss.isfinite()

    def take(self, rows: torch.Tensor) -> Self:
        return type(self)(self.targets[rows], self.weights[rows], self.below)


def optimal_pairs(
    classifier: Classifier,
    targets: Sequence[int],
    spec: FromNoise,
    label: str,
    report: Reporter,
) -> OptimalPairs:
    """One pair of optimal inputs for each of `targets`, all of them optimised at once.

    Noise derives from (spec.seed, `label`). An input that does not get there within `spec.steps` is
    returned as it is.
    """
    device, count = classifier.device, len(targets)
    dice = torch.Generator().manual_seed(derive(spec.seed, label))
    noise = torch.randn(2 * count, *classifier.input_shape, generator=dice).to(device)
    classes = torch.tensor(targets, device=device).repeat_interleave(2)
    weights = torch.tensor([0.0, spec.high_frequency], device=device).repeat(count)
    found = minimise(
        classifier,
        _Inputs(classes, weights, spec.threshold),
        classifier.mean + spec.noise * classifier.std * noise,
        steps=spec.steps,
        learning_rate=spec.learning_rate,
        weight_decay=spec.weight_decay,
        strides=Strides(longest=spec.longest_stride),
        report=report,
    )
    return OptimalPairs(
        images=found.variables.unflatten(0, (count, 2)),
        targets=np.asarray(targets),
        loss=_losses(classifier, found.variables, classes).reshape(count, 2),
        steps=found.steps.numpy().reshape(count, 2),
        trace=found.trace.numpy().reshape(-1, count, 2),
        clock=found.clock.numpy().reshape(-1, count, 2),
        below=spec.threshold,
    )


def _losses(classifier: Classifier, images: torch.Tensor, targets: torch.Tensor) -> np.ndarray:
    size = batch_size(images.shape[1:], images.device)
    with torch.inference_mode():
        parts = [
            F.cross_entropy(classifier.forward(some).float(), classes, reduction="none").cpu()
            for some, classes in zip(images.split(size), targets.split(size), strict=True)
        ]
    return torch.cat(parts).numpy()
