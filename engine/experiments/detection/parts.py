"""The parts that a benchmark of detectors is computed in, and what these have in common. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.attacks.settings import AttackSettings
from engine.classifiers import cards
from engine.datasets import load_dataset
from engine.detectors import DETECTORS
from engine.detectors.altering import KINDS
from engine.detectors.settings import DetectorSettings
from engine.experiments import footprint
from engine.experiments.base import Context, Spec
from engine.experiments.images.spec import SetSpec, fitting_set
from engine.experiments.images.survey import Survey
from engine.images import to_pixels
from engine.parameters import SEEDS, advanced, nested, parameter, within, without
from engine.progress import SILENT, Reporter
from engine.random import generator


@dataclass(frozen=True)
class BenchmarkSpec(SetSpec):
    """What a benchmark of detectors and its parts have in common: which images they are made of."""

    split: str = advanced("test", "Part of the image set that is attacked.")
    seed: int = advanced(0, "Seed of all that is random.", SEEDS)

    def gradients(self, batch: int) -> int:
        return batch

    def pictures(self, index: np.ndarray, split: str = "") -> np.ndarray:
        """Pictures of the set as the classifier takes them, float32 (n, C, H, W) in [0, 1]."""
        return to_pixels(self.seen_set(split).batch(index))

    def select_images(
        self, context: Context, correct: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Indices and labels of all correctly classified images, or of all others, in random order."""
        found = context.findings_of(Survey(self.classifier, self.dataset, self.split), SILENT)
        label, prediction = found.arrays["label"], found.arrays["prediction"]
        rows = np.flatnonzero((label >= 0) & ((label == prediction) == correct))
        rows = rows[generator(self.seed, f"benchmark/{correct}").permutation(len(rows))]
        return found.arrays["index"][rows], label[rows]


@dataclass(frozen=True)
class KnownSpec(BenchmarkSpec):
    """A benchmark with the clean images that its detectors know."""

    references: int = parameter(
        2000,
        "Training images that the detectors know as clean. 0: none, what they measure from is made "
        "from noise.",
        within(0, 10_000_000, "images"),
    )

    def memory(self) -> int:
        """That of the pictures that the detectors know."""
        there = len(load_dataset(self.dataset, self.known_split)) if self.references else 0
        return footprint.known(min(self.references, there), footprint.values_of(self.classifier))

    @property
    def known_split(self) -> str:
        """The part of the set that these images come from; without any, that part need not be there."""
        return "train" if self.references else self.split

    def fetch(self, report: Reporter) -> None:
        super().fetch(report)
        load_dataset(self.dataset, self.known_split, report=report)

    def digests(self) -> dict[str, str]:
        known = fitting_set(self.classifier, self.dataset, self.known_split)
        return {**super().digests(), "references": known.digest()}


@dataclass(frozen=True)
class Known(KnownSpec):
    """Those images: places, labels, losses, logits; what they look like, and how far out others are."""

    kind = "known-images"
    title = "Clean images that detectors know"
    revision = 3
    part_of = "detection"


SHARD = 100
"""Images of a part; as many as the published detectors have in a minibatch."""


@dataclass(frozen=True)
class AttackedShard(BenchmarkSpec):
    """Some images, attacked. A benchmark makes these; there is no need to run one by hand."""

    kind = "attacked-shard"
    title = "Part of a benchmark's attacked images"
    revision = 1
    part_of = "detection"

    attack: AttackSettings = nested(lambda: AttackSettings(method="fgsm"), "The attack.")
    first: int = parameter(0, "Number of its first image.", within(0))
    count: int = parameter(SHARD, "Images in it.", within(1, SHARD, "images"))

    def subject(self) -> str:
        return f"{self.title}, from image {self.first}"


@dataclass(frozen=True)
class DetectorSpec(KnownSpec):
    """One detector of a benchmark."""

    detector: str = parameter("mode-connectivity", "Detector.", choices=DETECTORS)
    settings: DetectorSettings = nested(DetectorSettings, "Settings of the detectors.")

    def relevant(self) -> dict[str, Any]:
        """With the settings of its own detector."""
        return {**super().relevant(), "settings": self.settings.relevant_to([self.detector])}


@dataclass(frozen=True)
class Study(DetectorSpec):
    """What a detector keeps of the references. A benchmark makes these."""

    kind = "detector-study"
    title = "What a detector keeps of clean images"
    revision = 2
    part_of = "detection"

    def subject(self) -> str:
        return f"{self.title}, {self.detector}"

    def known(self) -> Known:
        """The clean images that it is given."""
        return Known(**self.given(KnownSpec))


Sample = str
"""One of `SAMPLES`."""

SAMPLES = ("clean", "attacked", "rounded", "spoilt", "wrong", "altered", "plain", *KINDS)
"""Correctly classified clean images; those attacked, as they are, with 8 bits a value, and altered after
that; clean ones that are misclassified; altered copies of the clean ones, to learn from; and other clean
images, plain and altered in each way."""

ATTACKED = ("attacked", "rounded", "spoilt")
"""The samples that an attack has made."""

AS_FILES = ("rounded", "spoilt")
"""Those of them that have 8 bits a value."""


@dataclass(frozen=True)
class FeatureShard(DetectorSpec):
    """Features of some images. A benchmark makes these; there is no need to run one by hand."""

    kind = "feature-shard"
    title = "Part of a benchmark's features"
    revision = 3
    part_of = "detection"

    sample: Sample = parameter("clean", "Which images.", choices=SAMPLES)
    attack: AttackSettings = nested(lambda: AttackSettings(method="fgsm"), "The attack.")
    first: int = parameter(0, "Number of its first image.", within(0))
    count: int = parameter(SHARD, "Images in it.", within(1, SHARD, "images"))

    def subject(self) -> str:
        return f"{self.title}, {self.detector}, from image {self.first}"

    def relevant(self) -> dict[str, Any]:
        """Without the attack where the images are not attacked."""
        values = super().relevant()
        return values if self.sample in ATTACKED else without(values, "attack")

    def attacked_shard(self) -> AttackedShard:
        """The part that attacks these images."""
        return AttackedShard(**self.given(AttackedShard))


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
