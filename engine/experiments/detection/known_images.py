"""What detectors know as clean: correctly classified images of the training part, sorted by loss."""

from __future__ import annotations

from dataclasses import dataclass

from engine.experiments.detection.spec import BenchmarkSpec
from engine.experiments.images.sets import fitting_set
from engine.parameters import parameter, within


@dataclass(frozen=True)
class KnownSpec(BenchmarkSpec):
    """A benchmark with the clean images that its detectors know."""

    references: int = parameter(
        2000, "Training images that the detectors know as clean.", within(10, 10_000_000, "images")
    )

    def digests(self) -> dict[str, str]:
        train = fitting_set(self.classifier, self.dataset, "train")
        return {**super().digests(), "references": train.digest()}


@dataclass(frozen=True)
class Known(KnownSpec):
    """Those images: places, labels, losses, logits; what they look like, and how far out others are."""

    kind = "known-images"
    title = "Clean images that detectors know"
    revision = 3
    part_of = "detection"
