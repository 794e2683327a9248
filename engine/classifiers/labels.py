"""Labels: sets and classifiers number the same classes, each in its own way; people name them. No torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.classifiers.listings import LISTINGS
from engine.datasets.imageset import UNKNOWN_CLASS
from engine.errors import ClassesError, unknown_name

if TYPE_CHECKING:
    from engine.classifiers.cards import Card
    from engine.datasets import ImageSet

UNKNOWN = UNKNOWN_CLASS
"""The label of an image whose class nobody has said: what the classifier sees in it may be right."""

FOREIGN = -2
"""The label of an image of a class that the classifier does not know: it cannot be right."""

NAMED = 3
"""Classes that an error names; the others are counted."""


def align(
    dataset_classes: Sequence[str],
    classifier_classes: Sequence[str],
    nameless: bool | None = None,
) -> np.ndarray:
    """The classifier's label for each label of a data set, int64 (K + 1,); FOREIGN where it has none.

    Names are matched in any case. Where none matches and one side is `nameless` (by default: where its
    names are mere numbers), equally many classes are taken to be in the same order, and others are
    UNKNOWN. The last entry is UNKNOWN, so that the label -1 (class unknown) stays what it is.
    """
    ours = [_folded(name) for name in dataset_classes]
    theirs = [_folded(name) for name in classifier_classes]
    if nameless is None:
        nameless = numbered(tuple(dataset_classes)) or numbered(tuple(classifier_classes))
    # Of classes that share a name ("crane", bird and machine, in ImageNet) the first is meant.
    index = {name: label for label, name in reversed([*enumerate(theirs)])}
    strangers = nameless and not any(name in index for name in ours)
    labels = [index.get(name, UNKNOWN if strangers else FOREIGN) for name in ours]
    if len(ours) == len(theirs) and (ours == theirs or strangers):
        labels = list(range(len(ours)))
    return np.array([*labels, UNKNOWN], dtype=np.int64)


def labels_of(data: ImageSet, seen: Card) -> np.ndarray:
    """The classifier's label for each image of a set, int64 (N,); UNKNOWN or FOREIGN where it has none.

    ClassesError where the set says what it shows, and the classifier knows none of it.
    """
    nameless = seen.untrained or any(
        numbered(classes) and not _chosen_as_names(classes, dataset)
        for classes, dataset in ((data.classes, data.name), (seen.classes, seen.dataset))
    )
    labels = _aligned(data.classes, seen.classes, nameless)[np.maximum(data.labels, UNKNOWN)]
    if (labels == FOREIGN).any() and not (labels >= 0).any():
        raise _nothing_in_common(data, seen)
    return labels


# A sweep asks for thousands of keys, of one set and one classifier.
_aligned = lru_cache(maxsize=32)(align)


@lru_cache(maxsize=64)
def numbered(classes: tuple[str, ...]) -> bool:
    """Whether class names are mere numbers, such as "7", "class 7" or "n01440764": they tell nothing."""
    found = (re.fullmatch(r"(\D*)\d+", name.strip()) for name in classes)
    beginnings = {match[1] if match else None for match in found}
    return len(beginnings) == 1 and None not in beginnings


def _chosen_as_names(classes: tuple[str, ...], dataset: str | None) -> bool:
    """Whether these are the very names of a known set: the digits are called "0" to "9" with reason."""
    known = (listing.classes for listing in LISTINGS.values() if listing.dataset == dataset)
    return classes in known


def _nothing_in_common(data: ImageSet, seen: Card) -> ClassesError:
    shown = [data.classes[label] for label in np.unique(data.labels[data.labels >= 0])]
    own = f" (it was trained on {seen.dataset})" if seen.dataset else ""
    return ClassesError(
        f"The images of {data.name} are of {_some(shown)}, and {seen.name} tells apart "
        f"{_some(seen.classes)}: they have no class in common, so none of these images can be "
        f"correctly classified. Choose an image set with classes of the classifier{own} or another "
        "classifier; pairs of pictures of your own need no set."
    )


def _some(classes: Sequence[str]) -> str:
    """How many classes these are, and the names of the first: "10 classes (disc, ring, square ...)"."""
    more = " ..." if len(classes) > NAMED else ""
    count = "1 class" if len(classes) == 1 else f"{len(classes):,} classes"
    return f"{count} ({', '.join(classes[:NAMED])}{more})"


def class_index(label: str, classes: Sequence[str]) -> int:
    """The index of a class given by name (in any case) or by number; UnknownNameError for neither."""
    folded = [name.casefold() for name in classes]
    if label.casefold() in folded:
        return folded.index(label.casefold())
    if label.isdecimal() and int(label) < len(classes):
        return int(label)
    raise unknown_name("class", label, classes)


def _folded(name: str) -> str:
    return name.casefold().replace("_", " ").strip()
