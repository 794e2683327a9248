"""Textures: smooth gradients, stripes, blotches and grain over the plane, in exact arithmetic only.

Coordinates run from -1 to 1 over the picture at any resolution, so a texture is the same at all of them.
Sines are replaced by a periodic parabola and rotations by the rational half-angle formula: IEEE 754
defines + - * / and comparisons to the last bit, and leaves transcendental functions to the machine.
"""

from __future__ import annotations

import numpy as np

KINDS = ("gradient", "stripes", "blotches", "grain")

BLOTCH_NODES = 8
GRAIN_NODES = 26
"""Nodes a side of the lattices of random numbers that blotches and grain interpolate."""

TAN_HALF_45 = 0.41421356


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


def lattice(nodes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Random `nodes` (n, K, K) interpolated smoothly over the picture: float32 (n, H, W)."""
    rows, down = _cells(nodes.shape[1], height)
    columns, across = _cells(nodes.shape[2], width)
    down, across = down[None, :, None], across[None, None, :]
    bands = nodes[:, rows] * (1 - down) + nodes[:, rows + 1] * down
    return bands[:, :, columns] * (1 - across) + bands[:, :, columns + 1] * across


def texture(
    draws: np.ndarray, x: np.ndarray, y: np.ndarray, blotches: np.ndarray, grain: np.ndarray
) -> np.ndarray:
    """One texture a picture, float32 (n, H, W) in [-1, 1].

    `draws` (n, 5) in [0, 1) choose kind, direction, frequency, phase and sharpness; `x` and `y`
    are (1, H, W); `blotches` and `grain` are interpolated lattices (n, H, W) in [0, 1].
    """
    kind = np.floor(draws[:, 0] * len(KINDS))
    cosine, sine = direction(draws[:, 1])
    columns = [draws[:, k].astype(np.float32)[:, None, None] for k in (2, 3, 4)]
    field = np.empty_like(blotches)
    for number, paint in enumerate((_gradient, _stripes, _blotches, _grain)):
        chosen = kind == number
        if chosen.any():
            along = x * cosine[chosen, None, None] + y * sine[chosen, None, None]
            field[chosen] = paint(
                along, *(column[chosen] for column in columns), blotches[chosen], grain[chosen]
            )
    return np.clip(field, -1.0, 1.0)


def _gradient(
    along: np.ndarray, frequency: np.ndarray, phase: np.ndarray, *_: np.ndarray
) -> np.ndarray:
    return along * (0.5 + 0.5 * frequency) + (phase - 0.5)


def _stripes(
    along: np.ndarray, frequency: np.ndarray, phase: np.ndarray, sharp: np.ndarray, *_: np.ndarray
) -> np.ndarray:
    return wave(along * (0.9 + 2.6 * frequency) + phase) * (0.7 + 2.0 * sharp)


def _blotches(
    along: np.ndarray,
    frequency: np.ndarray,
    phase: np.ndarray,
    sharp: np.ndarray,
    blotches: np.ndarray,
    grain: np.ndarray,
) -> np.ndarray:
    return (blotches - 0.5) * (2.0 + 4.0 * sharp)


def _grain(
    along: np.ndarray,
    frequency: np.ndarray,
    phase: np.ndarray,
    sharp: np.ndarray,
    blotches: np.ndarray,
    grain: np.ndarray,
) -> np.ndarray:
    return (grain - 0.5) * (1.6 + 1.2 * sharp)


def _cells(nodes: int, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel centre: the lattice cell that it lies in, and how far across (smoothstep)."""
    place = (np.arange(pixels, dtype=np.float32) + 0.5) / pixels * (nodes - 1)
    cell = np.minimum(np.floor(place), nodes - 2)
    part = place - cell
    return cell.astype(np.int64), part * part * (3.0 - 2.0 * part)
