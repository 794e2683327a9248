"""Survey: how a classifier sees every image of a set. Pages and experiments pick their modes from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from engine.errors import DataError
from engine.experiments.groups import RANKINGS, Group
from engine.experiments.images.results import SurveyResult
from engine.experiments.images.spec import SetSpec
from engine.experiments.result import Result
from engine.parameters import Parameter

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Survey(SetSpec):
    """Loss and prediction for every image of a set."""

    kind: ClassVar[str] = "survey"
    title: ClassVar[str] = "Survey"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = RANKINGS
    result_class: ClassVar[type[Result]] = SurveyResult

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


def chosen(count: int, limit: int) -> np.ndarray:
    """At most `limit` indices spread evenly over `count` images; all of them where limit is 0."""
    if count == 0:
        raise DataError("The image set is empty, so there is nothing to classify.")
    size = min(limit, count) if limit else count
    return (np.arange(size) * count // size).astype(np.int64)
