"""An image of a class that detectors know no picture of, made from noise when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass

from engine.classifiers import cards
from engine.experiments.base import Spec
from engine.parameters import parameter, within


@dataclass(frozen=True)
class ReferenceImage(Spec):
    """An image that a classifier surely sees as a class. Detectors of a benchmark make these."""

    kind = "reference-image"
    title = "Image of a class, made from noise"
    revision = 1
    part_of = "detection"

    classifier: str = parameter("shapes-resnet", "Classifier.")
    label: int = parameter(0, "Number of the class.", within(0))

    def subject(self) -> str:
        return f"{self.title}, class {self.label}"

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier)}
