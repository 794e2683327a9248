"""References: clean images that detectors measure from, each class's in order of increasing loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.batches import lanes
from engine.classifiers.labels import labels_of
from engine.errors import DataError
from engine.images import to_pixels
from engine.lazy import torch
from engine.paths import losses_at
from engine.pixels import pictures_for
from engine.targets import classes_of

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.datasets import ImageSet

MOST = 2000
"""How many images of a set are taken at most: as many as the benchmark's detectors know."""


@dataclass(frozen=True)
class References:
    """Clean images (R, C, H, W) on the CPU, their labels int64 (R,) and losses (R,) in nats.

    The classifier sees every one of them as its label; sorted by label, then by loss.
    """

    images: torch.Tensor
    labels: torch.Tensor
    losses: torch.Tensor

    def __repr__(self) -> str:
        return f"<References: {len(self.labels):,} images of {len(self.labels.unique())} classes>"

    @classmethod
    def of(cls, classifier: Classifier, images: Any, labels: Any) -> References:
        """The correctly classified of labelled images (N, C, H, W) in [0, 1].

        Labels (N,) are class indices or names. DataError where a class has no such image, ImageError and
        ParameterError for what are no images or labels.
        """
        pixels = pictures_for(classifier, images, "measure from")
        classes = classes_of(classifier, labels, len(pixels), "labels")
        rows, losses = correctly_classified(classifier, pixels, classes)
        return cls(pixels[rows], classes[rows], losses)

    def lowest(self, count: int) -> np.ndarray:
        """Rows (K, count) of the lowest losses of each class, the last repeated where there are fewer."""
        rows = [np.flatnonzero(self.labels.numpy() == label) for label in self.labels.unique()]
        return np.stack([own[np.minimum(np.arange(count), len(own) - 1)] for own in rows])


def pictures_of(classifier: Classifier, data: ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """At most `MOST` images of a set, as a classifier takes them, whose classes it has, and its labels.

    Pixels float32 (n, C, H, W), labels int64 (n,). ClassesError where the classifier has none of the classes.
    """
    channels, height, width = classifier.input_shape
    fitted = data.converted((height, width), channels, classifier.resize)
    count = min(MOST, len(data))
    index = np.arange(count) * len(data) // max(count, 1)
    labels = labels_of(data, classifier.card)[index]
    known = labels >= 0
    images, damaged = fitted.readable(index[known])
    read = np.delete(np.arange(len(images)), list(damaged))
    return to_pixels(images[read]), labels[known][read]


def correctly_classified(
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
