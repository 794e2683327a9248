"""Barrier pair: two images of a class with a barrier between them, where nobody has chosen any."""

from __future__ import annotations

from dataclasses import dataclass

from engine.experiments.groups import RANKINGS
from engine.experiments.images.spec import SetSpec
from engine.experiments.images.survey import Survey
from engine.experiments.pair.results import BarrierPairResult
from engine.parameters import parameter, within
from engine.words import capitalised


@dataclass(frozen=True)
class BarrierPair(SetSpec):
    """Try random pairs of a class until the straight path of one has a barrier that is high enough.

    Some images of the class are ranked, and pairs are drawn from those that are correctly classified
    with a loss below the threshold of a connection, where there are two. Where none has such a barrier,
    the highest one that was met is taken.
    """

    kind = "barrier-pair"
    title = "Pair with a barrier"
    revision = 1
    listed = RANKINGS
    result_class = BarrierPairResult

    label: str = parameter(
        "",
        "Class of both images. Empty: the first one with two that are correctly classified.",
        label="Class",
    )
    limit: int = parameter(
        200, "Images that are ranked at most, 0 for all.", within(0, 10_000_000, "images")
    )
    pairs: int = parameter(24, "Pairs that are tried at most.", within(1, 1000, "pairs"))
    points: int = parameter(17, "Points on the straight path of each.", within(3, 1000, "points"))
    enough: float = parameter(1.0, "A gap that is high enough.", within(0, 1000, "nats"))
    seed: int = parameter(0, "Seed of the draw.", within(0, 2**31 - 1))

    @property
    def survey(self) -> Survey:
        """The ranking of the images that pairs are drawn from."""
        return Survey(self.classifier, self.dataset, self.split, self.limit, self.label)

    @property
    def sought(self) -> str:
        """What is looked for, in words."""
        return f"a pair{f' of {self.label}' if self.label else ''} with a barrier"

    def subject(self) -> str:
        return capitalised(self.sought)

    def doing(self) -> str:
        return f"Looking for {self.sought}: {self.origin()}"
