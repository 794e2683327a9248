"""How detectors work. Defaults are the paper's and its benchmark's; no torch, for pages read this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from engine.parameters import Parameter, Parameters, without

DetectorName = Literal[
    "mode-connectivity",
    "lid",
    "mahalanobis",
    "input-mfs",
    "layer-mfs",
    "layer-pfs",
    "short-paths",
    "ensemble",
]

TITLES: dict[str, str] = {
    "mode-connectivity": "Mode connectivity",
    "lid": "LID",
    "mahalanobis": "Mahalanobis",
    "input-mfs": "InputMFS",
    "layer-mfs": "LayerMFS",
    "layer-pfs": "LayerPFS",
    "short-paths": "Short paths",
    "ensemble": "Ensemble",
}
"""What the detectors are called in print."""

WIDE = ("layer-mfs", "layer-pfs")
"""Detectors with so many features that they are sooner made anew than read from a disk."""

LATE_VARIANT = ("mahalanobis",)
"""Detectors whose variants have the same features, and arrange them differently."""

Variant = Annotated[
    Literal["published", "corrected"],
    Parameter("As in the published code, or with its defect put right."),
]


@dataclass(frozen=True)
class ModeConnectivitySettings(Parameters):
    """The paper's: loss curve to a reference image, sorted logits, nearest neighbours (sec. 4.2.1)."""

    points: Annotated[
        int, Parameter("Points on each loss curve.", unit="points", low=3, high=1000)
    ] = 33
    references: Annotated[
        int,
        Parameter(
            "Reference images of the predicted class, those of the lowest loss; one curve to each.",
            unit="images",
            low=1,
            high=100,
        ),
    ] = 1


@dataclass(frozen=True)
class LidSettings(Parameters):
    """Local intrinsic dimensionality of every layer (Ma et al. 2018)."""

    variant: Variant = "corrected"
    neighbours: Annotated[int, Parameter("Nearest neighbours.", unit="images", low=2, high=99)] = 20
    minibatch: Annotated[
        int,
        Parameter(
            "Clean images that the neighbours are sought in.", unit="images", low=3, high=10_000
        ),
    ] = 100


@dataclass(frozen=True)
class MahalanobisSettings(Parameters):
    """Distance of every layer's channel means to the nearest class (Lee et al. 2018)."""

    variant: Variant = "corrected"
    fgsm: Annotated[
        float, Parameter("Size of the input's change for FGSM.", unit="pixel range", low=0, high=1)
    ] = 2e-4
    cw: Annotated[
        float, Parameter("Size of the input's change for C&W.", unit="pixel range", low=0, high=1)
    ] = 1e-5
    deepfool: Annotated[
        float,
        Parameter("Size of the input's change for DeepFool.", unit="pixel range", low=0, high=1),
    ] = 5e-5
    others: Annotated[
        float,
        Parameter(
            "Size of the input's change for all other attacks.", unit="pixel range", low=0, high=1
        ),
    ] = 5e-5


@dataclass(frozen=True)
class InputSpectrumSettings(Parameters):
    """Magnitude spectrum of the image itself (Harder et al. 2021)."""


@dataclass(frozen=True)
class LayerSpectrumSettings(Parameters):
    """Magnitude or phase spectrum of feature maps (Harder et al. 2021)."""

    layers: Annotated[
        Literal["alternate", "last"],
        Parameter(
            "Which ReLU outputs: every other one, counted back from the last (in VGG-16 the published "
            "six), or the last alone."
        ),
    ] = "alternate"
    model: Annotated[
        Literal["logistic", "kernel"],
        Parameter(
            "Logistic regression on raw spectra, or an RBF support vector machine on scaled ones."
        ),
    ] = "logistic"
    gamma: Annotated[
        float, Parameter("Width of the kernel.", low=1e-6, high=1e3, advanced=True)
    ] = 0.1
    cost: Annotated[
        float,
        Parameter("Cost of an error (C) of the kernel machine.", low=1e-6, high=1e6, advanced=True),
    ] = 1.0

    def relevant(self) -> dict[str, Any]:
        """Without the kernel's settings where there is none."""
        values = super().relevant()
        return values if self.model == "kernel" else without(values, "gamma", "cost")


@dataclass(frozen=True)
class ShortPathsSettings(Parameters):
    """Ours: logits at few points of short paths; at most 16 forward passes an image."""


@dataclass(frozen=True)
class EnsembleSettings(Parameters):
    """Ours: short paths, spectra and layers together."""


@dataclass(frozen=True)
class DetectorSettings(Parameters):
    """The settings of every detector."""

    mode_connectivity: Annotated[ModeConnectivitySettings, Parameter("Mode connectivity.")] = field(
        default_factory=ModeConnectivitySettings
    )
    lid: Annotated[LidSettings, Parameter("LID.")] = field(default_factory=LidSettings)
    mahalanobis: Annotated[MahalanobisSettings, Parameter("Mahalanobis.")] = field(
        default_factory=MahalanobisSettings
    )
    input_mfs: Annotated[InputSpectrumSettings, Parameter("InputMFS.")] = field(
        default_factory=InputSpectrumSettings
    )
    layer_mfs: Annotated[LayerSpectrumSettings, Parameter("LayerMFS.")] = field(
        default_factory=LayerSpectrumSettings
    )
    layer_pfs: Annotated[LayerSpectrumSettings, Parameter("LayerPFS.")] = field(
        default_factory=LayerSpectrumSettings
    )
    short_paths: Annotated[ShortPathsSettings, Parameter("Short paths.")] = field(
        default_factory=ShortPathsSettings
    )
    ensemble: Annotated[EnsembleSettings, Parameter("Ensemble.")] = field(
        default_factory=EnsembleSettings
    )

    def relevant_to(self, names: Iterable[str]) -> dict[str, Any]:
        """What is relevant of some detectors' settings."""
        return {name.replace("-", "_"): self.of(name).relevant() for name in names}

    def of(self, name: str) -> Parameters:
        """The settings of one detector."""
        settings: Parameters = getattr(self, name.replace("-", "_"))
        return settings
