"""How a path is searched. Defaults are the paper's; no torch here, for the pages read this too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.declared import HighFrequencyWeight, LearningRate, LongestStride, Precision
from engine.errors import ParameterError
from engine.parameters import Parameter, Parameters, without

Method = Literal["hyperplane", "polychain", "bezier", "neb"]


USED_BY: dict[str, tuple[str, ...]] = {
    "deviation_weight": ("hyperplane",),
    "high_frequency_weight": ("hyperplane",),
    "clamp": ("hyperplane",),
    "bends": ("polychain", "bezier", "neb"),
    "seed": ("polychain", "bezier"),
}
"""The finders that use a setting, where not all do."""

MEASURING = ("rounds", "threshold", "search_points", "verify_points")
"""The settings that make a difference where the straight line is all that is measured."""


@dataclass(frozen=True)
class ConnectSettings(Parameters):
    """Settings of `connect` and `connect_many` (Vrabel et al. 2024, sec. 3.2 and 4.1)."""

    method: Annotated[
        Method,
        Parameter(
            "Path finder: the paper's hyperplane bypass, or one of its peers: polychain and Bézier "
            "curve finding (Garipov et al. 2018), nudged elastic band (Draxler et al. 2018)."
        ),
    ] = "hyperplane"
    threshold: Annotated[
        float,
        Parameter(
            "A path is connected when no interior point has a higher loss than this.",
            unit="nats",
            low=1e-6,
            high=10,
        ),
    ] = 0.05
    rounds: Annotated[
        int,
        Parameter(
            "Rounds at most; each bends every segment that is still too high. 0 measures the "
            "straight line only.",
            unit="rounds",
            low=0,
            high=8,
        ),
    ] = 4
    stop: Annotated[
        Literal["threshold", "iterations"],
        Parameter(
            "When a round ends: as soon as the path is below the threshold, or after all "
            "iterations, as in the paper.",
        ),
    ] = "threshold"
    iterations: Annotated[
        int, Parameter("Optimisation steps a round at most.", unit="steps", low=1, high=100_000)
    ] = 1024
    learning_rate: LearningRate = 0.005
    deviation_weight: Annotated[
        float,
        Parameter(
            "Weight of the mean squared distance from the barrier's top.",
            unit="nats",
            low=0,
            high=1e4,
            advanced=True,
        ),
    ] = 0.1
    high_frequency_weight: HighFrequencyWeight = 1e-7
    clamp: Annotated[
        bool,
        Parameter("Keep every pixel of a new node in [0, 1]. Off in the paper.", advanced=True),
    ] = False
    patience: Annotated[
        int,
        Parameter(
            "With the threshold rule: a round ends early for a segment whose path has not improved "
            "for this long; the best path is kept. 0 waits for all iterations. A longer stride counts "
            "as one step.",
            unit="steps",
            low=0,
            high=100_000,
            advanced=True,
        ),
    ] = 32
    longest_stride: LongestStride = 1
    bends: Annotated[
        int,
        Parameter(
            "Free nodes of the first round (polychain, Bézier, elastic band); later rounds have "
            "twice as many and one more.",
            unit="nodes",
            low=1,
            high=31,
            advanced=True,
        ),
    ] = 1
    search_points: Annotated[
        int,
        Parameter(
            "Points a segment on which a search looks for barriers.",
            unit="points",
            low=16,
            high=4096,
            advanced=True,
        ),
    ] = 32
    verify_points: Annotated[
        int,
        Parameter(
            "Points a segment on which a path is verified, in float32. Must exceed the search's.",
            unit="points",
            low=17,
            high=100_000,
            advanced=True,
        ),
    ] = 100
    precision: Precision = "float32"
    seed: Annotated[
        int,
        Parameter(
            "Seed of the random points on the curve (polychain, Bézier).",
            low=0,
            high=2**31 - 1,
            advanced=True,
        ),
    ] = 0

    def relevant(self) -> dict[str, Any]:
        """Without what the chosen finder, or one that only measures, makes no use of."""
        values = super().relevant()
        if self.rounds == 0:
            return {name: values[name] for name in MEASURING}
        idle = {name for name, finders in USED_BY.items() if self.method not in finders}
        if self.stop == "iterations":
            idle.add("patience")
        return without(values, *idle)

    def check(self) -> None:
        if self.verify_points <= self.search_points:
            raise ParameterError(
                f"verify_points: expected more than search_points ({self.search_points}), got "
                f"{self.verify_points}. A path is verified on a finer grid than it was found on."
            )
