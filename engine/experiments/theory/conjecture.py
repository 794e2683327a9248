"""Conjecture 5.1 measured: how often random inputs of a random network are joined, by input dimension.

The network's output is one number, f = 1 / (1 + exp(-z)), as in Vrabel et al. 2024, app. C. Two random
inputs x0, x1 with |f(x0) - f(x1)| < delta are joined when |f(x) - f(x0)| < 2 delta on a whole path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import ParameterError
from engine.experiments import footprint
from engine.experiments.base import Spec
from engine.experiments.groups import THEORY
from engine.experiments.theory.results import ConjectureResult
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
        return held + footprint.paths(self.pairs, self.rounds, largest)

    def digests(self) -> dict[str, str]:
        return {}
