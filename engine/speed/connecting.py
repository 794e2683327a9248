"""Connecting pairs: this engine against one pair at a time, every point, every iteration."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.datasets import load_dataset
from engine.errors import DataError
from engine.experiments.images.computing.survey import classify
from engine.experiments.images.survey import chosen
from engine.finders.connecting import connect, connect_many
from engine.finders.settings import ConnectSettings
from engine.images import to_pixels
from engine.paths import Polyline, loss_curve
from engine.plain import BATCH, plain_connect
from engine.progress import SILENT
from engine.speed.rows import Row, in_turns, timed

CONNECT_FACTOR = 10
"""A verified connected path is promised this many times sooner than the plain procedure's."""

CURVE_FACTOR = 1.2
"""A loss curve may take this many times a plain forward pass of the same images."""


def measure_connecting(classifier: Classifier, dataset: str, pairs: int) -> list[Row]:
    """A curve of 1,000 points and verified connections, on pairs with a barrier above 0.5 nats."""
    a, c, targets = barrier_pairs(classifier, dataset, pairs)
    curve = _curve(classifier, a[0], c[0], int(targets[0]))
    return [curve, *_connect(classifier, a, c, targets)]


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


def _curve(classifier: Classifier, a: torch.Tensor, c: torch.Tensor, target: int) -> Row:
    """A 1,000-point loss curve against the forward pass of the same images."""
    path = Polyline(torch.stack([a, c]))
    images = path.at(path.times(1000))

    def plain() -> None:
        with torch.no_grad():
            for some in images.split(BATCH):
                classifier.forward(some)

    ours, theirs = in_turns(lambda: loss_curve(classifier, path, target, 1000), plain)
    return Row("curve", classifier.name, ours, theirs, CURVE_FACTOR * theirs, "1,000 points")


def _connect(
    classifier: Classifier, a: torch.Tensor, c: torch.Tensor, targets: torch.Tensor
) -> list[Row]:
    """Time to a verified connected path, one pair at a time and all pairs at once."""
    settings = ConnectSettings()
    connect(classifier, a[0], c[0], int(targets[0]), settings)  # warm up
    ours, theirs, linked, plainly = 0.0, 0.0, 0, 0
    for start, end, target in zip(a, c, targets.tolist(), strict=True):
        seconds, connection = timed(partial(connect, classifier, start, end, target, settings))
        ours, linked = ours + seconds, linked + connection.connected
        seconds, path = timed(
            partial(plain_connect, classifier, start, end, target, threshold=settings.threshold)
        )
        theirs, plainly = theirs + seconds, plainly + path.connected
    together, connections = timed(partial(connect_many, classifier, a, c, targets, settings))
    count = len(a)
    all_linked = sum(connection.connected for connection in connections)
    per_pair = theirs / count
    limit = per_pair / CONNECT_FACTOR
    name = classifier.name
    versus = f"connected {linked} of {count}, plain {plainly}"
    return [
        Row("connect", name, ours / count, per_pair, limit, versus),
        Row("connect-many", name, together / count, per_pair, limit, f"connected {all_linked}"),
    ]
