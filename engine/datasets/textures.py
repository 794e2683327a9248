"""Textures: smooth gradients, stripes, blotches and grain over the plane, in exact arithmetic only.

Coordinates run from -1 to 1 over the picture at any resolution, so a texture is the same at all.
Sines are replaced by a periodic parabola and rotations by the rational half-angle formula: IEEE 754
defines + - * / and comparisons to the last bit, and leaves transcendental functions to the machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

BLOTCH_NODES = 8
GRAIN_NODES = 26
"""Nodes a side of the lattices of random numbers that blotches and grain interpolate."""

TAN_HALF_45 = 0.41421356


@dataclass(frozen=True)
class Canvas:
    """What pictures are drawn on: pixel centres x (1, 1, W) and y (1, H, 1), y up, and two noises.

    `blotches` and `grain` are float32 (n, H, W) in [0, 1).
    """

    x: np.ndarray
    y: np.ndarray
    blotches: np.ndarray
    grain: np.ndarray

    @classmethod
    def of(cls, blotches: np.ndarray, grain: np.ndarray, side: int) -> Self:
        """A canvas of side x side pixels from lattice draws (n, 64) and (n, 676)."""
        centres = ((np.arange(side, dtype=np.float32) + 0.5) / side) * 2.0 - 1.0
        x, y = centres[None, None, :], -centres[None, :, None]
        return cls(x, y, lattice(blotches, side), lattice(grain, side))

    @property
    def pixel(self) -> float:
        """Width of a pixel."""
        return 2.0 / self.x.shape[2]

    def along(self, turn: np.ndarray) -> np.ndarray:
        """Every pixel's place along the direction `turn` (n,): float32 (n, H, W)."""
        cosine, sine = direction(turn)
        return self.x * cosine[:, None, None] + self.y * sine[:, None, None]


def direction(turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosine and sine, float32, of the angle `turn`, given in whole turns in [0, 1).

    Even within 8 % over the circle; exactly on the unit circle up to rounding.
    """
    quadrant = np.floor(turn * 4.0)
    tangent = (2.0 * (turn * 4.0 - quadrant) - 1.0) * TAN_HALF_45
    scale = 1.0 / (1.0 + tangent * tangent)
    cosine, sine = (1.0 - tangent * tangent) * scale, 2.0 * tangent * scale
    turned = [(cosine, sine), (-sine, cosine), (-cosine, -sine), (sine, -cosine)]
    pick = [quadrant == number for number in range(4)]
    return (
        np.select(pick, [pair[0] for pair in turned]).astype(np.float32),
        np.select(pick, [pair[1] for pair in turned]).astype(np.float32),
    )


def wave(phase: np.ndarray) -> np.ndarray:
    """A smooth wave of period 1 in [-1, 1]: a sine drawn with parabolas."""
    centred = 2.0 * (phase - np.floor(phase)) - 1.0
    return 4.0 * centred * (1.0 - np.abs(centred))


def lattice(draws: np.ndarray, side: int) -> np.ndarray:
    """Random numbers (n, K * K) on a K x K lattice, interpolated smoothly: float32 (n, H, W)."""
    count = math.isqrt(draws.shape[1])
    nodes = draws.reshape(-1, count, count).astype(np.float32)
    cells, part = _cells(count, side)
    down, across = part[None, :, None], part[None, None, :]
    bands = nodes[:, cells] * (1 - down) + nodes[:, cells + 1] * down
    return bands[:, :, cells] * (1 - across) + bands[:, :, cells + 1] * across


def texture(draws: np.ndarray, canvas: Canvas) -> np.ndarray:
    """One texture a picture, float32 (n, H, W) in [-1, 1].

    `draws` (n, 5) in [0, 1) choose its kind, direction, frequency, phase and sharpness.
    """
    kind = np.floor(draws[:, 0] * len(KINDS)).astype(np.int64)
    along = canvas.along(draws[:, 1])
    frequency, phase, sharpness = (column(draws[:, k]) for k in (2, 3, 4))
    field = np.empty_like(along)
    for number, paint in enumerate(KINDS.values()):
        chosen = kind == number
        if chosen.any():
            stroke = Stroke(along[chosen], frequency[chosen], phase[chosen], sharpness[chosen])
            field[chosen] = paint(stroke, canvas.blotches[chosen], canvas.grain[chosen])
    return np.clip(field, -1.0, 1.0)


def column(values: np.ndarray) -> np.ndarray:
    """One number a picture as float32 (n, 1, 1), to meet its pixels."""
    return values.astype(np.float32)[:, None, None]


@dataclass(frozen=True)
class Stroke:
    """How a texture lies: `along` its direction (n, H, W), and what varies it (n, 1, 1)."""

    along: np.ndarray
    frequency: np.ndarray
    phase: np.ndarray
    sharpness: np.ndarray


Paint = Callable[[Stroke, np.ndarray, np.ndarray], np.ndarray]


def _gradient(stroke: Stroke, blotches: np.ndarray, grain: np.ndarray) -> np.ndarray:
    return stroke.along * (0.5 + 0.5 * stroke.frequency) + (stroke.phase - 0.5)


def _stripes(stroke: Stroke, blotches: np.ndarray, grain: np.ndarray) -> np.ndarray:
    phase = stroke.along * (0.9 + 2.6 * stroke.frequency) + stroke.phase
    return wave(phase) * (0.7 + 2.0 * stroke.sharpness)


def _blotches(stroke: Stroke, blotches: np.ndarray, grain: np.ndarray) -> np.ndarray:
    return (blotches - 0.5) * (2.0 + 4.0 * stroke.sharpness)


def _grain(stroke: Stroke, blotches: np.ndarray, grain: np.ndarray) -> np.ndarray:
    return (grain - 0.5) * (1.6 + 1.2 * stroke.sharpness)


KINDS: dict[str, Paint] = {
    "gradient": _gradient,
    "stripes": _stripes,
    "blotches": _blotches,
    "grain": _grain,
}


def _cells(nodes: int, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel centre: the lattice cell that it lies in, and how far across (smoothstep)."""
    place = (np.arange(pixels, dtype=np.float32) + 0.5) / pixels * (nodes - 1)
    cell = np.minimum(np.floor(place), nodes - 2)
    part = place - cell
    return cell.astype(np.int64), part * part * (3.0 - 2.0 * part)
