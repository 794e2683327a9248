"""How an attack is made. Defaults are the paper's and its benchmark's; no torch, for pages read this.

Sizes of perturbations are in units of the pixel range: pixels lie in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from engine.declared import HighFrequencyWeight, LearningRate, LongestStride, Precision
from engine.errors import ParameterError
from engine.parameters import Parameter, Parameters

AttackName = Literal["adam", "fgsm", "bim", "pgd", "deepfool", "cw"]

TITLES: dict[str, str] = {
    "adam": "Targeted Adam",
    "fgsm": "FGSM",
    "bim": "BIM",
    "pgd": "PGD",
    "deepfool": "DeepFool",
    "cw": "C&W",
}
"""What the attacks are called in print."""

ALWAYS_AIMED, NEVER_AIMED = ("adam",), ("deepfool",)
"""Attacks that need a class to aim at, and those that cannot be aimed."""

Eps = Annotated[
    float, Parameter("Largest change of a pixel.", unit="pixel range", low=1e-6, high=1)
]


@dataclass(frozen=True)
class AdamSettings(Parameters):
    """The paper's targeted attack (Vrabel et al. 2024, sec. 4.2)."""

    iterations: Annotated[
        int, Parameter("Optimisation steps.", unit="steps", low=1, high=100_000)
    ] = 1024
    learning_rate: LearningRate = 0.005
    deviation_weight: Annotated[
        float,
        Parameter(
            "Weight of the mean squared distance from the source image.",
            unit="nats",
            low=0,
            high=1e4,
            advanced=True,
        ),
    ] = 0.1
    high_frequency_weight: HighFrequencyWeight = 1e-7
    clamp: Annotated[
        bool,
        Parameter(
            "Keep every pixel in [0, 1], so that the result is an image. The paper does not say.",
            advanced=True,
        ),
    ] = True
    longest_stride: LongestStride = 32
    precision: Precision = "float32"


@dataclass(frozen=True)
class FgsmSettings(Parameters):
    """One step along the sign of the gradient (Goodfellow et al. 2015)."""

    eps: Eps = 0.03


@dataclass(frozen=True)
class BimSettings(Parameters):
    """FGSM in small steps, from the image itself (Kurakin et al. 2017)."""

    eps: Eps = 0.03
    steps: Annotated[int, Parameter("Steps.", unit="steps", low=1, high=10_000)] = 10
    step_size: Annotated[
        float, Parameter("Size of a step, as a share of eps.", unit="eps", low=1e-4, high=2)
    ] = 0.2


@dataclass(frozen=True)
class PgdSettings(Parameters):
    """FGSM in small steps, from a random image in the eps-ball (Madry et al. 2018)."""

    eps: Eps = 0.03
    steps: Annotated[int, Parameter("Steps.", unit="steps", low=1, high=10_000)] = 40
    step_size: Annotated[
        float, Parameter("Size of a step, as a share of eps.", unit="eps", low=1e-4, high=2)
    ] = 1 / 30


@dataclass(frozen=True)
class DeepFoolSettings(Parameters):
    """The nearest linearised class boundary, again and again, L2 (Moosavi-Dezfooli et al. 2016)."""

    steps: Annotated[int, Parameter("Steps at most.", unit="steps", low=1, high=10_000)] = 50
    candidates: Annotated[
        int,
        Parameter(
            "Likeliest classes whose boundaries are considered; all where there are fewer.",
            unit="classes",
            low=2,
            high=1000,
        ),
    ] = 10
    overshoot: Annotated[
        float, Parameter("How far beyond the boundary, as a share of the way to it.", low=0, high=1)
    ] = 0.02


@dataclass(frozen=True)
class CarliniWagnerSettings(Parameters):
    """The smallest L2 perturbation that wins by a margin, by Adam (Carlini and Wagner 2017)."""

    steps: Annotated[
        int, Parameter("Adam steps in each search at most.", unit="steps", low=1, high=100_000)
    ] = 1000
    searches: Annotated[
        int,
        Parameter("Steps of the binary search for the constant.", unit="searches", low=1, high=20),
    ] = 9
    learning_rate: Annotated[
        float, Parameter("Step size of Adam, in tanh space.", low=1e-6, high=1, advanced=True)
    ] = 0.01
    initial_const: Annotated[
        float,
        Parameter(
            "First trade-off between distance and margin.", low=1e-9, high=1e9, advanced=True
        ),
    ] = 1e-3
    confidence: Annotated[
        float,
        Parameter("Margin by which the wrong class must win.", unit="logits", low=0, high=1000),
    ] = 0.0
    early_abort: Annotated[
        bool,
        Parameter("End a search whose objective no longer falls.", advanced=True),
    ] = True


@dataclass(frozen=True)
class AttackSettings(Parameters):
    """Which attack, and the settings of each; only those of the chosen one matter."""

    method: Annotated[
        AttackName,
        Parameter(
            "Attack: the paper's targeted one, or one of the five of its benchmark.", label="Attack"
        ),
    ] = "adam"
    adam: Annotated[AdamSettings, Parameter("Targeted Adam.")] = field(default_factory=AdamSettings)
    fgsm: Annotated[FgsmSettings, Parameter("FGSM.")] = field(default_factory=FgsmSettings)
    bim: Annotated[BimSettings, Parameter("BIM.")] = field(default_factory=BimSettings)
    pgd: Annotated[PgdSettings, Parameter("PGD.")] = field(default_factory=PgdSettings)
    deepfool: Annotated[DeepFoolSettings, Parameter("DeepFool.")] = field(
        default_factory=DeepFoolSettings
    )
    cw: Annotated[CarliniWagnerSettings, Parameter("C&W.")] = field(
        default_factory=CarliniWagnerSettings
    )

    def relevant(self) -> dict[str, Any]:
        """The method and its own settings."""
        return {"method": self.method, self.method: self.chosen.relevant()}

    @property
    def chosen(self) -> Parameters:
        """The settings of the chosen attack."""
        settings: Parameters = getattr(self, self.method)
        return settings

    def check_aim(self, targeted: bool) -> None:
        """ParameterError where the chosen attack cannot have, or cannot lack, a target."""
        title = TITLES[self.method]
        if targeted and self.method in NEVER_AIMED:
            raise ParameterError(
                f"targeted: {title} cannot be aimed at a class. Turn targeted off (--no-targeted), or "
                "choose another attack."
            )
        if not targeted and self.method in ALWAYS_AIMED:
            raise ParameterError(
                f"targeted: {title} always aims at a class. Leave targeted on, or choose another attack."
            )
