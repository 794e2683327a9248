"""Survey: how a classifier sees every image of a set. Pages and experiments pick their modes from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import DataError
from engine.experiments.groups import RANKINGS
from engine.experiments.images.results import SurveyResult
from engine.experiments.images.spec import SetSpec
from engine.parameters import parameter, within


@dataclass(frozen=True)
class Survey(SetSpec):
    """Loss and prediction for every image of a set."""

    kind = "survey"
    title = "Survey"
    revision = 1
    listed = RANKINGS
    result_class = SurveyResult

    limit: int = parameter(
        0, "Images, evenly spread over the set. 0 takes all.", within(0, 10_000_000, "images")
    )

    def subject(self) -> str:
        return "Images ranked by loss"

    def doing(self) -> str:
        return f"Ranking images by loss: {self.origin()}"


def chosen(count: int, limit: int) -> np.ndarray:
    """At most `limit` indices spread evenly over `count` images; all of them where limit is 0."""
    if count == 0:
        raise DataError("The image set is empty, so there is nothing to classify.")
    size = min(limit, count) if limit else count
    return (np.arange(size) * count // size).astype(np.int64)
