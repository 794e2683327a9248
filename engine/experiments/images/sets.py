"""The image set of an experiment, of whose classes its classifier must know some. No torch."""

from __future__ import annotations

from engine.classifiers import cards
from engine.classifiers.labels import labels_of, matching
from engine.datasets import ImageSet, load_dataset


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
