"""Labels: sets and classifiers number the same classes, each in its own way; people name them. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import unknown_name


def align(dataset_classes: Sequence[str], classifier_classes: Sequence[str]) -> np.ndarray:
    """The classifier's label for each label of a data set, int64 (K + 1,); -1 where it has none.

    Names are matched in any case. Where no name matches and both have equally many classes, they
    are taken to be in the same order. The last entry is -1, so that the label -1 (class unknown)
    stays what it is: `align(data.classes, classifier.classes)[data.labels]` is right for all.
    """
    ours = [_folded(name) for name in dataset_classes]
    theirs = [_folded(name) for name in classifier_classes]
    # Of classes that share a name ("crane", bird and machine, in ImageNet) the first is meant.
    index = {name: label for label, name in reversed([*enumerate(theirs)])}
    labels = [index.get(name, -1) for name in ours]
    same_order = ours == theirs or (not any(name in index for name in ours))
    if len(ours) == len(theirs) and same_order:
        labels = list(range(len(ours)))
    return np.array([*labels, -1], dtype=np.int64)


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
