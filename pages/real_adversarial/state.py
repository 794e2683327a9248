"""What the view remembers: its desk, and the pictures and the attack that are chosen on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.attacks.settings import AttackSettings
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.finders.settings import ConnectSettings
from pages.shared.desk import Desk

DESK = Desk(
    "ra",
    RealAdversarial,
    {"first": "A", "source": "K", "second": "C"},
    groups={"targeted": "attack", "seed": "attack"},
)

START = {"first": "1223", "source": "919", "second": "666"}
"""What a first visit shows: three of the default set for the default classifier, a telling case."""

STRAIGHT_ONLY = ConnectSettings(rounds=0)


@dataclass(frozen=True)
class Aim:
    """How K is attacked, whether towards A's class, and the seed of attacks that start at random."""

    attack: AttackSettings = field(default_factory=AttackSettings)
    targeted: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Choice:
    """A, K and C, and the attack; a reference "" leaves the choice to the engine."""

    classifier: str
    dataset: str
    split: str
    label: str
    first: str
    source: str
    second: str
    aim: Aim = field(default_factory=Aim)

    def spec(self, **more: object) -> RealAdversarial:
        """The experiment on these pictures.

        The class matters only where the engine chooses A and C, and neither where K′ decides on it.
        """
        free = not self.aim.targeted
        first, second = ("", "") if free else (self.first, self.second)
        label = "" if free or first or second else self.label
        return RealAdversarial(
            classifier=self.classifier,
            dataset=self.dataset,
            split=self.split,
            label=label,
            first=first,
            source=self.source,
            second=second,
            attack=self.aim.attack,
            targeted=self.aim.targeted,
            seed=self.aim.seed,
            **more,  # type: ignore[arg-type]
        )

    def straight(self) -> RealAdversarial:
        """The attack and the straight paths alone."""
        return replace(self.spec(plane_resolution=0), connect=STRAIGHT_ONLY)
