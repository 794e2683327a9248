"""What experiments on synthetic inputs have in common: how an optimal input is made from noise.

The fields are declared once, for networks at initialisation and for networks in training; no torch.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.declared import LongestStride
from engine.experiments.base import Spec
from engine.parameters import SEEDS, advanced, parameter, within


@dataclass(frozen=True)
class FromNoise(Spec):
    """Pairs of optimal inputs from Gaussian noise (Vrabel et al. 2024, sec. 4.4)."""

    threshold: float = parameter(
        0.0005,
        "An input is optimal, and a path connected, when its loss is below this.",
        within(1e-6, 10, "nats"),
    )
    steps: int = advanced(4096, "Steps of Adam for an input at most.", within(1, 100_000, "steps"))
    learning_rate: float = advanced(
        0.05, "Step size of Adam for inputs.", within(1e-6, 1, "pixel range")
    )
    longest_stride: LongestStride = 1
    weight_decay: float = advanced(1e-7, "Weight decay of Adam for inputs.", within(0, 1))
    high_frequency: float = advanced(
        2.5e-7, "High-frequency penalty on one input of each pair.", within(0, 1, "nats")
    )
    noise: float = advanced(
        1.0,
        "Standard deviation of the noise, as the network sees it. The paper does not say its "
        "value.",
        within(1e-6, 10),
    )
    seed: int = advanced(0, "Seed of networks and noise.", SEEDS)
