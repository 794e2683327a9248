"""Pairs to connect: of one predicted class, both ends low, with a barrier between them."""

from __future__ import annotations

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.datasets import load_dataset
from engine.errors import DataError
from engine.experiments.images.computing.survey import classify
from engine.experiments.images.survey import chosen
from engine.images import to_pixels
from engine.paths import Polyline, loss_curve
from engine.progress import SILENT


def barrier_pairs(
    classifier: Classifier,
    dataset: str,
    count: int,
    height: float = 0.5,
    seed: int = 0,
    images: int = 400,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random pairs of one predicted class, both ends low, with a straight barrier above `height`.

    Returns images a, c (count, C, H, W) and classes (count,). DataError where there are too few.
    """
    channels, *size = classifier.input_shape
    data = load_dataset(dataset, "test", size=(size[0], size[1]), channels=channels)
    index = chosen(len(data), images)
    loss, prediction, _ = classify(classifier, data, index, SILENT)
    low = np.flatnonzero(loss < 0.01)
    draws = np.random.default_rng(seed)
    found: list[tuple[torch.Tensor, torch.Tensor, int]] = []
    for _ in range(1000 * count):
        first, second = draws.choice(low, 2, replace=False)
        if len(found) == count:
            break
        if prediction[first] != prediction[second]:
            continue
        pair = torch.from_numpy(to_pixels(data.batch(index[[first, second]])))
        target = int(prediction[first])
        if loss_curve(classifier, Polyline(pair), target, 50).barrier().height > height:
            found.append((pair[0], pair[1], target))
    if len(found) < count:
        raise DataError(
            f"{classifier.name} on {dataset!r}: only {len(found)} of {count} pairs with a barrier "
            f"above {height} nats. Ask for fewer pairs."
        )
    a, c, targets = zip(*found, strict=True)
    return torch.stack(a), torch.stack(c), torch.tensor(targets)
