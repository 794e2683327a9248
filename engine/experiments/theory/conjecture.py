"""Conjecture 5.1 measured: how often random inputs of a random network are joined, by input dimension.

The network's output is one number, f = 1 / (1 + exp(-z)), as in Vrabel et al. 2024, app. C. Two random
inputs x0, x1 with |f(x0) - f(x1)| < delta are joined when |f(x) - f(x0)| < 2 delta on a whole path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from engine.errors import ParameterError
from engine.experiments.base import Spec
from engine.experiments.groups import THEORY, Group
from engine.experiments.result import Result
from engine.experiments.theory.results import ConjectureResult
from engine.parameters import Parameter

if TYPE_CHECKING:
    pass

LARGEST_CNN = 1024


@dataclass(frozen=True)
class Conjecture(Spec):
    """Fraction of pairs of random inputs that a path joins, for networks at initialisation."""

    kind: ClassVar[str] = "conjecture"
    title: ClassVar[str] = "Conjecture 5.1"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = THEORY
    page: ClassVar[str] = "untrained"
    result_class: ClassVar[type[Result]] = ConjectureResult

    network: Annotated[
        Literal["mlp", "cnn"],
        Parameter(
            "Random networks: multilayer perceptrons, or small residual CNNs, which take square "
            "inputs only (4, 16, 64 ... numbers) and are many times slower."
        ),
    ] = "mlp"
    smallest: Annotated[
        int, Parameter("Smallest input dimension.", unit="numbers", low=2, high=4096)
    ] = 2
    largest: Annotated[
        int,
        Parameter(
            "Largest input dimension; the powers of two up to it are tried.",
            unit="numbers",
            low=2,
            high=65_536,
        ),
    ] = 4096
    tolerances: Annotated[
        tuple[float, ...],
        Parameter(
            "Values of delta in standard deviations of f over random inputs. Relative, because the "
            "outputs of a wide network lie close together.",
            low=1e-12,
            high=10,
            collection=True,
        ),
    ] = (0.05, 0.2, 0.5)
    rounds: Annotated[
        int, Parameter("Rounds of barrier bypass at most.", unit="rounds", low=0, high=6)
    ] = 4
    networks: Annotated[
        int, Parameter("Random networks for each dimension.", unit="networks", low=1, high=1000)
    ] = 16
    pairs: Annotated[
        int,
        Parameter("Pairs for each network and tolerance.", unit="pairs", low=1, high=1000),
    ] = 10
    width: Annotated[
        int,
        Parameter("Units of a hidden layer (MLP).", unit="units", low=1, high=8192, advanced=True),
    ] = 256
    depth: Annotated[
        int, Parameter("Hidden layers (MLP).", unit="layers", low=1, high=20, advanced=True)
    ] = 3
    activation: Annotated[
        Literal["relu", "tanh"], Parameter("Activation of the hidden layers (MLP).", advanced=True)
    ] = "relu"
    steps: Annotated[
        int,
        Parameter("Steps of a bypass at most.", unit="steps", low=1, high=10_000, advanced=True),
    ] = 200
    step_length: Annotated[
        float,
        Parameter(
            "Length of Adam's first step, the inputs being N(0, 1) in every coordinate; divided by "
            "the root of the dimension it is Adam's step size.",
            unit="input distance",
            low=1e-4,
            high=10,
            advanced=True,
        ),
    ] = 0.05
    points: Annotated[
        int,
        Parameter(
            "Points a segment on which barriers are looked for; a claim is checked on 4 times as "
            "many.",
            unit="points",
            low=4,
            high=1000,
            advanced=True,
        ),
    ] = 32
    grid: Annotated[
        int,
        Parameter(
            "In two dimensions, cells a side of the map on which the true connections are looked "
            "up. 0: no map.",
            unit="cells",
            low=0,
            high=1024,
            advanced=True,
        ),
    ] = 256
    seed: Annotated[
        int, Parameter("Seed of networks and inputs.", low=0, high=2**31 - 1, advanced=True)
    ] = 0

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

    def digests(self) -> dict[str, str]:
        return {}
