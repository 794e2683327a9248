"""The benchmark of detectors: five attacks, every detector, one table (Vrabel et al. 2024, Table 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.attacks import ATTACKS
from engine.experiments.base import DETECTION, Spec
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.parts import AttackedShard, FeatureShard
from engine.experiments.detection.protocol import PIXELS, UNSEEN, BenchmarkSettings
from engine.experiments.detection.results import BenchmarkResult
from engine.parameters import nested, parameter
from engine.words import counted

if TYPE_CHECKING:
    from engine.experiments.detection.parts import Sample


@dataclass(frozen=True)
class Judgement(BenchmarkSettings):
    """What one detector is worth. A benchmark makes these, one for each contestant."""

    kind = "detector-judgement"
    title = "One detector of a benchmark"
    revision = 5
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


MOST_GRADIENTS = 1000
"""Attacks that take more an image are left out: what they leave is not worth hours here."""


class Reasons(Judgement):
    """A benchmark has these of the detector that decides, computed with its first verdict."""

    kind = "detector-reasons"
    title = "What a detector's score is made of"
    revision = 5
    part_of = "detection"

    def judgement(self) -> Judgement:
        """The detector, fitted."""
        return Judgement(**self.given(Judgement))

    def samples(self) -> tuple[FeatureShard, list[FeatureShard]]:
        """The features of clean images, and those of the same after each attack, as files keep them."""
        costs = {name: ATTACKS[name](self.attack.of(name)).gradients() for name in self.attacks}
        quick = [name for name in costs if costs[name] <= MOST_GRADIENTS] or [*costs]
        attacked = [self.feature_shards(self.name, "rounded", name)[0] for name in quick]
        return self.feature_shards(self.name, "clean")[0], attacked


NAMED = 3
"""So many attacks are named; of more it is told how many they are."""


@dataclass(frozen=True)
class Detection(BenchmarkSettings):
    """How well each detector tells attacked images from their clean twins, attack by attack."""

    kind = "detection"
    title = "Detector benchmark"
    revision = 5
    listed = DETECTION
    page = "detector"
    in_parts = True
    result_class = BenchmarkResult

    detectors: tuple[str, ...] = nested(
        lambda: tuple(CONTESTANTS),
        "Detectors that compete; all of them at first.",
        collection=True,
        choices=CONTESTANTS,
    )

    def subject(self) -> str:
        few = ", ".join(ATTACKS[name].title for name in self.attacks)
        attacks = few if len(self.attacks) <= NAMED else counted(len(self.attacks), "attacks")
        return f"{self.title}, {counted(self.images, 'images')}, {attacks}"

    @property
    def contestants(self) -> tuple[str, ...]:
        return self.detectors

    def judgements(self) -> list[Judgement]:
        """One for each contestant."""
        return [Judgement(**self.given(BenchmarkSettings), name=name) for name in self.detectors]

    def attacked(self) -> dict[tuple[str, str], list[AttackedShard]]:
        """The parts that attacks are made in, by attack and by what it aims at: floats, or files too."""
        aims = PIXELS if self.attack.survive != "no" else {"float": PIXELS["float"]}
        return {
            (name, pixels): self.attacked_shards(name, sample)
            for name in self.attacks
            for pixels, sample in aims.items()
        }

    def shards(self) -> list[Spec]:
        """The parts that it is computed in: attacked images, then features, then judgements."""
        attacked = [part for parts in self.attacked().values() for part in parts]
        judgements = self.judgements()
        features = [part for judgement in judgements for part in judgement.parts()]
        return list({part.key(): part for part in (*attacked, *features, *judgements)}.values())
