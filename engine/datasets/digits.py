"""Digits: scikit-learn's 1,797 handwritten digits, 8 x 8 pixels, grey."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.datasets.imageset import ArraySet, ImageSet
from engine.progress import Reporter
from engine.random import generator

TEST_SHARE = 0.2
"""Share of each class that is held out as the test split."""


def open_digits(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """The split of Digits: a fixed fifth of every class is the test split, the rest trains."""
    images, labels = _digits()
    chosen = _members(split)
    classes = tuple(str(digit) for digit in range(10))
    return ArraySet(
        name, split, classes, labels[chosen], images[chosen], identity=f"digits {split}"
    )


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (1797, 8, 8, 1) and labels (1797,): a benchmark opens the set some hundred times."""
    from sklearn.datasets import load_digits

    grey, labels = load_digits(return_X_y=True)
    # The 17 levels 0 to 16 spread over 0 to 255, rounded to the nearest.
    levels = (grey.astype(np.int64) * 255 + 8) // 16
    return levels.astype(np.uint8).reshape(-1, 8, 8, 1), labels


@cache
def _members(split: str) -> np.ndarray:
    """Indices of the split's images in ascending order, the same share of every class."""
    _, labels = _digits()
    held_out = []
    for digit in np.unique(labels):
        members = np.flatnonzero(labels == digit)
        order = generator(0, f"digits/{digit}").permutation(len(members))
        held_out.append(members[order[: round(TEST_SHARE * len(members))]])
    test = np.sort(np.concatenate(held_out))
    return test if split == "test" else np.setdiff1d(np.arange(len(labels)), test)
