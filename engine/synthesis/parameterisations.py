"""Parameterisations: what the optimiser moves, and the image that it stands for.

Independent of objective and optimiser: parameters (P, ...) become images (P, C, H, W) in [0, 1].
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch

from engine.random import generator

COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the covariance of red, green and blue over ImageNet: column k is what the k-th of
three uncorrelated colours adds to each (Olah et al. 2017, after the authors' public code)."""

DAMPING = 4.0
"""The Fourier image is divided by this, so that Adam's first steps leave the sigmoid's middle slowly."""


class Parameterisation(ABC):
    """Parameters of one image have shape `shape`; images are (C, H, W)."""

    shape: tuple[int, ...]

    def __init__(self, image_shape: tuple[int, int, int], decorrelate: bool = True) -> None:
        self.image_shape = image_shape
        self.decorrelate = decorrelate and image_shape[0] == 3

    @abstractmethod
    def images(self, parameters: torch.Tensor) -> torch.Tensor:
        """Images (P, C, H, W) in [0, 1] of parameters (P, *shape); differentiable."""

    def start(self, seed: int, count: int, noise: float) -> torch.Tensor:
        """Gaussian noise of standard deviation `noise`, image by image of its own stream."""
        draws = [
            generator(seed, f"synthesis-start-{k}").normal(size=self.shape) for k in range(count)
        ]
        return torch.from_numpy(noise * np.stack(draws)).float()


class Pixels(Parameterisation):
    """One parameter a pixel and channel; a sigmoid keeps the image in [0, 1]."""

    def __init__(self, image_shape: tuple[int, int, int], decorrelate: bool = True) -> None:
        super().__init__(image_shape, decorrelate=False)
        self.shape = image_shape

    def images(self, parameters: torch.Tensor) -> torch.Tensor:
        return parameters.sigmoid()


class Fourier(Parameterisation):
    """Coefficients of the real FFT, scaled by 1 / frequency as natural images are, then a sigmoid.

    Parameters (C, H, W // 2 + 1, 2) hold real and imaginary parts. The scale is 1 / max(f, 1 / max(W, H)),
    f in cycles a pixel. Source: Olah et al. 2017.
    """

    def __init__(self, image_shape: tuple[int, int, int], decorrelate: bool = True) -> None:
        super().__init__(image_shape, decorrelate)
        channels, height, width = image_shape
        self.scale = 1 / np.maximum(frequencies(height, width), 1 / max(height, width))
        self.shape = (channels, *self.scale.shape, 2)

    def images(self, parameters: torch.Tensor) -> torch.Tensor:
        scale = torch.from_numpy(self.scale).to(parameters)[..., None]
        spectrum = torch.view_as_complex(parameters * scale)
        image = torch.fft.irfft2(spectrum, s=self.image_shape[1:], norm="ortho") / DAMPING
        if self.decorrelate:
            image = torch.einsum("rk,pkhw->prhw", colours().to(image), image)
        return image.sigmoid()


PARAMETERISATIONS: dict[str, type[Parameterisation]] = {"fourier": Fourier, "pixels": Pixels}


def frequencies(height: int, width: int) -> np.ndarray:
    """The frequency of each coefficient of a real FFT, cycles a pixel, (H, W // 2 + 1)."""
    return np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])


def colours() -> torch.Tensor:
    """`COLOURS` scaled so that its longest column has length 1, (3, 3)."""
    matrix = torch.tensor(COLOURS)
    return matrix / matrix.norm(dim=0).max()
