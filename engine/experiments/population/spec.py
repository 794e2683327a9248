"""What a population and its parts have in common: which pairs, and how each is measured. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from engine.attacks.adam import AdamSettings
from engine.attacks.settings import AttackSettings
from engine.classifiers import cards
from engine.experiments.images.spec import SetSpec
from engine.experiments.population.drawing import Branch, Population, population
from engine.parameters import Parameter

if TYPE_CHECKING:
    pass


def population_attack() -> AttackSettings:
    """The attack of the paper's population (Vrabel et al. 2024, sec. 4.2)."""
    return AttackSettings(adam=AdamSettings(iterations=512, high_frequency_weight=1e-8))


@dataclass(frozen=True)
class PopulationSpec(SetSpec):
    """What a population and its parts have in common: which pairs, and how each is measured."""

    pairs: Annotated[
        int,
        Parameter("Pairs that are kept in each branch.", unit="pairs", low=2, high=1_000_000),
    ] = 5000
    images: Annotated[
        Literal["all", "correct"],
        Parameter(
            "Which images may be the real ends of a pair: all of the class, as in the paper, or those "
            "that are correctly classified.",
            advanced=True,
        ),
    ] = "all"
    points: Annotated[
        int,
        Parameter("Points on each loss curve.", unit="points", low=10, high=10_000, advanced=True),
    ] = 250
    attack: Annotated[AttackSettings, Parameter("How the source image is attacked.")] = field(
        default_factory=population_attack
    )
    targeted: Annotated[
        bool,
        Parameter(
            "The source is attacked towards the class of the real image. Off: towards any class, and "
            "the real image is then one of the class that it is given. Off for attacks that cannot be aimed."
        ),
    ] = True
    seed: Annotated[
        int,
        Parameter("Seed of the draw of pairs.", low=0, high=2**31 - 1, advanced=True),
    ] = 0

    def check(self) -> None:
        self.attack.check_aim(self.targeted)

    def draw(self, branch: Branch) -> Population:
        """The blocks of a branch."""
        _, labels = self.labelled()
        classes = len(cards.card(self.classifier).classes)
        return population(labels, classes, self.pairs, branch, self.seed)
