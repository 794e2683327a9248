"""Attacks that look for the smallest perturbation in L2: DeepFool and C&W, as foolbox does them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.attacks.base import Attack, Batch, Outcome
from engine.lazy import torch
from engine.parameters import Parameters, advanced, parameter, within

if TYPE_CHECKING:
    from engine.attacks.computing.seeing import Counted

DEEPFOOL_STEPS = 3
"""Steps that DeepFool takes, about."""

ABORTED = 0.3
"""The share of its steps that C&W takes where it may end a search early, about."""


@dataclass(frozen=True)
class DeepFoolSettings(Parameters):
    """The nearest linearised class boundary, again and again, L2 (Moosavi-Dezfooli et al. 2016)."""

    steps: int = parameter(50, "Steps at most.", within(1, 10_000, "steps"))
    candidates: int = parameter(
        10, "Likeliest classes whose boundaries are considered.", within(2, 1000, "classes")
    )
    overshoot: float = parameter(
        0.02, "How far beyond the boundary, as a share of the way to it.", within(0, 1)
    )


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
class DeepFoolMarginSettings(DeepFoolSettings):
    """DeepFool, half as far again as the boundary is, where the classifier is surer of its error."""

    overshoot: float = parameter(
        0.5, "How far beyond the boundary, as a share of the way to it.", within(0, 1)
    )


class DeepFoolMargin(DeepFool):
    """DeepFool with a margin: what stops on the boundary is told by the logits alone."""

    name = "deepfool-margin"
    title = "High-confidence DeepFool"
    place = 51
    settings_class = DeepFoolMarginSettings
    variant_of = "deepfool"


@dataclass(frozen=True)
class CarliniWagnerSettings(Parameters):
    """The smallest L2 perturbation that wins by a margin, by Adam (Carlini and Wagner 2017)."""

    steps: int = parameter(1000, "Adam steps in each search at most.", within(1, 100_000, "steps"))
    searches: int = parameter(
        9, "Steps of the binary search for the constant.", within(1, 20, "searches")
    )
    learning_rate: float = advanced(0.01, "Step size of Adam, in tanh space.", within(1e-6, 1))
    initial_const: float = advanced(
        1e-3, "First trade-off between distance and margin.", within(1e-9, 1e9)
    )
    confidence: float = parameter(
        0.0, "Margin by which the wrong class must win.", within(0, 1000, "logits")
    )
    early_abort: bool = advanced(True, "End a search whose objective no longer falls.")


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


@dataclass(frozen=True)
class CarliniWagnerMarginSettings(CarliniWagnerSettings):
    """Carlini and Wagner's attack, for an error that the classifier is sure of."""

    confidence: float = parameter(
        5.0, "Margin by which the wrong class must win.", within(0, 1000, "logits")
    )


class CarliniWagnerMargin(CarliniWagner):
    """C&W with a margin: the smallest perturbation that wins by `confidence`."""

    name = "cw-margin"
    title = "High-confidence C&W"
    place = 61
    settings_class = CarliniWagnerMarginSettings
    variant_of = "cw"


def _wrapped(model: Counted) -> Any:
    """As foolbox takes it; it would choose a GPU by itself if it were not told the device."""
    import foolbox

    return foolbox.PyTorchModel(model, bounds=(0, 1), device=model.place.device)


def _unless_black(found: torch.Tensor, originals: torch.Tensor) -> torch.Tensor:
    """`found`, and the original where foolbox's C&W found nothing: it returns black pixels there."""
    black = (found == 0).flatten(1).all(1)
    return torch.where(black[:, None, None, None], originals, found)
