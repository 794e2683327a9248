"""Survey: how a classifier sees every image of a set. Pages and experiments pick their modes from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from engine.classifiers import cards
from engine.datasets import load_dataset
from engine.errors import DataError
from engine.experiments.base import Spec
from engine.experiments.groups import RANKINGS, Group
from engine.experiments.images.results import SurveyResult
from engine.experiments.images.sets import fitting_set
from engine.experiments.result import Result
from engine.parameters import Parameter
from engine.progress import Reporter

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Survey(Spec):
    """Loss and prediction for every image of a set."""

    kind: ClassVar[str] = "survey"
    title: ClassVar[str] = "Survey"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = RANKINGS
    result_class: ClassVar[type[Result]] = SurveyResult

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

    def subject(self) -> str:
        return "Images ranked by loss"

    def doing(self) -> str:
        return f"Ranking images by loss: {self.origin()}"

    def fetch(self, report: Reporter) -> None:
        load_dataset(self.dataset, self.split, report=report)

    def digests(self) -> dict[str, str]:
        return {
            "weights": cards.digest(self.classifier),
            "images": fitting_set(self.classifier, self.dataset, self.split).digest(),
        }


def chosen(count: int, limit: int) -> np.ndarray:
    """At most `limit` indices spread evenly over `count` images; all of them where limit is 0."""
    if count == 0:
        raise DataError("The image set is empty, so there is nothing to classify.")
    size = min(limit, count) if limit else count
    return (np.arange(size) * count // size).astype(np.int64)
