"""The verdict on images: whether each is an attack, how sure that is, and why."""

from __future__ import annotations

from dataclasses import dataclass

from engine.attacks import ATTACKS
from engine.datasets import load_dataset
from engine.experiments.base import DETECTION, Spec
from engine.experiments.detection.contestants import decider_of
from engine.experiments.detection.detection import Detection, Reasons
from engine.experiments.detection.protocol import BenchmarkSettings
from engine.experiments.detection.results import VerdictResult
from engine.experiments.images.references import image_digest, image_words, index_of
from engine.parameters import nested, parameter, within
from engine.progress import Reporter
from engine.words import counted

MOST = 200
"""Images of one verdict at most."""


def in_set(reference: str) -> str:
    """The index in the image set, "37" of "37" and of "pgd:37"; empty for a file or an upload."""
    scheme, _, index = reference.rpartition(":")
    return index if scheme in ("", *ATTACKS) else ""


@dataclass(frozen=True)
class Verdict(Spec):
    """Whether images are attacks on a classifier, by detectors that a benchmark fitted."""

    kind = "verdict"
    title = "Verdict"
    revision = 6
    listed = DETECTION
    page = "detector"
    result_class = VerdictResult

    benchmark: Detection = nested(Detection, "The benchmark whose detectors judge.")
    images: tuple[str, ...] = parameter(
        ("0",),
        "Images: index in the image set, ATTACK:INDEX, file:PATH or upload:DIGEST.",
        most=MOST,
    )
    false_alarms: float = parameter(
        0.05,
        "Share of clean images that may be called attacks.",
        within(0.005, 0.5),
        label="False-positive rate",
    )

    def subject(self) -> str:
        only = image_words(*self.images) if len(self.images) == 1 else ""
        return f"{self.title} on {only or counted(len(self.images), 'images')}"

    def origin(self) -> str:
        return self.benchmark.origin()

    def fetch(self, report: Reporter) -> None:
        self.benchmark.fetch(report)

    def digests(self) -> dict[str, str]:
        of = self.benchmark
        numbers = [number for one in self.images if (number := in_set(one))]
        digests = of.digests()
        if numbers:
            data = load_dataset(of.dataset, of.split)
            digests["judged"] = data.digest([index_of(one, len(data)) for one in numbers])
        for k, reference in enumerate(self.images):
            if reference.startswith("file:"):
                digests[f"image {k}"] = image_digest(of, reference)
        return digests

    def gradients(self, batch: int) -> int:
        return batch

    def reasons(self) -> Reasons:
        """What the score that decides is usually made of."""
        return Reasons(**self.benchmark.given(BenchmarkSettings), name=self.decider)

    @property
    def decider(self) -> str:
        """The contestant whose score is the verdict."""
        return decider_of(self.benchmark.detectors)
