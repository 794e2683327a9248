"""What a benchmark of detectors and its parts have in common: which images they are made of. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.experiments.base import Context
from engine.experiments.images.spec import SetSpec
from engine.experiments.images.survey import Survey
from engine.images import to_pixels
from engine.parameters import SEEDS, advanced
from engine.progress import SILENT
from engine.random import generator


@dataclass(frozen=True)
class BenchmarkSpec(SetSpec):
    """What a benchmark of detectors and its parts have in common: which images they are made of."""

    split: str = advanced("test", "Part of the image set that is attacked.")
    seed: int = advanced(0, "Seed of all that is random.", SEEDS)

    def pictures(self, index: np.ndarray, split: str = "") -> np.ndarray:
        """Pictures of the set as the classifier takes them, float32 (n, C, H, W) in [0, 1]."""
        return to_pixels(self.seen_set(split).batch(index))

    def select_images(
        self, context: Context, correct: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Indices and labels of all correctly classified images, or of all others, in random order."""
        found = context.findings_of(Survey(self.classifier, self.dataset, self.split), SILENT)
        label, prediction = found.arrays["label"], found.arrays["prediction"]
        rows = np.flatnonzero((label >= 0) & ((label == prediction) == correct))
        rows = rows[generator(self.seed, f"benchmark/{correct}").permutation(len(rows))]
        return found.arrays["index"][rows], label[rows]
