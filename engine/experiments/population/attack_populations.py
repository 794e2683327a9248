"""The population for every attack: which attacks leave barriers, and so can be seen by them (sec. 4.2.1).

Attacks that also lower the loss of a wrong class (DeepFool, C&W, the targeted one) end behind a barrier
of their own; those that only raise the loss of the right one (FGSM, BIM, PGD) need not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.attacks import ATTACKS, distinct
from engine.experiments.groups import POPULATIONS
from engine.experiments.population.forecast import Forecast
from engine.experiments.population.pair_shard import PairShard
from engine.experiments.population.pair_statistics import PairStatistics
from engine.experiments.population.results import AttacksResult
from engine.experiments.population.spec import PopulationSpec
from engine.parameters import without


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
                    **self.shared,
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

    def forecast(self) -> Forecast:
        return Forecast.of(self, every_attack=True)
