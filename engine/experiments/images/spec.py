"""What experiments on the images of a set have in common: who sees which images. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.classifiers import cards
from engine.classifiers.labels import labels_of, matching
from engine.datasets import ImageSet, load_dataset
from engine.experiments.base import Spec
from engine.parameters import advanced, parameter
from engine.progress import Reporter


def fitting_set(classifier: str, dataset: str, split: str) -> ImageSet:
    """The set; ClassesError where the classifier knows none of its classes.

    An experiment's key asks for it, so nothing is computed, or found in the store, that says nothing.
    """
    data = load_dataset(dataset, split)
    labels_of(data, cards.card(classifier))
    return data


def remarks_on(data: ImageSet, classifier: str) -> list[str]:
    """What a user must know of a set: which classes do not match, and what was passed over."""
    found = matching(data, cards.card(classifier))
    return [*([] if found.complete else [found.sentence]), *data.notes]


@dataclass(frozen=True)
class SetSpec(Spec):
    """A classifier and a part of an image set."""

    classifier: str = parameter("shapes-resnet", "Classifier.")
    dataset: str = parameter("shapes", "Image set.", label="Image set")
    split: str = advanced("test", "Part of the image set.")

    @property
    def needs_set(self) -> bool:
        """Whether any image of it comes from its set."""
        return True

    def origin(self) -> str:
        return super().origin() if self.needs_set else self.classifier

    def fetch(self, report: Reporter) -> None:
        if self.needs_set:
            load_dataset(self.dataset, self.split, report=report)

    def remarks(self) -> list[str]:
        if not self.needs_set:
            return []
        return remarks_on(load_dataset(self.dataset, self.split), self.classifier)

    def digests(self) -> dict[str, str]:
        return {
            "weights": cards.digest(self.classifier),
            "images": fitting_set(self.classifier, self.dataset, self.split).digest(),
        }

    def seen_set(self, split: str = "") -> ImageSet:
        """The set, or another part of it, scaled and cropped as the classifier takes it."""
        seen = cards.card(self.classifier)
        channels, height, width = seen.input_shape
        return load_dataset(
            self.dataset, split or self.split, (height, width), channels, resize=seen.resize
        )

    def labelled(self) -> tuple[ImageSet, np.ndarray]:
        """The set as the classifier takes it, and each image's class among the classifier's, (N,)."""
        data = self.seen_set()
        return data, labels_of(data, cards.card(self.classifier))
