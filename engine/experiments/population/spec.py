"""What a population and its parts have in common: which pairs, and how each is measured. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from engine.attacks.adam import AdamSettings
from engine.attacks.settings import AttackSettings
from engine.classifiers import cards
from engine.experiments.images.spec import SetSpec
from engine.experiments.population.drawing import Branch, Population, population
from engine.finders.settings import ConnectSettings
from engine.parameters import SEEDS, advanced, fields_of, nested, parameter, within, without


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
        """Without how a path is searched, where none is."""
        values = super().relevant()
        return values if self.connect.rounds else without(values, "connect")

    def check(self) -> None:
        self.attack.check_aim(self.targeted)

    @property
    def shared(self) -> dict[str, Any]:
        """The values that a population, its parts and its forecast have in common."""
        return {field.name: getattr(self, field.name) for field in fields_of(PopulationSpec)}

    def draw(self, branch: Branch) -> Population:
        """The blocks of a branch."""
        _, labels = self.labelled()
        classes = len(cards.card(self.classifier).classes)
        return population(labels, classes, self.pairs, branch, self.seed)
