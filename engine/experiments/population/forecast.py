"""How long a population will take, measured before it begins: a few passes on each device that is here."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.attacks import ATTACKS
from engine.experiments.population.results import ForecastResult
from engine.experiments.population.spec import PopulationSpec
from engine.parameters import parameter

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
        return cls(**spec.shared, every_attack=every_attack)

    def digests(self) -> dict[str, str]:
        return {**super().digests(), "machine": f"{platform.node()} {platform.processor()}"}


def seconds_left(numbers: Mapping[str, Any], pairs: int, parts: Parts) -> float:
    """Seconds for the parts that are missing; `numbers` has the seconds a pair on one device."""
    a_pair = {REAL: numbers["real_s"], **numbers["adversarial_s"]}
    missing = {name: 1 - stored / count for name, (stored, count) in parts.items() if count}
    return float(sum(pairs * a_pair[name] * part for name, part in missing.items()))
