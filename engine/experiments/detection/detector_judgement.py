"""One detector of a benchmark, judged: fitted to each attack and to all, and tested on every attack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.protocol import (
    PIXELS,
    UNSEEN,
    BenchmarkSettings,
)
from engine.parameters import parameter

if TYPE_CHECKING:
    from engine.experiments.detection.feature_shard import FeatureShard, Sample


@dataclass(frozen=True)
class Judgement(BenchmarkSettings):
    """What one detector is worth. A benchmark makes these, one for each contestant."""

    kind = "detector-judgement"
    title = "One detector of a benchmark"
    revision = 2
    part_of = "detection"

    name: str = parameter("mode-connectivity", "Contestant.", choices=CONTESTANTS)

    def subject(self) -> str:
        return f"{self.title}, {self.name}"

    @property
    def contestants(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def wide(self) -> bool:
        """Whether its features are made anew where they are needed."""
        return CONTESTANTS[self.name].method.wide

    def parts(self) -> list[FeatureShard]:
        """The parts of its features that are stored."""
        if self.wide:
            return []
        attacked = [
            shard
            for attack in self.attacks
            for sample in PIXELS.values()
            for shard in self.feature_shards(self.name, sample, attack)
        ]
        samples: tuple[Sample, ...] = ("clean", "wrong", *UNSEEN)
        if CONTESTANTS[self.name].method.learns_altered:
            samples = (*samples, "altered")
            if self.altered_attacks:
                attacked += [
                    shard
                    for attack in self.attacks
                    for shard in self.feature_shards(self.name, "spoilt", attack)
                ]
        others = [shard for sample in samples for shard in self.feature_shards(self.name, sample)]
        return [*others, *attacked]
