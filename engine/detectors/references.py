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

    The classifier sees every one of them as its label; sorted by label, then by loss.
    """

    images: torch.Tensor
    labels: torch.Tensor
    losses: torch.Tensor

    @classmethod
    def of(cls, classifier: Classifier, images: Any, labels: Any) -> References:
        """The correctly classified of labelled images (N, C, H, W); DataError where a class has none."""
        pixels = as_images(images).cpu()
        classes = torch.as_tensor(np.array(labels)).long()
        rows, losses = seen_rightly(classifier, pixels, classes)
        return cls(pixels[rows], classes[rows], losses)

    def lowest(self, count: int) -> np.ndarray:
        """Rows (K, count) of the lowest losses of each class, the last repeated where there are fewer."""
        rows = [np.flatnonzero(self.labels.numpy() == label) for label in self.labels.unique()]
        return np.stack([own[np.minimum(np.arange(count), len(own) - 1)] for own in rows])


def seen_rightly(
    classifier: Classifier, images: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Places int64 (R,) of the images that are seen as their labels, by label and loss, and losses (R,).

    DataError where a class has none.
    """
    loss, seen = losses_at(
        classifier,
        images.to(classifier.device),
        images.to(classifier.device),
        torch.arange(len(images)),
        torch.zeros(len(images)),
        labels,
        lanes=lanes(classifier.input_shape, classifier.device),
    )
    right = torch.nonzero(seen == labels)[:, 0].numpy()
    rows = torch.from_numpy(right[np.lexsort((loss[right].numpy(), labels[right].numpy()))])
    missing = sorted(set(range(len(classifier.classes))) - set(labels[rows].tolist()))
    if missing:
        names = ", ".join(classifier.classes[label] for label in missing[:5])
        raise DataError(
            f"References are missing: no image of {len(missing)} of {len(classifier.classes)} classes "
            f"({names}) is correctly classified by {classifier.name}. Give more labelled clean images."
        )
    return rows, loss[rows]
