"""What an attack gives back: the images, whether each one errs, how far it moved, what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from engine.attacks.settings import TITLES


@dataclass(frozen=True)
class AttackResult:
    """N attacked images and what a fresh float32 pass of the classifier says of them, on the CPU.

    `images` float32 (N, C, H, W) lie in [0, 1] (only "adam" with `clamp=False` may leave it). `eligible`
    (N,): the classifier saw the image as its label before; the others come back unchanged. `success`
    (N,): now it sees another class, or the target where there is one. `labels`, `targets` (-1 where
    untargeted) and `prediction` int64 (N,). `loss` (N,) is the cross-entropy with respect to
    `prediction` in nats; `l2` and `linf` (N,) measure `images - originals` in units of the pixel range.
    `forward_passes` and `backward_passes` (N,) count how often the attack itself queried each image,
    without the two passes that judge it before and after. `trace` (looks, N) is the loss with respect to
    the target at each look of "adam", NaN after an image's end and for images left alone.
    """

    name: str
    images: torch.Tensor
    success: torch.Tensor
    eligible: torch.Tensor
    labels: torch.Tensor
    targets: torch.Tensor
    prediction: torch.Tensor
    loss: torch.Tensor
    l2: torch.Tensor
    linf: torch.Tensor
    forward_passes: torch.Tensor
    backward_passes: torch.Tensor
    trace: np.ndarray | None = None

    @property
    def status(self) -> str:
        """What happened, in one sentence."""
        count, won = len(self.success), int(self.success.sum())
        aimed = bool((self.targets >= 0).all())
        deed = "reached the target class for" if aimed else "changed the label of"
        words = f"{TITLES[self.name]} {deed} {won} of {count} image{'s' * (count != 1)}"
        alone = count - int(self.eligible.sum())
        if not alone:
            return f"{words}."
        was = "was" if alone == 1 else "were"
        return f"{words}; {alone} {was} misclassified before and left alone."
