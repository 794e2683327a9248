"""A ranking computed: every image of a set classified."""

from __future__ import annotations

import numpy as np
import torch

from engine.batches import batch_size
from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.classifiers.labels import labels_of
from engine.datasets import ImageSet
from engine.experiments.base import Context, Findings
from engine.experiments.images.survey import Survey, chosen
from engine.images import to_pixels
from engine.progress import Reporter, part


def compute(spec: Survey, context: Context) -> Findings:
    """Classify every image that the spec asks for."""
    classifier = load_classifier(
        spec.classifier, context.device, part(context.report, 0, 0.1, "Loading the network")
    )
    data = spec.seen_set()
    index = chosen(len(data), spec.limit)
    loss, prediction = classify(
        classifier, data, index, part(context.report, 0.1, 1, "Classifying")
    )
    label = labels_of(data, classifier.card)[index]
    known = label >= 0
    right = prediction[known] == label[known]
    return Findings(
        arrays={"index": index, "loss": loss, "prediction": prediction, "label": label},
        summary={
            "classes": list(classifier.classes),
            "count": len(index),
            "accuracy": float(right.mean()) if len(right) else None,
        },
    )


def classify(
    classifier: Classifier, data: ImageSet, index: np.ndarray, report: Reporter
) -> tuple[np.ndarray, np.ndarray]:
    """Loss with respect to the predicted class (nats) and the predicted class, both (N,)."""

    losses, predictions = [], []
    size = batch_size(classifier.input_shape, classifier.device)
    with torch.inference_mode():
        for begin in range(0, len(index), size):
            report(begin, len(index))
            images = to_pixels(data.batch(index[begin : begin + size]))
            odds = torch.log_softmax(classifier(images).float(), dim=1)
            best, which = odds.max(1)
            losses.append(best.abs().cpu().numpy())
            predictions.append(which.cpu().numpy())
    report(len(index), len(index))
    return np.concatenate(losses), np.concatenate(predictions)
