"""What an attack gives back: the images, whether each one errs, how far it moved, what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.attacks import ATTACKS
from engine.lazy import torch

if TYPE_CHECKING:
    import altair as alt

MOST = 8
"""Images that a figure shows unless it is asked for more."""


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
    the target at each look of "adam", NaN after an image's end and for images left alone. `originals` are
    the images before, and `classes` what the classes are called. `survive` is what the attack aimed to
    survive: with "8-bit", the images are as a file with 8 bits a value keeps them, and so is `success`.
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
    originals: torch.Tensor | None = None
    classes: tuple[str, ...] = ()
    survive: str = "no"

    def __repr__(self) -> str:
        return f"<AttackResult: {self.status}>"

    def plot(self, most: int = MOST) -> alt.Chart:
        """The first images before and after, and what changed, amplified: an Altair chart."""
        from engine.plots.pictures import difference_row, picture_rows, shown

        count = shown(len(self.images), most)
        after = self.images[:count].numpy()
        before = after if self.originals is None else self.originals[:count].numpy()
        name, change = difference_row(before, after)
        words = {
            "Before": [f"labelled {self._name(label)}" for label in self.labels[:count].tolist()],
            "After": [f"seen as {self._name(seen)}" for seen in self.prediction[:count].tolist()],
            name: [f"at most {linf:.3g} a pixel" for linf in self.linf[:count].tolist()],
        }
        rows = dict(zip(words, (before, after, change), strict=True))
        return picture_rows(rows, words)[0]

    def _name(self, index: int) -> str:
        return self.classes[index] if index < len(self.classes) else f"class {index}"

    @property
    def status(self) -> str:
        """What happened, in one sentence."""
        count, won = len(self.success), int(self.success.sum())
        aimed = bool((self.targets >= 0).all())
        deed = "reached the target class for" if aimed else "changed the label of"
        words = f"{ATTACKS[self.name].title} {deed} {won} of {count} image{'s' * (count != 1)}"
        if self.survive != "no":
            words += f" with {self.survive} pixels"
        alone = count - int(self.eligible.sum())
        if not alone:
            return f"{words}."
        was = "was" if alone == 1 else "were"
        return f"{words}; {alone} {was} misclassified before and left alone."
