"""Attacks that look for the smallest perturbation in L2: DeepFool and C&W, as foolbox does them."""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from engine.attacks.base import Attack, Batch, Outcome
from engine.attacks.counted import Counted
from engine.attacks.settings import CarliniWagnerSettings, DeepFoolSettings


class DeepFool(Attack):
    """Step by step to the nearest linearised class boundary (Moosavi-Dezfooli et al. 2016).

    An image that errs stays where it is, so none depends on the others. Passes count up to the one
    that sees it err.
    """

    name: ClassVar[str] = "deepfool"
    settings_class = DeepFoolSettings
    aims = "never"
    norm = "l2"
    settings: DeepFoolSettings

    def run(self, batch: Batch) -> Outcome:
        import foolbox

        settings = self.settings
        rivals = min(settings.candidates, len(batch.classifier.classes)) - 1
        model = batch.counted(1 + settings.steps * rivals, until=batch.labels)
        attack = foolbox.attacks.L2DeepFoolAttack(
            steps=settings.steps, candidates=settings.candidates, overshoot=settings.overshoot
        )
        criterion = foolbox.criteria.Misclassification(batch.labels)
        return Outcome.of(attack.run(_wrapped(model), batch.images, criterion), model)


class CarliniWagner(Attack):
    """The smallest perturbation that wins by a margin (Carlini and Wagner 2017).

    `early_abort` looks at the sum over the images attacked together, here as in the authors' own code:
    so with it a result depends on the company an image has, and it is the same again for the same
    images in the same order. Without it no image depends on the others.
    """

    name: ClassVar[str] = "cw"
    settings_class = CarliniWagnerSettings
    aims = "may"
    norm = "l2"
    settings: CarliniWagnerSettings

    def run(self, batch: Batch) -> Outcome:
        import foolbox

        settings = self.settings
        model = batch.counted(settings.searches * settings.steps)
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
