"""Attacks along the sign of the gradient, within a box around the image: FGSM, BIM, PGD.

The steps are torchattacks'. Its start of PGD comes from the global generator and depends on the batch,
and its loss, a mean over the batch in float32, has no gradient where the classifier is very sure; both
are put right here, around the library and not inside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from engine.attacks.base import Attack, Batch, Outcome
from engine.lazy import torch
from engine.parameters import Parameter, Parameters, parameter, within
from engine.random import derive

if TYPE_CHECKING:
    from torch import nn

Eps = Annotated[
    float, Parameter("Largest change of a pixel.", unit="pixel range", low=1e-6, high=1)
]


@dataclass(frozen=True)
class FgsmSettings(Parameters):
    """One step along the sign of the gradient (Goodfellow et al. 2015)."""

    eps: Eps = 0.03


@dataclass(frozen=True)
class BimSettings(Parameters):
    """FGSM in small steps, from the image itself (Kurakin et al. 2017)."""

    eps: Eps = 0.03
    steps: int = parameter(10, "Steps.", within(1, 10_000, "steps"))
    step_size: float = parameter(0.2, "Size of a step, as a share of eps.", within(1e-4, 2, "eps"))


@dataclass(frozen=True)
class PgdSettings(Parameters):
    """FGSM in small steps, from a random image in the eps-ball (Madry et al. 2018)."""

    eps: Eps = 0.03
    steps: int = parameter(40, "Steps.", within(1, 10_000, "steps"))
    step_size: float = parameter(
        1 / 30, "Size of a step, as a share of eps.", within(1e-4, 2, "eps")
    )


class GradientSign(Attack):
    """What the three have in common: a box of half-width eps, and targets by the same steps.

    The title of each is the name of its class in torchattacks.
    """

    aims = "may"
    norm = "linf"
    remedy = "a larger eps or more steps"
    settings: FgsmSettings | BimSettings | PgdSettings

    def budget(self) -> float:
        return self.settings.eps

    def gradients(self) -> float:
        return getattr(self.settings, "steps", 1)

    def run(self, batch: Batch) -> Outcome:
        from engine.attacks.computing.seeing import Steep

        model = batch.count_passes(getattr(self.settings, "steps", 1))
        targets = batch.targets
        attack = self.made(Steep(model, batch.labels if targets is None else targets))
        if targets is not None:
            # `set_mode_targeted_by_function` does the same, and prints.
            attack.targeted = True
            attack._target_map_function = lambda images, labels: targets
        return Outcome.of(self.perturb(attack, batch), model)

    def made(self, model: nn.Module) -> Any:
        """torchattacks' object for the settings."""
        import torchattacks

        eps = self.settings.eps
        steps: dict[str, Any] = {}
        if not isinstance(self.settings, FgsmSettings):
            steps = {"alpha": self.settings.step_size * eps, "steps": self.settings.steps}
        return getattr(torchattacks, self.title)(model, eps=eps, **steps)

    def perturb(self, attack: Any, batch: Batch) -> torch.Tensor:
        """The images that it makes of a batch."""
        return attack(batch.images, batch.labels)


class Fgsm(GradientSign):
    """x + eps sign(grad CE) (Goodfellow et al. 2015)."""

    name = "fgsm"
    title = "FGSM"
    place = 20
    settings_class = FgsmSettings
    remedy = "a larger eps"


class Bim(GradientSign):
    """Small steps of FGSM from the image itself (Kurakin et al. 2017)."""

    name = "bim"
    title = "BIM"
    place = 30
    settings_class = BimSettings


class Pgd(GradientSign):
    """Small steps of FGSM from a random image in the box (Madry et al. 2018)."""

    name = "pgd"
    title = "PGD"
    place = 40
    settings_class = PgdSettings
    random = True

    def perturb(self, attack: Any, batch: Batch) -> torch.Tensor:
        from engine.attacks.computing.seeing import Start

        with Start(start_noise(batch.images, self.settings.eps, batch.seed)):
            return attack(batch.images, batch.labels)


def start_noise(images: torch.Tensor, eps: float, seed: int) -> torch.Tensor:
    """Uniform noise in [-eps, eps] for each image (N, C, H, W), drawn from the seed and its pixels.

    So an image starts from the same place alone and in company, on the CPU and on a GPU.
    """
    draws = []
    for image in images.cpu():
        digest = hashlib.sha256(image.contiguous().numpy().tobytes()).hexdigest()
        generator = torch.Generator().manual_seed(derive(seed, f"pgd/{digest}"))
        draws.append(torch.rand(image.shape, generator=generator))
    return (eps * (2 * torch.stack(draws) - 1)).to(images.device)
