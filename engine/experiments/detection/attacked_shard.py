"""A part of a benchmark's images: some that are correctly classified, and what an attack makes of them.

Every detector of a benchmark, and every benchmark with the same images and attack, takes these same
pictures from the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from engine.attacks.settings import AttackSettings
from engine.experiments.detection.spec import BenchmarkSpec
from engine.parameters import Parameter

SHARD = 100
"""Images of a part; as many as the published detectors have in a minibatch."""


@dataclass(frozen=True)
class AttackedShard(BenchmarkSpec):
    """Some images, attacked. A benchmark makes these; there is no need to run one by hand."""

    kind: ClassVar[str] = "attacked-shard"
    title: ClassVar[str] = "Part of a benchmark's attacked images"
    revision: ClassVar[int] = 1
    part_of: ClassVar[str] = "detection"

    attack: Annotated[AttackSettings, Parameter("The attack.")] = field(
        default_factory=lambda: AttackSettings(method="fgsm")
    )
    first: Annotated[int, Parameter("Number of its first image.", low=0)] = 0
    count: Annotated[int, Parameter("Images in it.", unit="images", low=1, high=SHARD)] = SHARD

    def subject(self) -> str:
        return f"{self.title}, from image {self.first}"
