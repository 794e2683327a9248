"""The real pictures nearest to a mode."""

from __future__ import annotations

import numpy as np

from engine.classifiers import card
from engine.classifiers.labels import labels_of
from engine.errors import IsthmusError
from engine.experiments.synthesis.results import ModesResult
from engine.images import to_pixels
from pages.shared.image_sets import here, image_set

NEAREST = 3

LOOKED_AT = 500
"""Pictures of the class that are compared, the first of the set."""


def neighbours(found: ModesResult) -> list[list[np.ndarray]]:
    """For each mode the nearest real pictures, uint8 (H, W, C); none for real ones, or without the set."""
    spec = found.spec
    none: list[list[np.ndarray]] = [[] for _ in found.images]
    try:
        if not here(spec.dataset, "test"):
            return none
        data = image_set(spec.classifier, spec.dataset, "test")
        labels = labels_of(data, card(spec.classifier))
    except IsthmusError:
        return none
    rows = np.flatnonzero(labels == found.summary["target"])[:LOOKED_AT]
    if not len(rows):
        return none
    pictures = data.batch(rows.tolist())
    pixels = to_pixels(pictures).reshape(len(rows), -1)
    return [
        []
        if kind == "real"
        else [pictures[k] for k in np.square(pixels - mode.ravel()).sum(1).argsort()[:NEAREST]]
        for mode, kind in zip(found.images, found.modes["kind"], strict=True)
    ]
