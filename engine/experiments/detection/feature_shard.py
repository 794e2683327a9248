"""Parts of a benchmark of detectors: what a detector keeps of the references, and features of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.attacks.settings import AttackSettings
from engine.detectors.altering import KINDS
from engine.experiments.detection.attacked_shard import SHARD, AttackedShard
from engine.experiments.detection.detector_study import DetectorSpec
from engine.experiments.detection.spec import BenchmarkSpec
from engine.parameters import fields_of, nested, parameter, within, without

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
    revision = 1
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
        values: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields_of(BenchmarkSpec)}
        return AttackedShard(**values, attack=self.attack, first=self.first, count=self.count)
