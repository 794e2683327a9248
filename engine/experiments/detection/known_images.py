"""What detectors know as clean: correctly classified images of the training part, sorted by loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from engine.experiments.detection.spec import BenchmarkSpec
from engine.experiments.images.sets import fitting_set
from engine.parameters import Parameter

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class KnownSpec(BenchmarkSpec):
    """A benchmark with the clean images that its detectors know."""

    references: Annotated[
        int,
        Parameter(
            "Training images, evenly spread over the set, that the detectors know as clean.",
            unit="images",
            low=10,
            high=10_000_000,
        ),
    ] = 2000

    def digests(self) -> dict[str, str]:
        train = fitting_set(self.classifier, self.dataset, "train")
        return {**super().digests(), "references": train.digest()}


@dataclass(frozen=True)
class Known(KnownSpec):
    """Those images: their places in the training part, labels, losses, logits and looks."""

    kind: ClassVar[str] = "known-images"
    title: ClassVar[str] = "Clean images that detectors know"
    revision: ClassVar[int] = 1
    part_of: ClassVar[str] = "detection"
