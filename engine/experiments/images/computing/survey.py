"""A ranking computed: every image of a set classified."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from engine.batches import batch_size
from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.datasets import ImageSet
from engine.errors import DataError, ImageError
from engine.experiments.base import Context, Findings
from engine.experiments.images.survey import Survey
from engine.images import to_pixels
from engine.progress import Reporter, part

NAMED = 20
"""Of more pictures that cannot be read, these many are named."""


def survey(spec: Survey, context: Context) -> Findings:
    """Classify every image that the spec asks for."""
    classifier = load_classifier(
        spec.classifier, context.device, part(context.report, 0, 0.1, "Loading the network")
    )
    data, labels = spec.labelled()
    index = spec.index(labels, classifier.classes)
    loss, prediction, damaged = classify(
        classifier, data, index, part(context.report, 0.1, 1, "Classifying")
    )
    if len(damaged) == len(index):
        raise DataError(f"No picture of {data.name} can be read. {damaged[0]}")
    read = np.delete(np.arange(len(index)), list(damaged))
    index, loss, prediction = index[read], loss[read], prediction[read]
    label = labels[index]
    known = label >= 0
    right = prediction[known] == label[known]
    return Findings(
        arrays={"index": index, "loss": loss, "prediction": prediction, "label": label},
        summary={
            "classes": list(classifier.classes),
            "count": len(index),
            "accuracy": float(right.mean()) if len(right) else None,
            **_told(damaged),
        },
    )


def _told(damaged: dict[int, ImageError]) -> dict[str, Any]:
    """What a summary says of pictures that cannot be read, where there are any."""
    words = [str(error) for error in damaged.values()]
    return {"damaged": {"count": len(words), "first": words[:NAMED]}} if words else {}


def classify(
    classifier: Classifier, data: ImageSet, index: np.ndarray, report: Reporter
) -> tuple[np.ndarray, np.ndarray, dict[int, ImageError]]:
    """Loss with respect to the predicted class (nats) and the predicted class, both (N,).

    Also what is wrong with the images that cannot be read, by their places in `index`; their loss is NaN.
    """
    losses, predictions = [], []
    damaged: dict[int, ImageError] = {}
    size = batch_size(classifier.input_shape, classifier.device)
    with torch.inference_mode():
        for begin in range(0, len(index), size):
            report(begin, len(index))
            images, unreadable = data.readable(index[begin : begin + size])
            odds = torch.log_softmax(classifier(to_pixels(images)).float(), dim=1)
            best, which = odds.max(1)
            losses.append(best.abs().cpu().numpy())
            predictions.append(which.cpu().numpy())
            damaged |= {begin + place: error for place, error in unreadable.items()}
    report(len(index), len(index))
    loss = np.concatenate(losses)
    loss[list(damaged)] = np.nan
    return loss, np.concatenate(predictions), damaged
