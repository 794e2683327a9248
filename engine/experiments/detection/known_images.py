"""What detectors know as clean: correctly classified images of the training part, sorted by loss."""

from __future__ import annotations

from dataclasses import dataclass

from engine.datasets import load_dataset
from engine.experiments.detection.spec import BenchmarkSpec
from engine.experiments.images.sets import fitting_set
from engine.parameters import parameter, within
from engine.progress import Reporter


@dataclass(frozen=True)
class KnownSpec(BenchmarkSpec):
    """A benchmark with the clean images that its detectors know."""

    references: int = parameter(
        2000,
        "Training images that the detectors know as clean. 0: none, what they measure from is made "
        "from noise.",
        within(0, 10_000_000, "images"),
    )

    @property
    def known_split(self) -> str:
        """The part of the set that these images come from; without any, that part need not be there."""
        return "train" if self.references else self.split

    def fetch(self, report: Reporter) -> None:
        super().fetch(report)
        load_dataset(self.dataset, self.known_split, report=report)

    def digests(self) -> dict[str, str]:
        known = fitting_set(self.classifier, self.dataset, self.known_split)
        return {**super().digests(), "references": known.digest()}


@dataclass(frozen=True)
class Known(KnownSpec):
    """Those images: places, labels, losses, logits; what they look like, and how far out others are."""

    kind = "known-images"
    title = "Clean images that detectors know"
    revision = 3
    part_of = "detection"
