"""Theory: percolation, and the conjecture about random networks (Vrabel et al. 2024, sec. 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import ParameterError
from engine.experiments import footprint
from engine.experiments.base import THEORY, Spec
from engine.experiments.theory.results import ConjectureResult, PercolationResult
from engine.parameters import SEEDS, advanced, parameter, within

LARGEST_CNN = 1024


@dataclass(frozen=True)
class Conjecture(Spec):
    """Fraction of pairs of random inputs that a path joins, for networks at initialisation."""

    kind = "conjecture"
    title = "Conjecture 5.1"
    revision = 1
    listed = THEORY
    page = "untrained"
    result_class = ConjectureResult

    network: Literal["mlp", "cnn"] = parameter(
        "mlp", "Multilayer perceptrons, or small residual CNNs (square inputs, many times slower)."
    )
    smallest: int = parameter(2, "Smallest input dimension.", within(2, 4096, "numbers"))
    largest: int = parameter(
        4096, "Largest; the powers of two up to it are tried.", within(2, 65_536, "numbers")
    )
    tolerances: tuple[float, ...] = parameter(
        (0.05, 0.2, 0.5),
        "Values of delta in standard deviations of f over random inputs.",
        within(1e-12, 10),
        collection=True,
    )
    rounds: int = parameter(4, "Rounds of barrier bypass at most.", within(0, 6, "rounds"))
    networks: int = parameter(
        16, "Random networks for each dimension.", within(1, 1000, "networks")
    )
    pairs: int = parameter(10, "Pairs for each network and tolerance.", within(1, 1000, "pairs"))
    width: int = advanced(256, "Units of a hidden layer (MLP).", within(1, 8192, "units"))
    depth: int = advanced(3, "Hidden layers (MLP).", within(1, 20, "layers"))
    activation: Literal["relu", "tanh"] = advanced("relu", "Activation of the hidden layers (MLP).")
    steps: int = advanced(200, "Steps of a bypass at most.", within(1, 10_000, "steps"))
    step_length: float = advanced(
        0.05,
        "Adam's step size times the root of the input dimension.",
        within(1e-4, 10, "input distance"),
    )
    points: int = advanced(
        32, "Points a segment that are searched; 4 times as many verify.", within(4, 1000, "points")
    )
    grid: int = advanced(
        256, "Cells a side of the map of two dimensions. 0: no map.", within(0, 1024, "cells")
    )
    seed: int = advanced(0, "Seed of networks and inputs.", SEEDS)

    def subject(self) -> str:
        span = f"{self.smallest:,} to {self.largest:,} dimensions"
        return f"{self.title}, {self.network.upper()}s in {span}"

    def check(self) -> None:
        if self.network == "cnn" and self.largest > LARGEST_CNN:
            raise ParameterError(
                f"largest: expected at most {LARGEST_CNN} numbers for CNNs, got {self.largest}."
            )
        if not self.dimensions:
            what = "square power of two" if self.network == "cnn" else "power of two"
            raise ParameterError(
                f"No {what} lies between smallest ({self.smallest}) and largest ({self.largest})."
            )

    @property
    def dimensions(self) -> list[int]:
        """The powers of two that are tried; of those the squares, for CNNs."""
        exponents = range(1, 17, 1) if self.network == "mlp" else range(2, 17, 2)
        return [2**k for k in exponents if self.smallest <= 2**k <= self.largest]

    def memory(self) -> int:
        """That of the weights of a multilayer perceptron, and of the nodes of all pairs' paths."""
        largest = self.dimensions[-1]
        weights = self.width * (largest + (self.depth - 1) * self.width)
        held = 2 * footprint.FLOAT * weights if self.network == "mlp" else 0
        return footprint.LOADED + held + footprint.paths(self.pairs, self.rounds, largest)

    def digests(self) -> dict[str, str]:
        return {}


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
