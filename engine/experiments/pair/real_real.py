"""Real-real: join two images of one class by a path of low loss (Vrabel et al. 2024, sec. 4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from engine.classifiers import cards
from engine.declared import CurvePoints
from engine.experiments.groups import CONNECTIONS, STRAIGHT, Group
from engine.experiments.images.references import image_digests, image_words, needs_set
from engine.experiments.images.spec import SetSpec
from engine.experiments.pair.results import PairResult
from engine.experiments.result import Result
from engine.finders.settings import ConnectSettings
from engine.parameters import Parameter
from engine.progress import Reporter
from engine.words import capitalised


@dataclass(frozen=True)
class RealReal(SetSpec):
    """Connect two images that a classifier gives the same label."""

    kind: ClassVar[str] = "real-real"
    title: ClassVar[str] = "Real–real"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = CONNECTIONS
    page: ClassVar[str] = "real-real"
    result_class: ClassVar[type[Result]] = PairResult

    label: Annotated[
        str, Parameter("Class of both images. Empty: the class of the first image.", label="Class")
    ] = ""
    first: Annotated[
        str,
        Parameter(
            "First image: an index into the set, file:PATH, or upload:DIGEST. Empty: the image of "
            "the class with the lowest loss.",
            label="First image",
        ),
    ] = ""
    second: Annotated[
        str,
        Parameter(
            "Second image, as the first. Empty: the image of the class with the lowest loss but "
            "one.",
            label="Second image",
        ),
    ] = ""
    connect: Annotated[ConnectSettings, Parameter("How the path is searched.")] = field(
        default_factory=ConnectSettings
    )
    points: CurvePoints = 1000
    plane_resolution: Annotated[
        int,
        Parameter(
            "Points a side of the loss plane through both images and the new node. 0: no plane.",
            unit="points",
            low=0,
            high=401,
            advanced=True,
        ),
    ] = 41

    @property
    def group(self) -> Group:
        return self.listed if self.connect.rounds else STRAIGHT

    def subject(self) -> str:
        return capitalised(f"{image_words(self.first)} to {image_words(self.second)}")

    def doing(self) -> str:
        line = f"{image_words(self.first)} to {image_words(self.second)}, {self.origin()}"
        return f"{'Connecting' if self.connect.rounds else 'Straight path:'} {line}"

    def fetch(self, report: Reporter) -> None:
        if needs_set(self):
            super().fetch(report)

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier), **image_digests(self)}
