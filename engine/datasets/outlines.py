"""Outlines: signed distance functions of the ten shape classes, negative inside.

Every function takes local coordinates x, y float32 (n, H, W), in which the shape fits the unit
circle and y points up, and its form, float32 (n, 1, 1) in [0, 1], which varies the proportions. It
returns a distance (n, H, W) that changes by at most the step taken. Only + - * /, square root and
comparisons are used: IEEE 754 defines those to the last bit, so the drawing is the same on every
machine. Star and heart follow Inigo Quilez's "2D distance functions".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Outline = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

HALF_SQRT3 = 0.8660254
COS_36, SIN_36 = 0.80901699, 0.58778525
COS_72, SIN_72 = 0.30901699, 0.95105652


def disc(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    return _length(x, y) - (0.80 + 0.10 * form)


def ring(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    thickness = 0.14 + 0.08 * form
    return np.abs(_length(x, y) - (0.92 - thickness)) - thickness


def half_disc(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    lifted = y + (0.34 + 0.08 * form)
    return np.maximum(_length(x, lifted) - 0.90, -lifted)


def crescent(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    shifted = x - 0.05
    bite = (0.74 + 0.06 * form) - _length(shifted - 0.46, y)
    return np.maximum(_length(shifted, y) - 0.92, bite)


def triangle(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    inner = 0.46 + 0.04 * form
    return np.maximum(-y, HALF_SQRT3 * np.abs(x) + 0.5 * y) - inner


def square(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(x), np.abs(y)) - (0.64 + 0.06 * form)


def star(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    radius = 0.98
    x = np.abs(x)
    x, y = _reflected(x, y, COS_36, -SIN_36)
    x, y = _reflected(x, y, -COS_36, -SIN_36)
    x, y = np.abs(x), y - radius
    depth = 0.40 + 0.08 * form
    edge_x, edge_y = depth * SIN_36, depth * COS_36 - 1.0
    along = (x * edge_x + y * edge_y) / (edge_x * edge_x + edge_y * edge_y)
    along = np.clip(along, 0.0, radius)
    distance = _length(x - edge_x * along, y - edge_y * along)
    return np.where(y * edge_x - x * edge_y > 0, distance, -distance)


def cross(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    x, y = np.abs(x), np.abs(y)
    long, short = np.maximum(x, y), np.minimum(x, y)
    return np.maximum(long - 0.92, short - (0.22 + 0.09 * form))


def heart(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    grow = 1.34 + 0.14 * form
    x, y = np.abs(x) / grow, y / grow + 0.56
    lobe = _length(x - 0.25, y - 0.75) - 0.35355339
    half = np.maximum(x + y, 0.0) * 0.5
    side = np.minimum(_length(x, y - 1.0), _length(x - half, y - half))
    return np.where(x + y > 1.0, lobe, np.where(x > y, side, -side)) * grow


def arrow(x: np.ndarray, y: np.ndarray, form: np.ndarray) -> np.ndarray:
    neck = 0.02 + 0.16 * form
    shaft = np.maximum(np.abs(x) - 0.20, np.maximum(y - neck - 0.1, -0.95 - y))
    slope = (0.96 - neck) / 0.70
    head = np.maximum(neck - y, (y - 0.96 + slope * np.abs(x)) / np.sqrt(1.0 + slope * slope))
    return np.minimum(shaft, head)


OUTLINES: dict[str, Outline] = {
    "disc": disc,
    "ring": ring,
    "half disc": half_disc,
    "crescent": crescent,
    "triangle": triangle,
    "square": square,
    "star": star,
    "cross": cross,
    "heart": heart,
    "arrow": arrow,
}
"""Class name -> outline; a class's label is its place in this order."""


def _length(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.sqrt(x * x + y * y)


def _reflected(
    x: np.ndarray, y: np.ndarray, normal_x: float, normal_y: float
) -> tuple[np.ndarray, np.ndarray]:
    """Points beyond the line through the origin with this normal, folded back to its other side."""
    beyond = 2.0 * np.maximum(x * normal_x + y * normal_y, 0.0)
    return x - beyond * normal_x, y - beyond * normal_y
