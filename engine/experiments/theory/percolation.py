"""Percolation: the order parameter and the threshold in 2 to 7 dimensions, beside mean field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from engine.errors import ParameterError
from engine.experiments.base import Spec
from engine.experiments.groups import THEORY, Group
from engine.experiments.result import Result
from engine.experiments.theory.results import PercolationResult
from engine.parameters import Parameter


@dataclass(frozen=True)
class Percolation(Spec):
    """Site percolation on hypercubic lattices by Monte Carlo, beside its mean-field theory."""

    kind: ClassVar[str] = "percolation"
    title: ClassVar[str] = "Percolation"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = THEORY
    page: ClassVar[str] = "untrained"
    result_class: ClassVar[type[Result]] = PercolationResult

    lowest: Annotated[
        int, Parameter("Dimensions of the first lattice.", unit="dimensions", low=2, high=7)
    ] = 2
    highest: Annotated[
        int, Parameter("Dimensions of the last lattice.", unit="dimensions", low=2, high=7)
    ] = 7
    sites: Annotated[
        int,
        Parameter(
            "Sites of each lattice, about: the side is the nearest whole number.",
            unit="sites",
            low=100,
            high=2_000_000,
        ),
    ] = 40_000
    lattices: Annotated[
        int,
        Parameter("Lattices drawn in each dimension.", unit="lattices", low=2, high=1000),
    ] = 10
    points: Annotated[
        int,
        Parameter(
            "Values of p, half of them spread over 0 to 1, half where the largest cluster appears.",
            unit="points",
            low=6,
            high=400,
            advanced=True,
        ),
    ] = 40
    samples: Annotated[
        int,
        Parameter(
            "Lattices that estimate a threshold in 2 and 3 dimensions; a tenth as many invaded "
            "clusters in more.",
            unit="lattices",
            low=20,
            high=10_000,
            advanced=True,
        ),
    ] = 120
    steps: Annotated[
        int,
        Parameter("Sites of an invaded cluster.", unit="sites", low=100, high=10**6, advanced=True),
    ] = 20_000
    seed: Annotated[
        int, Parameter("Seed of every lattice.", low=0, high=2**31 - 1, advanced=True)
    ] = 0

    def subject(self) -> str:
        return f"{self.title}, {self.lowest} to {self.highest} dimensions"

    def check(self) -> None:
        if self.lowest > self.highest:
            raise ParameterError(
                f"lowest: expected at most highest ({self.highest}), got {self.lowest}."
            )

    def digests(self) -> dict[str, str]:
        return {}
