"""Clean features on one side, attacked ones on the other: as a model takes them, and parted for learning."""

from __future__ import annotations

import numpy as np

from engine.random import generator

HELD_OUT = 0.2
"""The share of the images given to `fit` that chooses the model's parameters and sets false positives."""


def held_out(count: int, seed: int) -> np.ndarray:
    """Which of `count` images are held out; the same places for clean images and their twins."""
    mask = np.zeros(count, dtype=bool)
    mask[generator(seed, "held-out").permutation(count)[: max(2, round(HELD_OUT * count))]] = True
    return mask


def labelled(
    samples: tuple[np.ndarray, np.ndarray], columns: slice
) -> tuple[np.ndarray, np.ndarray]:
    """Features of both samples, and whether each is attacked."""
    clean, adversarial = samples
    attacked = np.repeat([False, True], [len(clean), len(adversarial)])
    return np.concatenate([clean, adversarial])[:, columns], attacked
