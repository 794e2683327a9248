"""What a benchmark of detectors and its parts have in common: which images they are made of. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from engine.classifiers import cards
from engine.datasets import load_dataset
from engine.experiments.base import Context, Spec
from engine.experiments.images.sets import fitting_set
from engine.experiments.images.survey import Survey
from engine.parameters import Parameter
from engine.progress import SILENT, Reporter
from engine.random import generator


@dataclass(frozen=True)
class BenchmarkSpec(Spec):
    """What a benchmark of detectors and its parts have in common: which images they are made of."""

    classifier: Annotated[str, Parameter("Classifier.")] = "shapes-resnet"
    dataset: Annotated[str, Parameter("Image set.", label="Image set")] = "shapes"
    split: Annotated[str, Parameter("Part of the image set that is attacked.", advanced=True)] = (
        "test"
    )
    seed: Annotated[
        int,
        Parameter(
            "Seed of all that is random.",
            low=0,
            high=2**31 - 1,
            advanced=True,
        ),
    ] = 0

    def fetch(self, report: Reporter) -> None:
        for split in ("train", self.split):
            load_dataset(self.dataset, split, report=report)

    def digests(self) -> dict[str, str]:
        return {
            "weights": cards.digest(self.classifier),
            "images": fitting_set(self.classifier, self.dataset, self.split).digest(),
        }

    def pictures(self, index: np.ndarray, split: str = "") -> np.ndarray:
        """Pictures of the set as the classifier takes them, float32 (n, C, H, W) in [0, 1]."""
        from engine.images import to_pixels

        seen = cards.card(self.classifier)
        channels, height, width = seen.input_shape
        data = load_dataset(
            self.dataset, split or self.split, (height, width), channels, resize=seen.resize
        )
        return to_pixels(data.batch(index))

    def seen(self, context: Context, rightly: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Indices and labels of all correctly classified images, or of all others, in random order."""
        found = context.findings_of(Survey(self.classifier, self.dataset, self.split), SILENT)
        label, prediction = found.arrays["label"], found.arrays["prediction"]
        rows = np.flatnonzero((label >= 0) & ((label == prediction) == rightly))
        rows = rows[generator(self.seed, f"benchmark/{rightly}").permutation(len(rows))]
        return found.arrays["index"][rows], label[rows]
