"""Short steps away from an image, and what an image looks like in numbers. Differentiable, no classifier.

A step leads to an image that a person takes for the same one. What an attack built is as thin as the step
is short: a clean image keeps its class and its logits, an attacked one loses them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.lazy import F, torch

Step: TypeAlias = "Callable[[torch.Tensor, torch.Tensor], torch.Tensor]"
"""Images (n, C, H, W) and a fixed noise (4, C, H, W) of unit variance -> images."""

BANDS = 12
"""Rings of the spectrum, of equal width, from the mean to the highest frequency in both directions."""

CORNER = 2**-0.5
"""The highest spatial frequency, in both directions, in cycles a pixel."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
"""Of the absolute residual."""

FREQUENCIES = ("low frequencies", "middle frequencies", "high frequencies")
"""Thirds of the rings."""

MEDIAN_OF_NINE = (
    *((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3)),
    *((5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)
"""Pairs to put in order, the lesser first, until the middle of nine is their median (Paeth 1990)."""

TINY = 1e-6


def smoothed(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Images with a Gaussian blur of `sigma` pixels; mirrored beyond the edge."""
    reach = torch.arange(-3, 4, device=images.device, dtype=images.dtype)
    weights = torch.exp(-reach.square() / (2 * sigma**2))
    weights = weights / weights.sum()
    channels = images.shape[1]
    kernel = torch.outer(weights, weights).expand(channels, 1, 7, 7)
    return F.conv2d(F.pad(images, (3, 3, 3, 3), mode="reflect"), kernel, groups=channels)


def median(images: torch.Tensor) -> torch.Tensor:
    """Images with every pixel the median of its 3 x 3 neighbourhood; mirrored beyond the edge."""
    padded = F.pad(images, (1, 1, 1, 1), mode="reflect")
    height, width = images.shape[2:]
    nine = [padded[:, :, k // 3 :, k % 3 :][:, :, :height, :width] for k in range(9)]
    for low, high in MEDIAN_OF_NINE:
        nine[low], nine[high] = nine[low].minimum(nine[high]), nine[low].maximum(nine[high])
    return nine[4]


def _shifted(rows: int, columns: int) -> Step:
    return lambda images, _: torch.roll(images, (rows, columns), (2, 3))


def _blurred(sigma: float) -> Step:
    return lambda images, _: smoothed(images, sigma)


def _noisy(which: int, size: float) -> Step:
    return lambda images, noise: images + size * noise[which]


STEPS: dict[str, Step] = {
    "smoothed by 0.4 pixels": _blurred(0.4),
    "smoothed by 0.6 pixels": _blurred(0.6),
    "smoothed by 0.8 pixels": _blurred(0.8),
    "smoothed by 1.2 pixels": _blurred(1.2),
    "sharpened": lambda images, _: 2 * images - smoothed(images, 0.6),
    "median": lambda images, _: median(images),
    "mirrored": lambda images, _: images.flip(3),
    "shifted by a column": _shifted(0, 1),
    "shifted by a row": _shifted(1, 0),
    "with noise of 0.02": _noisy(0, 0.02),
    "with noise of 0.04": _noisy(1, 0.04),
}
"""Steps to images that show the same."""


def appearance(images: torch.Tensor) -> dict[str, torch.Tensor]:
    """What images (n, C, H, W) look like, each (n, S): log spectrum by ring and channel, residual, steps.

    The residual is what a median filter takes away: quantiles of its size, and how its channels agree.
    """
    spectrum = rings(images).unflatten(1, (-1, images.shape[1])).tensor_split(len(FREQUENCIES), 1)
    residual = images - median(images)
    size = residual.abs().flatten(1)
    levels = torch.tensor(QUANTILES, device=images.device, dtype=images.dtype)
    steps = [images.diff(dim=axis).abs().mean((2, 3)) for axis in (2, 3)]
    return {
        **{name: part.flatten(1) for name, part in zip(FREQUENCIES, spectrum, strict=True)},
        "residual of a median filter": torch.cat(
            [size.quantile(levels, dim=1).T, _agreement(residual)], dim=1
        ),
        "steps between pixels": torch.cat(steps, dim=1),
    }


def rings(images: torch.Tensor) -> torch.Tensor:
    """Mean log magnitudes (n, rings * C) of the spectrum, ring by ring, of those that hold a frequency."""
    height, width = images.shape[2:]
    down, across = torch.fft.fftfreq(height)[:, None], torch.fft.fftfreq(width)[None]
    # On the CPU wherever the images are, for rounding decides between two rings, and a GPU rounds otherwise.
    # The corner itself belongs to the last ring.
    ring = (torch.hypot(down, across) / CORNER * BANDS).long().clamp(max=BANDS - 1)
    ring = ring.to(images.device)
    logs = (torch.fft.fft2(images).abs() + TINY).log()
    means = [
        logs[:, :, inside].mean(2)
        for number in range(BANDS)
        if bool((inside := ring == number).any())
    ]
    return torch.cat(means, dim=1)


def _agreement(residual: torch.Tensor) -> torch.Tensor:
    """Correlation (n, pairs) of each two neighbouring channels."""
    flat = residual.flatten(2)
    lengths = flat.square().sum(2).sqrt()
    pairs = [(k, (k + 1) % flat.shape[1]) for k in range(flat.shape[1]) if flat.shape[1] > 1]
    columns = [
        (flat[:, a] * flat[:, b]).sum(1) / (lengths[:, a] * lengths[:, b] + TINY) for a, b in pairs
    ]
    return torch.stack(columns, dim=1) if columns else flat.new_zeros(len(flat), 0)
