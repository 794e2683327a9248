"""Attacks along the sign of the gradient, within a box around the image: FGSM, BIM, PGD.

The steps are torchattacks'. Its start of PGD comes from the global generator and depends on the batch,
and its loss, a mean over the batch in float32, has no gradient where the classifier is very sure; both
are put right here, around the library and not inside it.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from engine.attacks.base import Attack, Batch, Outcome
from engine.attacks.counted import Counted
from engine.attacks.settings import BimSettings, FgsmSettings, PgdSettings
from engine.random import derive


class Steep(nn.Module):
    """A classifier whose cross-entropy for `classes` (n,) keeps its gradient however sure it is.

    In float32, softmax(z)[label] - 1 rounds to zero from a margin of 17 nats on, so the label's share of
    the gradient is lost; all of it underflows from some 90 nats on, sooner where it is divided by the
    batch. So logits are float64, the label's entry is what makes the gradient's sum zero, as it must be,
    and each image's largest entry is brought to 1 before the gradient goes back through the network in
    float32. Signs are those of the exact gradient, and they are all that is used of it here.
    """

    def __init__(self, model: Counted, classes: torch.Tensor) -> None:
        super().__init__()
        self.model, self.column = model, classes[:, None]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = self.model(images).double()
        if logits.requires_grad:
            logits.register_hook(self._mended)
        return logits

    def _mended(self, gradient: torch.Tensor) -> torch.Tensor:
        others = gradient.scatter(1, self.column, 0.0)
        whole = others.scatter(1, self.column, -others.sum(1, keepdim=True))
        largest = whole.abs().amax(1, keepdim=True)
        return whole / largest.clamp(min=torch.finfo(whole.dtype).tiny)


class Start(TorchFunctionMode):
    """While it is active in this thread, `Tensor.uniform_` fills in `noise` and draws nothing."""

    def __init__(self, noise: torch.Tensor) -> None:
        super().__init__()
        self.noise = noise

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is torch.Tensor.uniform_:
            return args[0].copy_(self.noise)
        return func(*args, **(kwargs or {}))


class GradientSign(Attack):
    """What the three have in common: a box of half-width eps, and targets by the same steps."""

    aims = "may"
    norm = "linf"
    settings: FgsmSettings | BimSettings | PgdSettings

    def budget(self) -> float:
        return self.settings.eps

    def run(self, batch: Batch) -> Outcome:
        model = batch.counted(getattr(self.settings, "steps", 1))
        targets = batch.targets
        attack = self.made(Steep(model, batch.labels if targets is None else targets))
        if targets is not None:
            # `set_mode_targeted_by_function` does the same, and prints.
            attack.targeted = True
            attack._target_map_function = lambda images, labels: targets
        return Outcome.of(self.attacked(attack, batch), model)

    @abstractmethod
    def made(self, model: nn.Module) -> Any:
        """torchattacks' object for the settings."""

    def attacked(self, attack: Any, batch: Batch) -> torch.Tensor:
        """The images that it makes of a batch."""
        return attack(batch.images, batch.labels)


class Fgsm(GradientSign):
    """x + eps sign(grad CE) (Goodfellow et al. 2015)."""

    name: ClassVar[str] = "fgsm"
    settings_class = FgsmSettings
    settings: FgsmSettings

    def made(self, model: nn.Module) -> Any:
        import torchattacks

        return torchattacks.FGSM(model, eps=self.settings.eps)


class Bim(GradientSign):
    """Small steps of FGSM from the image itself (Kurakin et al. 2017)."""

    name: ClassVar[str] = "bim"
    settings_class = BimSettings
    settings: BimSettings

    def made(self, model: nn.Module) -> Any:
        import torchattacks

        eps = self.settings.eps
        alpha = self.settings.step_size * eps
        return torchattacks.BIM(model, eps=eps, alpha=alpha, steps=self.settings.steps)


class Pgd(GradientSign):
    """Small steps of FGSM from a random image in the box (Madry et al. 2018)."""

    name: ClassVar[str] = "pgd"
    settings_class = PgdSettings
    settings: PgdSettings

    def made(self, model: nn.Module) -> Any:
        import torchattacks

        eps = self.settings.eps
        alpha = self.settings.step_size * eps
        return torchattacks.PGD(
            model, eps=eps, alpha=alpha, steps=self.settings.steps, random_start=True
        )

    def attacked(self, attack: Any, batch: Batch) -> torch.Tensor:
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
