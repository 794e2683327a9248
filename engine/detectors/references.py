"""References: clean images that detectors measure from, each class's in order of increasing loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from engine.batches import lanes
from engine.errors import DataError
from engine.paths import as_images, losses_at

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


@dataclass(frozen=True)
class References:
    """Clean images (R, C, H, W) on the CPU, their labels int64 (R,) and losses (R,) in nats.

    The classifier sees every one of them as its label; sorted by label, then by loss. `rows` int64 (R,)
    are their places among the images that they were taken from.
    """

    images: torch.Tensor
    labels: torch.Tensor
    losses: torch.Tensor
    rows: torch.Tensor

    @classmethod
    def of(cls, classifier: Classifier, images: Any, labels: Any) -> References:
        """Those of labelled images (N, C, H, W) that are seen rightly; DataError where a class has none."""
        pixels = as_images(images).cpu()
        classes = torch.as_tensor(np.array(labels)).long()
        loss, seen = losses_at(
            classifier,
            pixels.to(classifier.device),
            pixels.to(classifier.device),
            torch.arange(len(pixels)),
            torch.zeros(len(pixels)),
            classes,
            lanes=lanes(classifier.input_shape, classifier.device),
        )
        right = torch.nonzero(seen == classes)[:, 0].numpy()
        order = right[np.lexsort((loss[right].numpy(), classes[right].numpy()))]
        missing = set(range(len(classifier.classes))) - set(classes[order].tolist())
        if missing:
            names = ", ".join(classifier.classes[label] for label in sorted(missing)[:5])
            raise DataError(
                f"References are missing: no image of {len(missing)} of {len(classifier.classes)} classes "
                f"({names}) is seen rightly by {classifier.name}. Give more labelled clean images."
            )
        return cls(pixels[order], classes[order], loss[order], torch.from_numpy(order))

    def lowest(self, count: int) -> np.ndarray:
        """Rows (K, count) of the lowest losses of each class, the last repeated where there are fewer."""
        rows = [np.flatnonzero(self.labels.numpy() == label) for label in self.labels.unique()]
        return np.stack([own[np.minimum(np.arange(count), len(own) - 1)] for own in rows])
