"""The verdict on images: whether each is an attack, how sure that is, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from engine.datasets import load_dataset
from engine.experiments.base import Spec
from engine.experiments.detection.contestants import decider_of
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.results import VerdictResult
from engine.experiments.groups import DETECTION, Group
from engine.experiments.images.references import image_digest, index_of
from engine.experiments.result import Result
from engine.parameters import Parameter
from engine.progress import Reporter
from engine.words import counted

if TYPE_CHECKING:
    pass


MOST = 200
"""Images of one verdict at most."""


@dataclass(frozen=True)
class Verdict(Spec):
    """Whether images are attacks on a classifier, by detectors that a benchmark fitted."""

    kind: ClassVar[str] = "verdict"
    title: ClassVar[str] = "Verdict"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = DETECTION
    page: ClassVar[str] = "detector"
    result_class: ClassVar[type[Result]] = VerdictResult

    benchmark: Annotated[Detection, Parameter("The benchmark whose detectors judge.")] = field(
        default_factory=Detection
    )
    images: Annotated[
        tuple[str, ...],
        Parameter("Images: index in the image set, file:PATH or upload:DIGEST.", most=MOST),
    ] = ("0",)
    false_alarms: Annotated[
        float,
        Parameter(
            "Share of clean images that may be called attacks.",
            low=0.005,
            high=0.5,
            label="False-positive rate",
        ),
    ] = 0.05

    def subject(self) -> str:
        return f"{self.title} on {counted(len(self.images), 'images')}"

    def origin(self) -> str:
        return self.benchmark.origin()

    def fetch(self, report: Reporter) -> None:
        self.benchmark.fetch(report)

    def digests(self) -> dict[str, str]:
        of = self.benchmark
        numbers = [one for one in self.images if ":" not in one]
        digests = of.digests()
        if numbers:
            data = load_dataset(of.dataset, of.split)
            digests["judged"] = data.digest([index_of(one, len(data)) for one in numbers])
        for k, reference in enumerate(self.images):
            if reference.startswith("file:"):
                digests[f"image {k}"] = image_digest(of, reference)
        return digests

    @property
    def decider(self) -> str:
        """The contestant whose score is the verdict."""
        return decider_of(self.benchmark.detectors)
