"""What experiments on synthetic inputs have in common: how an optimal input is made from noise.

The fields are declared once, for networks at initialisation and for networks in training; no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from engine.declared import LongestStride
from engine.experiments.base import Spec
from engine.parameters import Parameter


@dataclass(frozen=True)
class FromNoise(Spec):
    """Pairs of optimal inputs from Gaussian noise (Vrabel et al. 2024, sec. 4.4)."""

    threshold: Annotated[
        float,
        Parameter(
            "An input is optimal for its class when its loss is below this, and a path is connected "
            "when no interior point has a higher loss.",
            unit="nats",
            low=1e-6,
            high=10,
        ),
    ] = 0.0005
    steps: Annotated[
        int,
        Parameter(
            "Steps of Adam for an input at most.", unit="steps", low=1, high=100_000, advanced=True
        ),
    ] = 4096
    learning_rate: Annotated[
        float,
        Parameter(
            "Step size of Adam for inputs.", unit="pixel range", low=1e-6, high=1, advanced=True
        ),
    ] = 0.05
    longest_stride: LongestStride = 1
    weight_decay: Annotated[
        float, Parameter("Weight decay of Adam for inputs.", low=0, high=1, advanced=True)
    ] = 1e-7
    high_frequency: Annotated[
        float,
        Parameter(
            "Weight of the high-frequency penalty on one input of each pair, for diversity.",
            unit="nats",
            low=0,
            high=1,
            advanced=True,
        ),
    ] = 2.5e-7
    noise: Annotated[
        float,
        Parameter(
            "Standard deviation of the noise that an input starts from, around 0, as the network "
            "sees it after normalisation. The paper does not say its value.",
            low=1e-6,
            high=10,
            advanced=True,
        ),
    ] = 1.0
    seed: Annotated[
        int, Parameter("Seed of networks and noise.", low=0, high=2**31 - 1, advanced=True)
    ] = 0
