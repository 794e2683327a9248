"""Populations of pairs and their parts: which pairs, how each is measured, how long that takes. No torch."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.attacks import ATTACKS
from engine.attacks.adam import AdamSettings
from engine.attacks.settings import AttackSettings
from engine.classifiers import cards
from engine.declared import CurveTolerance
from engine.experiments import footprint
from engine.experiments.images.spec import SetSpec
from engine.experiments.population.drawing import Block, Branch, Population, population
from engine.experiments.population.results import ForecastResult
from engine.finders.settings import ConnectSettings
from engine.parameters import SEEDS, advanced, nested, parameter, within, without


def population_attack() -> AttackSettings:
    """The attack of the paper's population (Vrabel et al. 2024, sec. 4.2)."""
    return AttackSettings(adam=AdamSettings(iterations=512, high_frequency_weight=1e-8))


@dataclass(frozen=True)
class PopulationSpec(SetSpec):
    """What a population and its parts have in common: which pairs, and how each is measured."""

    pairs: int = parameter(
        5000, "Pairs that are kept in each branch.", within(2, 1_000_000, "pairs")
    )
    images: Literal["all", "correct"] = advanced(
        "all",
        "Images that may be the real ends of a pair: all, as in the paper, or those classified "
        "correctly.",
    )
    points: int = advanced(250, "Points on each loss curve.", within(10, 10_000, "points"))
    tolerance: CurveTolerance = 0.0
    attack: AttackSettings = nested(population_attack, "How the source image is attacked.")
    targeted: bool = parameter(
        True,
        "The source is attacked towards the class of the real image. Off: towards any class, "
        "and the real image is one of the class where it lands.",
    )
    connect: ConnectSettings = nested(
        lambda: ConnectSettings(rounds=0),
        "How the pairs are joined as well. Without rounds, only their straight paths are measured.",
    )
    seed: int = advanced(0, "Seed of the draw of pairs.", SEEDS)

    def relevant(self) -> dict[str, Any]:
        """Without how a path is searched, where none is, and without a tolerance of none."""
        used = {"connect": self.connect.rounds, "tolerance": self.tolerance}
        return without(super().relevant(), *(name for name in used if not used[name]))

    def check(self) -> None:
        self.attack.check_aim(self.targeted)

    def gradients(self, batch: int) -> int:
        return max(batch, footprint.bent(batch, self.connect, batch))

    def draw(self, branch: Branch) -> Population:
        """The blocks of a branch."""
        _, labels = self.labelled()
        classes = len(cards.card(self.classifier).classes)
        return population(labels, classes, self.pairs, branch, self.seed)


@dataclass(frozen=True)
class PairShard(PopulationSpec):
    """Some blocks of a population. A sweep makes them; there is no need to run one by hand."""

    kind = "pair-shard"
    title = "Part of a population"
    revision = 2
    part_of = "pair-statistics"

    branch: Branch = parameter("real", "Real or adversarial pairs.")
    first: int = parameter(0, "Number of its first block.", within(0))
    blocks: int = parameter(1, "Blocks in it.", within(1, unit="blocks"))

    def subject(self) -> str:
        made = "real" if self.branch == "real" else ATTACKS[self.attack.method].title
        last = self.first + self.blocks - 1
        return f"Part of {self.pairs:,} pairs, {made}, blocks {self.first} to {last}"

    def relevant(self) -> dict[str, Any]:
        """Real pairs know of no attack, so all attacks share these shards."""
        values = super().relevant()
        return values if self.branch == "adversarial" else without(values, "attack", "targeted")

    def own_blocks(self) -> tuple[Block, ...]:
        """The blocks that this shard measures."""
        return self.draw(self.branch).blocks[self.first : self.first + self.blocks]


REAL = "real"

Parts = Mapping[str, tuple[int, int]]
"""What is measured, "real" or an attack -> how many of its parts are stored, of how many."""


@dataclass(frozen=True)
class Forecast(PopulationSpec):
    """The time that a population will take on the devices of this machine."""

    kind = "forecast"
    title = "Forecast"
    revision = 1
    part_of = "pair-statistics"
    result_class = ForecastResult

    every_attack: bool = parameter(
        False, "For the populations of all attacks, not of the chosen one alone."
    )

    def subject(self) -> str:
        attack = "all attacks" if self.every_attack else ATTACKS[self.attack.method].title
        return f"Timing a pair, {attack}"

    def relevant(self) -> dict[str, Any]:
        """With the settings of every attack where it is asked for all."""
        values = super().relevant()
        if self.every_attack:
            values["attack"] = self.attack.to_dict()
        return values

    def check(self) -> None:
        """Any combination can be timed."""

    @classmethod
    def of(cls, spec: PopulationSpec, every_attack: bool = False) -> Forecast:
        """The forecast for a population, or for those of all attacks."""
        return cls(**spec.given(PopulationSpec), every_attack=every_attack)

    def digests(self) -> dict[str, str]:
        return {**super().digests(), "machine": f"{platform.node()} {platform.processor()}"}


def parts_stored(shards: Iterable[PairShard], is_stored: Callable[[PairShard], bool]) -> Parts:
    """What is stored of a sweep that is computed in these parts."""
    found: dict[str, list[bool]] = {}
    for shard in shards:
        name = REAL if shard.branch == REAL else shard.attack.method
        found.setdefault(name, []).append(is_stored(shard))
    return {name: (sum(there), len(there)) for name, there in found.items()}


def seconds_left(numbers: Mapping[str, Any], pairs: int, parts: Parts) -> float:
    """Seconds for the parts that are missing; `numbers` has the seconds a pair on one device."""
    a_pair = {REAL: numbers["real_s"], **numbers["adversarial_s"]}
    missing = {name: 1 - stored / count for name, (stored, count) in parts.items() if count}
    return float(sum(pairs * a_pair[name] * part for name, part in missing.items()))
