"""One detector of a benchmark, judged: fitted to each attack and to all, and tested on every attack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.protocol import (
    NEGATIVES,
    PIXELS,
    BenchmarkSettings,
)
from engine.parameters import Parameter

if TYPE_CHECKING:
    from engine.experiments.detection.feature_shard import FeatureShard, Sample


@dataclass(frozen=True)
class Judgement(BenchmarkSettings):
    """What one detector is worth. A benchmark makes these, one for each contestant."""

    kind: ClassVar[str] = "detector-judgement"
    title: ClassVar[str] = "One detector of a benchmark"
    revision: ClassVar[int] = 1
    part_of: ClassVar[str] = "detection"

    name: Annotated[str, Parameter("Contestant.", choices=CONTESTANTS)] = "mode-connectivity"

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
        samples: tuple[Sample, ...] = ("clean", *NEGATIVES)
        others = [shard for sample in samples for shard in self.feature_shards(self.name, sample)]
        return [*others, *attacked]
