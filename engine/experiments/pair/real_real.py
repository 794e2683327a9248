"""Real-real: join two images of one class by a path of low loss (Vrabel et al. 2024, sec. 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from engine.classifiers import cards
from engine.declared import CurvePoints, CurveTolerance
from engine.experiments import footprint
from engine.experiments.base import CONNECTIONS, RANKINGS, STRAIGHT, Group
from engine.experiments.images.references import ends_words, image_digests, image_words, names_set
from engine.experiments.images.spec import SetSpec
from engine.experiments.images.survey import Survey
from engine.experiments.pair.results import BarrierPairResult, PairResult
from engine.finders.settings import ConnectSettings
from engine.parameters import advanced, nested, parameter, within
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


@dataclass(frozen=True)
class RealReal(SetSpec):
    """Connect two images that a classifier gives the same label."""

    kind = "real-real"
    title = "Real–real"
    revision = 3
    listed = CONNECTIONS
    page = "real-real"
    result_class = PairResult

    label: str = parameter(
        "", "Class of both images. Empty: the class of the first image.", label="Class"
    )
    first: str = parameter(
        "",
        "First image: an index into the set, file:PATH, or upload:DIGEST. Empty: one of the "
        "class; see `choice`.",
        label="First image",
    )
    second: str = parameter(
        "",
        "Second image, as the first. Empty: the other image of the class with the lowest loss.",
        label="Second image",
    )
    choice: Literal["barrier", "lowest"] = parameter(
        "barrier",
        "Which images are taken where both are open: a pair with a barrier between them, which is "
        "looked for among random ones, or the two of lowest loss.",
        advanced=True,
    )
    connect: ConnectSettings = nested(ConnectSettings, "How the path is searched.")
    points: CurvePoints = 1000
    tolerance: CurveTolerance = 0.001
    plane_resolution: int = advanced(
        41,
        "Points a side of the loss plane through both images and the new node. 0: no plane.",
        within(0, 401, "points"),
    )

    @property
    def joined(self) -> JoinedPair | None:
        """The same but for the plane, which is measured last; None where there is no plane to wait for."""
        if not (self.connect.rounds and self.plane_resolution):
            return None
        return JoinedPair(**{**self.given(RealReal), "plane_resolution": 0})

    @property
    def barrier_pair(self) -> BarrierPair | None:
        """What finds the images, where both are open and are to have a barrier between them."""
        if self.first or self.second or self.choice != "barrier":
            return None
        return BarrierPair(self.classifier, self.dataset, self.split, self.label)

    def relevant(self) -> dict[str, Any]:
        kept = super().relevant()
        if self.first or self.second:
            del kept["choice"]
        return kept

    @property
    def group(self) -> Group:
        return super().group if self.connect.rounds else STRAIGHT

    def memory(self) -> int:
        """That of the nodes of its path, which double in each round."""
        values = footprint.values_of(self.classifier)
        return footprint.paths(1, self.connect.rounds, values)

    def gradients(self, batch: int) -> int:
        return footprint.bent(1, self.connect, batch)

    def subject(self) -> str:
        if self.barrier_pair:
            return self.barrier_pair.subject()
        return ends_words(self.first, self.second)

    def doing(self) -> str:
        ends = f"{image_words(self.first)} to {image_words(self.second)}"
        line = f"{self.barrier_pair.sought if self.barrier_pair else ends}, {self.origin()}"
        return f"{'Connecting' if self.connect.rounds else 'Straight path:'} {line}"

    @property
    def needs_set(self) -> bool:
        return names_set(self)

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier), **image_digests(self)}


@dataclass(frozen=True)
class JoinedPair(RealReal):
    """The paths of a real-real pair with their curves: all but the plane, and stored before it."""

    kind = "joined-pair"
    title = "Pair without its plane"
    revision = RealReal.revision
    part_of = RealReal.kind
