"""Random transforms before every step: pad, jitter, scale, rotate, jitter again, as one resampling.

An image that keeps its class under all of them has structure, not a pattern that hangs on single pixels
(Olah et al. 2017). Every image draws from a stream of its own, so neither batches nor ends of others
change what it goes through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from engine.random import generator
from engine.synthesis.settings import SynthesisSettings

REFERENCE_SIDE = 224
"""The side, in pixels, at which the widths of the shifts are meant."""

GREY = 0.5
"""What lies beyond the edge of an image."""


@dataclass(frozen=True)
class Transforms:
    """The transforms of P images for S steps: `maps` (P, S, 2, 3), from output to input coordinates.

    Coordinates are torch's: -1 and 1 are the outer edges of the first and last pixel.
    """

    maps: torch.Tensor

    @classmethod
    def drawn(
        cls,
        settings: SynthesisSettings,
        image_shape: tuple[int, int, int],
        seed: int,
        count: int,
        steps: int,
    ) -> Transforms:
        """For images 0 to `count` - 1, each from its own stream of `seed`."""
        draws = [
            generator(seed, f"synthesis-transforms-{k}").uniform(-1, 1, (steps, 6))
            for k in range(count)
        ]
        return cls(torch.from_numpy(maps_of(np.stack(draws), settings, image_shape)).float())

    def apply(self, images: torch.Tensor, step: int) -> torch.Tensor:
        """The images (P, C, H, W) as they look at `step`; what comes in from outside is grey."""
        maps = self.maps[:, step].to(images)
        grid = F.affine_grid(maps, list(images.shape), align_corners=False)
        if images.device.type == "cpu":
            return F.grid_sample(images - GREY, grid, align_corners=False) + GREY
        return resampled(images - GREY, grid) + GREY

    def take(self, rows: torch.Tensor) -> Transforms:
        """The same for some of the images."""
        return Transforms(self.maps[rows.cpu()])


def resampled(images: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """What `F.grid_sample` makes of images (P, C, H, W) at a grid (P, H, W, 2), zero beyond their edges.

    A GPU adds up the gradient of that one in an order that changes, and the gradient of indexing in one
    that does not.
    """
    height, width = images.shape[2:]
    x, y = (((grid + 1) * grid.new_tensor([width, height]) - 1) / 2).unbind(-1)
    which = torch.arange(len(images), device=images.device)[:, None, None]
    total = torch.zeros(*x.shape, images.shape[1], device=images.device, dtype=images.dtype)
    for right, below in product((0, 1), repeat=2):
        column, row = x.floor() + right, y.floor() + below
        share = (1 - (x - column).abs()) * (1 - (y - row).abs())
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        places = (row.clamp(0, height - 1).long(), column.clamp(0, width - 1).long())
        total = total + (share * inside)[..., None] * images[which, :, *places]
    return total.permute(0, 3, 1, 2)


def maps_of(
    draws: np.ndarray, settings: SynthesisSettings, image_shape: tuple[int, int, int]
) -> np.ndarray:
    """Affine maps (..., 2, 3) for draws (..., 6) from [-1, 1]: two shifts, scale, rotation, two shifts.

    An input point is R(-angle) / scale (output point - second shift) - first shift, in pixels around
    the middle of the image; then both are put into torch's coordinates.
    """
    half = np.array(image_shape[:0:-1]) / 2  # width, height
    unit = max(image_shape[1:]) / REFERENCE_SIDE
    first = draws[..., 0:2] * settings.jitter / 2 * unit
    second = draws[..., 4:6] * settings.late_jitter / 2 * unit
    scale = 1 + settings.scale * draws[..., 2]
    angle = math.radians(settings.rotation) * draws[..., 3]
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    linear = np.stack([cosine, sine, -sine, cosine], axis=-1).reshape(*draws.shape[:-1], 2, 2)
    shift = -np.einsum("...ij,...j->...i", linear, second) - first
    return np.concatenate([linear * half / half[:, None], (shift / half)[..., None]], axis=-1)
