"""Parts of a benchmark of detectors: what a detector keeps of the references, and features of images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from engine.attacks.settings import AttackSettings
from engine.experiments.detection.attacked_shard import SHARD, AttackedShard
from engine.experiments.detection.detector_study import DetectorSpec
from engine.experiments.detection.spec import BenchmarkSpec
from engine.parameters import Parameter, fields_of, without

if TYPE_CHECKING:
    pass

Sample = Literal["clean", "attacked", "rounded", "wrong", "noisy"]
"""Correctly classified clean images; those attacked, as they are and with 8 bits a value; clean ones
that are misclassified; and clean ones with uniform noise."""

ATTACKED = ("attacked", "rounded")
"""The samples that an attack has made."""


@dataclass(frozen=True)
class FeatureShard(DetectorSpec):
    """Features of some images. A benchmark makes these; there is no need to run one by hand."""

    kind: ClassVar[str] = "feature-shard"
    title: ClassVar[str] = "Part of a benchmark's features"
    revision: ClassVar[int] = 1
    part_of: ClassVar[str] = "detection"

    sample: Annotated[Sample, Parameter("Which images.")] = "clean"
    attack: Annotated[AttackSettings, Parameter("The attack.")] = field(
        default_factory=lambda: AttackSettings(method="fgsm")
    )
    first: Annotated[int, Parameter("Number of its first image.", low=0)] = 0
    count: Annotated[int, Parameter("Images in it.", unit="images", low=1, high=SHARD)] = SHARD

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
