"""Parameters that settings of several methods declare alike: written once, with their units and ranges."""

from __future__ import annotations

from typing import Annotated, Literal

from engine.parameters import Parameter

LearningRate = Annotated[
    float, Parameter("Step size of Adam.", unit="pixel range", low=1e-6, high=1, advanced=True)
]

LongestStride = Annotated[
    int,
    Parameter(
        "Where the loss is below 0.01 nats Adam only creeps: there one step may stand for this many. 1 "
        "takes every step, as the paper does.",
        unit="steps",
        low=1,
        high=64,
        advanced=True,
    ),
]

HighFrequencyWeight = Annotated[
    float,
    Parameter(
        "Weight of the high-frequency penalty, the sum of squared differences between neighbouring "
        "pixels.",
        unit="nats",
        low=0,
        high=1,
        advanced=True,
    ),
]

Precision = Annotated[
    Literal["float32", "bfloat16"],
    Parameter("Arithmetic of the search. Every reported loss is float32.", advanced=True),
]

CurvePoints = Annotated[
    int,
    Parameter("Points on each loss curve.", unit="points", low=10, high=20_000, advanced=True),
]

CurveTolerance = Annotated[
    float,
    Parameter(
        "Points of a curve are measured where it was further than this from where its neighbours "
        "foretold it, and interpolated elsewhere. 0: every point is measured.",
        unit="nats",
        low=0,
        high=1,
        advanced=True,
    ),
]
