"""References: what detectors measure from, each class's in order of increasing loss.

Clean images where there are any. For a class without one, an image of it is made from noise as soon as
some image is seen as that class: so a network of a thousand classes needs no picture of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.batches import lanes
from engine.classifiers.labels import labels_of
from engine.images import to_bytes, to_pixels
from engine.lazy import F, torch
from engine.optimise import Problem, minimise
from engine.paths import losses_at
from engine.pixels import pictures_for
from engine.random import generator
from engine.targets import classes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.classifiers.classifier import Classifier
    from engine.datasets import ImageSet

MOST = 2000
"""How many images of a set are taken at most: as many as the benchmark's detectors know."""

STEPS, STEP = 128, 0.02
"""Steps of Adam at most that make an image of a class from noise, and their size, of the pixel range."""

GOAL = 0.01
"""The loss in nats at which such an image is done: about what clean images of the class have."""


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
        """The correctly classified of labelled images (N, C, H, W) in [0, 1]; there need not be any.

        Labels (N,) are class indices or names. ImageError, ParameterError for what are no images or labels.
        """
        pixels = pictures_for(classifier, images, "measure from")
        classes = classes_of(classifier, labels, len(pixels), "labels")
        rows, losses = correctly_classified(classifier, pixels, classes)
        return cls(pixels[rows], classes[rows], losses)

    @classmethod
    def none(cls, classifier: Classifier) -> References:
        """No image of any class."""
        nothing = torch.empty(0)
        return cls(torch.empty(0, *classifier.input_shape), nothing.long(), nothing)

    def lowest(self, count: int) -> dict[str, np.ndarray]:
        """`references` (K, count, C, H, W): those of the lowest losses, the last again where there are fewer.

        Of the classes that have any, in order; `classes` (K,) tells which, unless they are the first K.
        """
        labels = self.labels.numpy()
        there = np.unique(labels)
        places = [np.flatnonzero(labels == label) for label in there]
        kept = [own[np.minimum(np.arange(count), len(own) - 1)] for own in places]
        rows = torch.from_numpy(np.reshape(kept, (-1, count)).astype(np.int64))
        gaps = {} if np.array_equal(there, np.arange(len(there))) else {"classes": there}
        return {"references": self.images[rows].numpy(), **gaps}


class Ends:
    """Where paths end: references of any class, made from noise where none is `kept`.

    `kept` are the arrays of `References.lowest`. `make` gives an image uint8 (C, H, W) of a class; by default
    it is made here, of the same bits every time, and kept as long as this object is; `held` are their bytes.
    """

    def __init__(
        self,
        classifier: Classifier,
        kept: Mapping[str, np.ndarray],
        make: Callable[[int], np.ndarray] | None = None,
    ) -> None:
        self._classifier = classifier
        self._make = make or (lambda label: image_of_class(classifier, label)[0])
        images = torch.from_numpy(kept["references"])
        references = images[:, None] if images.ndim == 4 else images
        classes = kept.get("classes", np.arange(len(references)))
        self._each = references.shape[1]
        self._known = dict(zip(classes.tolist(), references, strict=True))
        self.held = 0

    def of(self, classes: torch.Tensor) -> torch.Tensor:
        """The references (n, count, C, H, W) of classes (n,), on the classifier's device."""
        ends = torch.stack([self._one(label) for label in classes.tolist()])
        return ends.to(self._classifier.device)

    def _one(self, label: int) -> torch.Tensor:
        if label not in self._known:
            # Making one takes gradients, whoever asks for it.
            with torch.inference_mode(False), torch.enable_grad():
                made = torch.from_numpy(self._make(label))
            self._known[label] = made.expand(self._each, *made.shape)
            self.held += made.nbytes
        found = self._known[label]
        return found if found.is_floating_point() else found.float() / 255


@dataclass(frozen=True)
class _Growing(Problem):
    """One image that shall be seen as a class."""

    label: torch.Tensor

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        loss = F.cross_entropy(logits, self.label, reduction="none")
        return loss, loss

    def restrict(self, variables: torch.Tensor) -> torch.Tensor:
        return variables.clamp(0, 1)

    def is_solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        return loss <= GOAL

    def take(self, rows: torch.Tensor) -> _Growing:
        return _Growing(self.label[rows])


def image_of_class(classifier: Classifier, label: int) -> tuple[np.ndarray, float]:
    """An image uint8 (C, H, W) that is surely seen as a class, from noise by descent, and its loss in nats.

    A pattern, nothing that a person would recognise; see `engine.synthesis` for those.
    """
    noise = generator(label, "reference").standard_normal((1, *classifier.input_shape))
    start = (0.5 + 0.1 * torch.from_numpy(noise).float()).clamp(0, 1).to(classifier.device)
    target = torch.tensor([label], device=classifier.device)
    found = minimise(classifier, _Growing(target), start, steps=STEPS, learning_rate=STEP)
    picture = to_bytes(found.variables.detach().cpu().numpy())
    return picture[0].transpose(2, 0, 1), float(found.trace[found.looks[0] - 1, 0])


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
    """Places int64 (R,) of the images that are seen as their labels, by label and loss, and losses (R,)."""
    if not len(images):
        return torch.empty(0, dtype=torch.long), torch.empty(0)
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
    return rows, loss[rows]
