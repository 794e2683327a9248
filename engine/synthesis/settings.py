"""How an image is synthesised. No torch here, for the pages read this too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import ParameterError
from engine.parameters import Parameters, advanced, parameter, within

Goal = Literal["dot-cosine", "cross-entropy", "logit"]
Form = Literal["fourier", "pixels"]


@dataclass(frozen=True)
class SynthesisSettings(Parameters):
    """Settings of `visualise` (Vrabel et al. 2024, sec. 3.2 and 4.3; Olah et al. 2017)."""

    objective: Goal = parameter(
        "dot-cosine",
        "The class's logit times a power of its cosine with all logits (the paper's), "
        "cross-entropy, or the logit.",
    )
    parameterisation: Form = parameter(
        "fourier",
        "What the optimiser moves: Fourier coefficients, low frequencies the fastest, or pixels.",
    )
    transforms: bool = parameter(
        True, "Shift, scale and rotate the image at random before every step."
    )
    steps: int = parameter(256, "Optimisation steps at most.", within(1, 100_000, "steps"))
    high_frequency_weight: float = parameter(
        1e-2, "Weight of the squared differences between neighbouring pixels.", within(0, 1)
    )
    threshold: float = parameter(
        1e-3,
        "An image is a mode when its loss, untransformed, is at most this.",
        within(1e-7, 10, "nats"),
    )
    stop: Literal["steps", "threshold"] = advanced(
        "steps", "An image is done after all steps, or as soon as its loss is below the threshold."
    )
    finish: int = advanced(
        256,
        "Further steps, plain cross-entropy, where the loss is still above the threshold.",
        within(0, 100_000, "steps"),
    )
    learning_rate: float = advanced(0.05, "Step size of Adam.", within(1e-6, 10))
    weight_decay: float = advanced(0.0, "Weight decay of Adam.", within(0, 1))
    cosine_power: float = advanced(
        0.5, "Power of the cosine in the paper's objective; 0.5 is its square root.", within(0, 8)
    )
    noise: float = advanced(0.01, "Standard deviation of the noise at the start.", within(0, 10))
    decorrelate: bool = advanced(
        True, "Fourier: move colours along the directions in which natural images vary."
    )
    diversity_weight: float = advanced(
        0.0, "Weight of the similarity with the other images that are made at once.", within(0, 1e4)
    )
    jitter: float = advanced(
        8.0, "Transforms: width of the first random shift, of 224 pixels.", within(0, 224, "pixels")
    )
    scale: float = advanced(
        0.1, "Transforms: the image is scaled by 1 minus to 1 plus this.", within(0, 0.9)
    )
    rotation: float = advanced(
        10.0, "Transforms: the largest rotation, to either side.", within(0, 180, "degrees")
    )
    late_jitter: float = advanced(
        4.0,
        "Transforms: width of the second shift, after scaling and rotating.",
        within(0, 224, "pixels"),
    )

    def check(self) -> None:
        if self.stop == "threshold" and self.objective == "logit":
            raise ParameterError(
                "stop: expected 'steps' with the objective 'logit', got 'threshold'. A logit alone "
                "may grow without the loss ever falling below a threshold."
            )


NATURAL = SynthesisSettings()
"""Mode A of the paper's Fig. 7, natural-looking: transforms, Fourier, high-frequency penalty."""

PATTERN = SynthesisSettings(
    objective="cross-entropy",
    parameterisation="pixels",
    transforms=False,
    high_frequency_weight=0.0,
    noise=1.0,
)
"""Mode B of Fig. 7, a high-frequency pattern: none of these, from strong noise."""
