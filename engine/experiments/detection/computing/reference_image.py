"""An image of a class, made from noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.classifiers import load_classifier
from engine.detectors.references import image_of_class
from engine.experiments.base import Context, Findings
from engine.experiments.detection.parts import ReferenceImage
from engine.progress import SILENT


def compute(spec: ReferenceImage, context: Context) -> Findings:
    """The image, uint8 (C, H, W), and its loss in nats."""
    image, loss = image_of_class(load_classifier(spec.classifier, context.device), spec.label)
    return Findings(arrays={"image": image}, summary={"loss": loss})


def reference_maker(classifier: str, context: Context) -> Callable[[int], np.ndarray]:
    """What makes such an image of a class, or finds it in the store."""

    def make(label: int) -> np.ndarray:
        found = context.findings_of(ReferenceImage(classifier, label), SILENT)
        return np.asarray(found.arrays["image"])

    return make
