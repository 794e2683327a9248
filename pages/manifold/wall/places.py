"""Where the pictures of a wall stand at first."""

from __future__ import annotations

import numpy as np

ROOM = 14.0
"""Empty space around the modes, in percent of the wall."""


def circle(count: int) -> np.ndarray:
    """Places (count, 2) on a circle, the first at the top, clockwise."""
    angle = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def placed(spots: np.ndarray) -> list[list[float]]:
    """Places in percent of the wall, from its upper left corner."""
    low, high = spots.min(0), spots.max(0)
    middle, span = (low + high) / 2, np.maximum(high - low, 1e-9)
    unit = (spots - middle) / span * [1, -1]
    return (50 + (100 - 2 * ROOM) * unit).round(2).tolist()
