"""Percolation: the order parameter and the threshold in 2 to 7 dimensions, beside mean field."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import ParameterError
from engine.experiments import footprint
from engine.experiments.base import Spec
from engine.experiments.groups import THEORY
from engine.experiments.theory.results import PercolationResult
from engine.parameters import SEEDS, advanced, parameter, within


@dataclass(frozen=True)
class Percolation(Spec):
    """Site percolation on hypercubic lattices by Monte Carlo, beside its mean-field theory."""

    kind = "percolation"
    title = "Percolation"
    revision = 1
    listed = THEORY
    page = "untrained"
    result_class = PercolationResult

    lowest: int = parameter(2, "Dimensions of the first lattice.", within(2, 7, "dimensions"))
    highest: int = parameter(7, "Dimensions of the last lattice.", within(2, 7, "dimensions"))
    sites: int = parameter(40_000, "Sites of each lattice, about.", within(100, 2_000_000, "sites"))
    lattices: int = parameter(10, "Lattices drawn in each dimension.", within(2, 1000, "lattices"))
    points: int = advanced(
        40, "Values of p, half of them where the largest cluster appears.", within(6, 400, "points")
    )
    samples: int = advanced(
        120,
        "Lattices for a threshold; a tenth as many invaded clusters.",
        within(20, 10_000, "lattices"),
    )
    steps: int = advanced(20_000, "Sites of an invaded cluster.", within(100, 10**6, "sites"))
    seed: int = advanced(0, "Seed of every lattice.", SEEDS)

    def subject(self) -> str:
        return f"{self.title}, {self.lowest} to {self.highest} dimensions"

    def check(self) -> None:
        if self.lowest > self.highest:
            raise ParameterError(
                f"lowest: expected at most highest ({self.highest}), got {self.lowest}."
            )

    def memory(self) -> int:
        """That of one lattice and its clusters, or of an invaded one, which has four dimensions or more."""
        invaded = footprint.invaded(self.steps, self.highest) if self.highest > 3 else 0
        return max(footprint.SITE * self.sites, invaded)

    def digests(self) -> dict[str, str]:
        return {}
