"""Survey: how a classifier sees every image of a set. Pages and experiments pick their modes from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from engine.classifiers import cards
from engine.classifiers.labels import labels_of
from engine.datasets import load_dataset
from engine.errors import DataError
from engine.experiments.base import Context, Findings, Spec
from engine.experiments.sets import fitting_set
from engine.parameters import Parameter
from engine.progress import Reporter, part

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.datasets import ImageSet


@dataclass(frozen=True)
class Survey(Spec):
    """Loss and prediction for every image of a set."""

    kind: ClassVar[str] = "survey"
    title: ClassVar[str] = "Survey"
    revision: ClassVar[int] = 1

    classifier: Annotated[str, Parameter("Classifier.")] = "shapes-resnet"
    dataset: Annotated[str, Parameter("Image set.", label="Image set")] = "shapes"
    split: Annotated[str, Parameter("Part of the image set.", advanced=True)] = "test"
    limit: Annotated[
        int,
        Parameter(
            "Images at most, evenly spread over the set. 0 takes all.",
            unit="images",
            low=0,
            high=10_000_000,
        ),
    ] = 0

    def fetch(self, report: Reporter) -> None:
        load_dataset(self.dataset, self.split, report=report)

    def digests(self) -> dict[str, str]:
        return {
            "weights": cards.digest(self.classifier),
            "images": fitting_set(self.classifier, self.dataset, self.split).digest(),
        }

    def compute(self, context: Context) -> Findings:
        from engine.classifiers import load_classifier

        classifier = load_classifier(
            self.classifier, context.device, part(context.report, 0, 0.1, "Loading the network")
        )
        channels, height, width = classifier.input_shape
        data = load_dataset(
            self.dataset, self.split, (height, width), channels, resize=classifier.resize
        )
        index = chosen(len(data), self.limit)
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


def chosen(count: int, limit: int) -> np.ndarray:
    """At most `limit` indices spread evenly over `count` images; all of them where limit is 0."""
    if count == 0:
        raise DataError("The image set is empty, so there is nothing to classify.")
    size = min(limit, count) if limit else count
    return (np.arange(size) * count // size).astype(np.int64)


def classify(
    classifier: Classifier, data: ImageSet, index: np.ndarray, report: Reporter
) -> tuple[np.ndarray, np.ndarray]:
    """Loss with respect to the predicted class (nats) and the predicted class, both (N,)."""
    import torch

    from engine.batches import batch_size
    from engine.images import to_pixels

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
