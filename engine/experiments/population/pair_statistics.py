"""The population: barriers of thousands of pairs, for one attack or for all (sec. 4.2, Fig. 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.attacks import ATTACKS, distinct
from engine.classifiers import cards
from engine.experiments import footprint
from engine.experiments.base import POPULATIONS
from engine.experiments.population.drawing import BRANCHES, Branch
from engine.experiments.population.results import AttacksResult, PopulationResult
from engine.experiments.population.shards import Forecast, PairShard, PopulationSpec
from engine.parameters import without

MEASURES = ("height", "gap")

SHARD_VALUES = 450_000
FEWEST, MOST = 2, 10
"""Blocks in a shard: fewer of larger images, so that each is a matter of seconds."""

PAPER = {
    ("real", "height"): {"mean": 2.27, "median": 1.79},
    ("real", "gap"): {"mean": 1.00, "median": 0.47},
    ("adversarial", "height"): {"mean": 5.82, "median": 5.99},
    ("adversarial", "gap"): {"mean": 5.19, "median": 5.30},
}
"""Nats, for GoogLeNet on ImageNet's validation images, 5,000 pairs each (Vrabel et al. 2024, Fig. 6)."""


@dataclass(frozen=True)
class PairStatistics(PopulationSpec):
    """Barriers of many real-real and real-adversarial pairs, and how far they differ."""

    kind = "pair-statistics"
    title = "Population"
    revision = 2
    listed = POPULATIONS
    page = "real-adversarial"
    in_parts = True
    result_class = PopulationResult

    def subject(self) -> str:
        return f"{self.pairs:,} + {self.pairs:,} pairs, {ATTACKS[self.attack.method].title}"

    def doing(self) -> str:
        return f"Measuring {self.words()}"

    def shards(self) -> list[PairShard]:
        """The parts that this population is computed in, the same wherever it is."""
        return [shard for branch in BRANCHES for shard in self._shards(branch)]

    def memory(self) -> int:
        """That of all pairs when they are compared."""
        return footprint.populations(self.pairs, self.points, 1)

    def forecast(self) -> Forecast:
        return Forecast.of(self)

    def _shards(self, branch: Branch) -> Iterator[PairShard]:
        blocks = len(self.draw(branch).blocks)
        shape = cards.card(self.classifier).input_shape
        size = max(FEWEST, min(MOST, SHARD_VALUES // int(np.prod(shape))))
        for first in range(0, blocks, size):
            yield PairShard(
                **self.given(PopulationSpec),
                branch=branch,
                first=first,
                blocks=min(size, blocks - first),
            )


@dataclass(frozen=True)
class AttackPopulations(PopulationSpec):
    """Barriers of real-adversarial pairs for each attack, beside those of real-real pairs.

    Every attack is made with its own settings; which one is chosen makes no difference.
    """

    kind = "attack-populations"
    title = "Population by attack"
    revision = 2
    listed = POPULATIONS
    page = "real-adversarial"
    in_parts = True
    result_class = AttacksResult

    def subject(self) -> str:
        return f"{self.pairs:,} + {self.pairs:,} pairs, all attacks"

    def doing(self) -> str:
        return f"Measuring {self.words()}"

    def populations(self) -> dict[str, PairStatistics]:
        """The population of each attack."""
        return {
            method: PairStatistics(
                **{
                    **self.given(PopulationSpec),
                    "attack": replace(self.attack, method=method),
                    # As in the paper's benchmark, an attack has a target only where it must.
                    "targeted": ATTACKS[method].aims == "must",
                }
            )
            for method in distinct()
        }

    def relevant(self) -> dict[str, Any]:
        """With the settings of every attack; which one is chosen and whether it is aimed is not."""
        values = without(super().relevant(), "targeted")
        return {**values, "attack": self.attack.relevant_to(distinct())}

    def check(self) -> None:
        """Whether there is a target follows from the attack here."""

    def shards(self) -> list[PairShard]:
        """The parts of all populations, those that they share once."""
        parts = [part for spec in self.populations().values() for part in spec.shards()]
        return list({part.canonical(): part for part in parts}.values())

    def memory(self) -> int:
        """That of the pairs of one attack when they are compared, beside the tables of the others."""
        return footprint.populations(self.pairs, self.points, len(distinct()))

    def forecast(self) -> Forecast:
        return Forecast.of(self, every_attack=True)
