"""What synthesis gives back: images, whether each is a mode, and how each was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Synthesis:
    """N synthesised images (N, C, H, W), float32 in [0, 1], on the CPU.

    `loss` (N,) in nats and `prediction` (N,) are those of the images without transforms, in float32.
    `trace` (T, N) is the loss as each step saw it, transforms included, NaN after an image's end;
    `steps` (N,) counts all steps, `finish` (N,) those of them on cross-entropy alone. `converged` (N,)
    says which images are modes: loss at most `threshold`. `words` has a sentence for each image.
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
