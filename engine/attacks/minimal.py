"""Attacks that look for the smallest perturbation in L2: DeepFool and C&W, as foolbox does them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from engine.attacks.base import Attack, Batch, Outcome
from engine.lazy import torch
from engine.parameters import Parameter, Parameters

if TYPE_CHECKING:
    from engine.attacks.computing.counted import Counted

DEEPFOOL_STEPS = 3
"""Steps that DeepFool takes, about."""

ABORTED = 0.3
"""The share of its steps that C&W takes where it may end a search early, about."""


@dataclass(frozen=True)
class DeepFoolSettings(Parameters):
    """The nearest linearised class boundary, again and again, L2 (Moosavi-Dezfooli et al. 2016)."""

    steps: Annotated[int, Parameter("Steps at most.", unit="steps", low=1, high=10_000)] = 50
    candidates: Annotated[
        int,
        Parameter(
            "Likeliest classes whose boundaries are considered; all where there are fewer.",
            unit="classes",
            low=2,
            high=1000,
        ),
    ] = 10
    overshoot: Annotated[
        float, Parameter("How far beyond the boundary, as a share of the way to it.", low=0, high=1)
    ] = 0.02


class DeepFool(Attack):
    """Step by step to the nearest linearised class boundary (Moosavi-Dezfooli et al. 2016).

    An image that errs stays where it is, so none depends on the others. Passes count up to the one
    that sees it err.
    """

    name = "deepfool"
    title = "DeepFool"
    place = 50
    settings_class = DeepFoolSettings
    aims = "never"
    norm = "l2"
    remedy = "more steps"
    settings: DeepFoolSettings

    def gradients(self) -> float:
        return DEEPFOOL_STEPS * self.settings.candidates

    def run(self, batch: Batch) -> Outcome:
        import foolbox

        settings = self.settings
        rivals = min(settings.candidates, len(batch.classifier.classes)) - 1
        model = batch.count_passes(1 + settings.steps * rivals, until=batch.labels)
        attack = foolbox.attacks.L2DeepFoolAttack(
            steps=settings.steps, candidates=settings.candidates, overshoot=settings.overshoot
        )
        criterion = foolbox.criteria.Misclassification(batch.labels)
        return Outcome.of(attack.run(_wrapped(model), batch.images, criterion), model)


@dataclass(frozen=True)
class CarliniWagnerSettings(Parameters):
    """The smallest L2 perturbation that wins by a margin, by Adam (Carlini and Wagner 2017)."""

    steps: Annotated[
        int, Parameter("Adam steps in each search at most.", unit="steps", low=1, high=100_000)
    ] = 1000
    searches: Annotated[
        int,
        Parameter("Steps of the binary search for the constant.", unit="searches", low=1, high=20),
    ] = 9
    learning_rate: Annotated[
        float, Parameter("Step size of Adam, in tanh space.", low=1e-6, high=1, advanced=True)
    ] = 0.01
    initial_const: Annotated[
        float,
        Parameter(
            "First trade-off between distance and margin.", low=1e-9, high=1e9, advanced=True
        ),
    ] = 1e-3
    confidence: Annotated[
        float,
        Parameter("Margin by which the wrong class must win.", unit="logits", low=0, high=1000),
    ] = 0.0
    early_abort: Annotated[
        bool,
        Parameter("End a search whose objective no longer falls.", advanced=True),
    ] = True


class CarliniWagner(Attack):
    """The smallest perturbation that wins by a margin (Carlini and Wagner 2017).

    `early_abort` looks at the sum over the images attacked together, here as in the authors' own code:
    so with it a result depends on the company an image has, and it is the same again for the same
    images in the same order. Without it no image depends on the others.
    """

    name = "cw"
    title = "C&W"
    place = 60
    settings_class = CarliniWagnerSettings
    aims = "may"
    norm = "l2"
    remedy = "more steps or searches"
    settings: CarliniWagnerSettings

    def gradients(self) -> float:
        steps = self.settings.steps * self.settings.searches
        return steps * (ABORTED if self.settings.early_abort else 1.0)

    def run(self, batch: Batch) -> Outcome:
        import foolbox

        settings = self.settings
        model = batch.count_passes(settings.searches * settings.steps)
        attack = foolbox.attacks.L2CarliniWagnerAttack(
            binary_search_steps=settings.searches,
            steps=settings.steps,
            stepsize=settings.learning_rate,
            confidence=settings.confidence,
            initial_const=settings.initial_const,
            abort_early=settings.early_abort,
        )
        aimed = batch.targets is not None
        criterion = (
            foolbox.criteria.TargetedMisclassification(batch.targets)
            if aimed
            else foolbox.criteria.Misclassification(batch.labels)
        )
        found = attack.run(_wrapped(model), batch.images, criterion)
        return Outcome.of(_unless_black(found, batch.images), model)


def _wrapped(model: Counted) -> Any:
    """As foolbox takes it; it would choose a GPU by itself if it were not told the device."""
    import foolbox

    return foolbox.PyTorchModel(model, bounds=(0, 1), device=model.place.device)


def _unless_black(found: torch.Tensor, originals: torch.Tensor) -> torch.Tensor:
    """`found`, and the original where foolbox's C&W found nothing: it returns black pixels there."""
    black = (found == 0).flatten(1).all(1)
    return torch.where(black[:, None, None, None], originals, found)
