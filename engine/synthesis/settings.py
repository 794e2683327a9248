"""How an image is synthesised. No torch here, for the pages read this too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from engine.errors import ParameterError
from engine.parameters import Parameter, Parameters

Goal = Literal["dot-cosine", "cross-entropy", "logit"]
Form = Literal["fourier", "pixels"]


@dataclass(frozen=True)
class SynthesisSettings(Parameters):
    """Settings of `visualise` (Vrabel et al. 2024, sec. 3.2 and 4.3; Olah et al. 2017)."""

    objective: Annotated[
        Goal,
        Parameter(
            "What is optimised: the class's logit times a power of its cosine with all logits (the "
            "paper's), cross-entropy, or the logit alone."
        ),
    ] = "dot-cosine"
    parameterisation: Annotated[
        Form,
        Parameter(
            "What the optimiser moves: Fourier coefficients, low frequencies the fastest, or pixels."
        ),
    ] = "fourier"
    transforms: Annotated[
        bool,
        Parameter("Shift, scale and rotate the image at random before every step."),
    ] = True
    steps: Annotated[
        int, Parameter("Optimisation steps at most.", unit="steps", low=1, high=100_000)
    ] = 256
    high_frequency_weight: Annotated[
        float,
        Parameter(
            "Weight of the high-frequency penalty, the sum of squared differences between "
            "neighbouring pixels.",
            low=0,
            high=1,
        ),
    ] = 1e-2
    threshold: Annotated[
        float,
        Parameter(
            "An image is a mode when its loss, without transforms, is at most this.",
            unit="nats",
            low=1e-7,
            high=10,
        ),
    ] = 1e-3
    stop: Annotated[
        Literal["steps", "threshold"],
        Parameter(
            "When an image is done: after all steps, or as soon as its loss is below the threshold "
            "(as in sec. 4.4 of the paper).",
            advanced=True,
        ),
    ] = "steps"
    finish: Annotated[
        int,
        Parameter(
            "Further steps at most, on cross-entropy alone and without transforms or penalties, for "
            "an image whose loss is still above the threshold.",
            unit="steps",
            low=0,
            high=100_000,
            advanced=True,
        ),
    ] = 256
    learning_rate: Annotated[
        float, Parameter("Step size of Adam.", low=1e-6, high=10, advanced=True)
    ] = 0.05
    weight_decay: Annotated[
        float, Parameter("Weight decay of Adam.", low=0, high=1, advanced=True)
    ] = 0.0
    cosine_power: Annotated[
        float,
        Parameter(
            "Power of the cosine in the paper's objective; 0.5 is its square root.",
            low=0,
            high=8,
            advanced=True,
        ),
    ] = 0.5
    noise: Annotated[
        float,
        Parameter(
            "Standard deviation of the Gaussian noise that the parameters start from.",
            low=0,
            high=10,
            advanced=True,
        ),
    ] = 0.01
    decorrelate: Annotated[
        bool,
        Parameter(
            "Fourier: move colours along the directions in which natural images vary. Has no effect "
            "on grey images.",
            advanced=True,
        ),
    ] = True
    diversity_weight: Annotated[
        float,
        Parameter(
            "Weight of the mean cosine similarity with the other images that are made at once, mean "
            "colour aside. Above 0, all of them end together.",
            low=0,
            high=1e4,
            advanced=True,
        ),
    ] = 0.0
    jitter: Annotated[
        float,
        Parameter(
            "Transforms: width of the first random shift, at 224 pixels a side; in proportion at "
            "other sizes.",
            unit="pixels",
            low=0,
            high=224,
            advanced=True,
        ),
    ] = 8.0
    scale: Annotated[
        float,
        Parameter(
            "Transforms: the image is scaled by 1 minus to 1 plus this.",
            low=0,
            high=0.9,
            advanced=True,
        ),
    ] = 0.1
    rotation: Annotated[
        float,
        Parameter(
            "Transforms: the image is rotated by up to this, to either side.",
            unit="degrees",
            low=0,
            high=180,
            advanced=True,
        ),
    ] = 10.0
    late_jitter: Annotated[
        float,
        Parameter(
            "Transforms: width of the second random shift, after scaling and rotating.",
            unit="pixels",
            low=0,
            high=224,
            advanced=True,
        ),
    ] = 4.0

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
