"""Which images a detector learns from, which choose, and whose scores set its false-positive rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.random import generator

HELD_OUT = 0.2
"""The share of the images given to `fit` that the model does not learn from."""


def held_out(count: int, seed: int) -> np.ndarray:
    """Which of `count` images are held out; the same places for clean images and their twins."""
    mask = np.zeros(count, dtype=bool)
    mask[generator(seed, "held-out").permutation(count)[: max(2, round(HELD_OUT * count))]] = True
    return mask


ALARM = 0.05
"""The false-positive rate at which kinds of clean images are compared."""

FEWEST_OF_A_KIND = 20
"""Clean images of a kind that can set a false-positive rate by themselves."""

FOLDS = 5
"""Parts of the images that are learnt from; each is scored once by a model that learnt from the others."""

CHOOSING, TESTING = -1, -2
"""What is no such part: images that choose parameters, and those that play no part in fitting."""


def parts_of(learning: np.ndarray, choosing: np.ndarray, seed: int) -> np.ndarray:
    """The part (N,) that each image is in, of those learnt from and those that choose, bool (N,) each."""
    parts = np.full(len(learning), TESTING)
    parts[choosing] = CHOOSING
    count = int(learning.sum())
    parts[learning] = generator(seed, "folds").permutation(count) % FOLDS
    return parts


def hardest(scores: Sequence[np.ndarray]) -> np.ndarray:
    """The scores of the kind of clean images that is most like attacks, in order: they set the rate.

    `scores` are those of each kind. Kinds with too few images count together, and where these are too few
    still, all do.
    """
    few = [own for own in scores if len(own) < FEWEST_OF_A_KIND]
    enough = [own for own in scores if len(own) >= FEWEST_OF_A_KIND]
    if sum(map(len, few)) >= FEWEST_OF_A_KIND:
        enough.append(np.concatenate(few))
    elif few:
        enough = [np.concatenate(scores)]
    return max(map(np.sort, enough), key=lambda own: float(np.quantile(own, 1 - ALARM)))
