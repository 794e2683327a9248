"""What synthesis gives back: images, whether each is a mode, and how each was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    import altair as alt

MOST = 8
"""Images that a figure shows unless it is asked for more."""


@dataclass(frozen=True)
class Synthesis:
    """N synthesised images (N, C, H, W), float32 in [0, 1], on the CPU.

    `loss` (N,) in nats and `prediction` (N,) are those of the images without transforms, in float32.
    `trace` (T, N) is the loss as each step saw it, transforms included, NaN after an image's end;
    `steps` (N,) counts all steps, `finish` (N,) those of them on cross-entropy alone. `converged` (N,)
    says which images are modes: loss at most `threshold`. `words` has a sentence for each image; `classes`
    says what the classes are called.
    """

    images: torch.Tensor
    targets: tuple[int, ...]
    loss: np.ndarray
    prediction: np.ndarray
    trace: np.ndarray
    steps: np.ndarray
    finish: np.ndarray
    converged: np.ndarray
    threshold: float
    classes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Synthesis: {self.status}>"

    def plot(self, most: int = MOST) -> alt.Chart:
        """The first images with what became of each: an Altair chart."""
        from engine.plots.pictures import picture_rows, shown

        count = shown(len(self.images), most)
        words = [f"{self._name(k)}. {word}" for k, word in enumerate(self.words[:count])]
        return picture_rows({"Modes": self.images[:count].numpy()}, {"Modes": words})[0]

    def _name(self, k: int) -> str:
        target = self.targets[k]
        return self.classes[target] if target < len(self.classes) else f"class {target}"

    @property
    def words(self) -> tuple[str, ...]:
        """What became of each image."""
        return tuple(self._word(k) for k in range(len(self.loss)))

    @property
    def status(self) -> str:
        """What became of all images, in a sentence."""
        if len(self.loss) == 1:
            return self.words[0]
        count, modes = len(self.loss), int(self.converged.sum())
        return (
            f"{modes} of {count} images are modes, with a loss of at most {self.threshold:.3g} nats; "
            f"the highest loss is {self.loss.max():.3g} nats."
        )

    def _word(self, k: int) -> str:
        steps = int(self.steps[k])
        after = f"after {steps:,} step{'s' if steps != 1 else ''}"
        if self.converged[k]:
            return f"A mode: its loss is {self.loss[k]:.3g} nats {after}."
        return (
            f"Not a mode: {after} its loss is {self.loss[k]:.3g} nats, above the threshold of "
            f"{self.threshold:.3g}. The search did not converge."
        )
