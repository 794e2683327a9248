"""InputMFS, LayerMFS, LayerPFS: spectra of the image or of feature maps (Harder et al. 2021).

The two-dimensional Fourier transform of every channel, all its coefficients, without logarithm or shift.
It is worked out in float64, for the phase of a coefficient near zero hangs on the last digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from engine.detectors.base import Arrays, Detector
from engine.detectors.layers import count_of
from engine.detectors.sharing import layers_of
from engine.lazy import torch
from engine.parameters import Parameters, advanced, parameter, within, without
from engine.progress import Reporter

if TYPE_CHECKING:
    from engine.detectors.computing.models import Model
    from engine.detectors.references import References


def magnitudes(maps: torch.Tensor) -> torch.Tensor:
    """Magnitudes float32 (n, C, H, W) of the spectra of maps (n, C, H, W)."""
    return torch.fft.fft2(maps.double()).abs().float()


def phases(maps: torch.Tensor) -> torch.Tensor:
    """Phases float32 (n, C, H, W) in radians, from -pi to pi, of the spectra of maps (n, C, H, W)."""
    # Adding zero makes -0 into 0: else a negative real coefficient is at pi or -pi as it happens.
    return torch.angle(torch.fft.fft2(maps.double()) + 0).float()


@dataclass(frozen=True)
class InputSpectrumSettings(Parameters):
    """Magnitude spectrum of the image itself (Harder et al. 2021)."""


class InputMFS(Detector):
    """Magnitude spectrum of the image, pixels in [0, 1]; logistic regression without scaling."""

    name = "input-mfs"
    title = "InputMFS"
    place = 40
    settings_class = InputSpectrumSettings
    fills_passes = True
    forward_passes = 0

    def compute_features(self, images: torch.Tensor) -> torch.Tensor:
        """Magnitudes (n, C * H * W)."""
        return magnitudes(images).flatten(1)


@dataclass(frozen=True)
class LayerSpectrumSettings(Parameters):
    """Magnitude or phase spectrum of feature maps (Harder et al. 2021)."""

    layers: Literal["alternate", "last"] = parameter(
        "alternate",
        "Which layers: every other one, counted back from the last (in VGG-16 the published "
        "six), or the last alone.",
    )
    model: Literal["logistic", "kernel"] = parameter(
        "logistic",
        "Logistic regression on raw spectra, or an RBF support vector machine on scaled ones.",
    )
    gamma: float = advanced(0.1, "Width of the kernel.", within(1e-6, 1e3))
    cost: float = advanced(1.0, "Cost of an error (C) of the kernel machine.", within(1e-6, 1e6))

    def relevant(self) -> dict[str, Any]:
        """Without the kernel's settings where there is none."""
        values = super().relevant()
        return values if self.model == "kernel" else without(values, "gamma", "cost")


class LayerSpectrum(Detector):
    """Spectra of chosen layers, one after another; `spectrum` says of what kind.

    For a kernel machine, each layer's spectrum is divided by its largest value, image by image, as the
    published code does. A layer without height and width counts as maps of a single pixel.
    """

    settings_class = LayerSpectrumSettings
    wide = True
    looks_at_layers = True
    fills_passes = True
    forward_passes = 1
    spectrum: ClassVar[Any]

    def study(self, references: References, seed: int, report: Reporter) -> Arrays:
        """Which layers are looked at: `layers` (L,), counted from 0."""
        count = count_of(self.classifier)
        return {"layers": chosen_layers(count, self.settings.layers)}

    def compute_features(self, images: torch.Tensor) -> torch.Tensor:
        """Spectra (n, sum of C * H * W over the layers)."""
        layers = self.constants["layers"].tolist()
        outputs = layers_of(self.classifier, images, torch.clone, last=max(layers))
        return torch.cat([self._flat(outputs[layer]) for layer in layers], dim=1)

    def _flat(self, output: torch.Tensor) -> torch.Tensor:
        """Spectra (n, F) of one layer's output."""
        maps = output if output.ndim >= 4 else output.reshape(len(output), -1, 1, 1)
        flat: torch.Tensor = type(self).spectrum(maps).flatten(1)
        if self.settings.model != "kernel":
            return flat
        return flat / flat.amax(1, keepdim=True).clamp(min=torch.finfo(flat.dtype).tiny)

    def new_model(self) -> Model:
        """Logistic regression without scaling, or a kernel machine."""
        if self.settings.model == "logistic":
            return super().new_model()
        from engine.detectors.computing.models import Kernel

        return Kernel(self.settings.gamma, self.settings.cost)


class LayerMFS(LayerSpectrum):
    """Magnitude spectra of feature maps."""

    name = "layer-mfs"
    title = "LayerMFS"
    place = 50
    spectrum = staticmethod(magnitudes)


class LayerPFS(LayerSpectrum):
    """Phase spectra of feature maps."""

    name = "layer-pfs"
    title = "LayerPFS"
    place = 60
    spectrum = staticmethod(phases)


def chosen_layers(count: int, which: str) -> np.ndarray:
    """Numbers of the layers, of `count`, that are looked at: "last", or "alternate".

    "alternate" are every other one, counted back from the last, without the first: of VGG-16's 13 those
    of the published code. A network with a single layer shows that one.
    """
    if which == "last":
        return np.array([count - 1])
    return np.array(range(count - 1, 0, -2)[::-1] or [0])
