"""Survey: how a classifier sees the images of a set, or of a class. Pages and experiments choose from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.classifiers.labels import UNKNOWN, class_index
from engine.errors import DataError
from engine.experiments.base import RANKINGS
from engine.experiments.images.results import SurveyResult
from engine.experiments.images.spec import SetSpec
from engine.parameters import parameter, within


@dataclass(frozen=True)
class Survey(SetSpec):
    """Loss and prediction for every image of a set, or of one of its classes."""

    kind = "survey"
    title = "Survey"
    revision = 1
    listed = RANKINGS
    result_class = SurveyResult

    limit: int = parameter(
        0, "Images, evenly spread over the set. 0 takes all.", within(0, 10_000_000, "images")
    )

    label: str = parameter(
        "",
        "The class whose images are ranked: what the set says is of it, and what it says nothing of. "
        "Empty: every image.",
        label="Class",
    )

    def relevant(self) -> dict[str, Any]:
        kept = super().relevant()
        return kept if self.label else {name: kept[name] for name in kept if name != "label"}

    def subject(self) -> str:
        return f"Images of {self.label} ranked by loss" if self.label else "Images ranked by loss"

    def doing(self) -> str:
        of = f" of {self.label}" if self.label else ""
        return f"Ranking images{of} by loss: {self.origin()}"

    def index(self, labels: np.ndarray, classes: Sequence[str]) -> np.ndarray:
        """The images that are ranked, of a set whose images have these `labels` (N,) among the `classes`.

        DataError where there are none of the class.
        """
        if not self.label:
            return chosen(len(labels), self.limit)
        wanted = class_index(self.label, classes)
        members = np.flatnonzero((labels == wanted) | (labels == UNKNOWN))
        if not len(members):
            raise DataError(
                f"{self.dataset} ({self.split}) has no image of the class {self.label!r}. Choose "
                "another class, or another image set."
            )
        return members[chosen(len(members), self.limit)]


def chosen(count: int, limit: int) -> np.ndarray:
    """At most `limit` indices spread evenly over `count` images; all of them where limit is 0."""
    if count == 0:
        raise DataError("The image set is empty, so there is nothing to classify.")
    size = min(limit, count) if limit else count
    return (np.arange(size) * count // size).astype(np.int64)
