"""A part of a benchmark's images: some that are correctly classified, and what an attack makes of them.

Every detector of a benchmark, and every benchmark with the same images and attack, takes these same
pictures from the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.attacks.settings import AttackSettings
from engine.experiments.detection.spec import BenchmarkSpec
from engine.parameters import nested, parameter, within

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
