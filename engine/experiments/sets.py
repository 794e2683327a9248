"""The image set of an experiment, of whose classes its classifier must know some. No torch."""

from __future__ import annotations

from engine.classifiers import cards
from engine.classifiers.labels import FOREIGN, labels_of
from engine.datasets import ImageSet, load_dataset


def fitting_set(classifier: str, dataset: str, split: str) -> ImageSet:
    """The set; ClassesError where the classifier knows none of its classes.

    An experiment's key asks for it, so nothing is computed, or found in the store, that says nothing.
    """
    data = load_dataset(dataset, split)
    labels_of(data, cards.card(classifier))
    return data


def ranked_digests(classifier: str, dataset: str, split: str) -> dict[str, str]:
    """Digests of a set from which an experiment takes what may be correctly classified."""
    data = fitting_set(classifier, dataset, split)
    digests = {"images": data.digest()}
    if (labels_of(data, cards.card(classifier)) == FOREIGN).any():
        # Images of classes that the classifier does not know were once ranked as if they were right.
        digests["foreign"] = "told apart"
    return digests
