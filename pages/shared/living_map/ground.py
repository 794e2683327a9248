"""The ground of a map: losses and classes on a grid over three pictures, each point a blend of them.

A place is a pair of grid coordinates (i, j), counted from 0; an affine map takes (i, j, 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

TRIANGLE = np.array([[0, 1, 0.5], [0, 0, 3**0.5 / 2]])
"""Where the three pictures of a hull stand: an even triangle, whatever their distances."""

ROOM = 0.16
"""Empty space on every side of a hull, as a share of its side."""

TICKS = 5


@dataclass(frozen=True)
class Ground:
    """Loss in nats and predicted class (rows, columns); NaN and -1 where a hull has no point.

    `shares` (3, 3) takes a place to the weights of the three pictures, `screen` (2, 3) to the unit
    square, y downwards. `ticks` are lists of (share of the axis, words), empty for a hull.
    """

    loss: np.ndarray
    seen: np.ndarray
    shares: np.ndarray
    screen: np.ndarray
    aspect: float
    ticks: Sequence[Sequence[tuple[float, str]]] = ()

    @property
    def hull(self) -> bool:
        return not self.ticks

    def middles(self, low: int = 0, least: float = 0.01) -> dict[int, tuple[int, int]]:
        """The place deepest inside the region of each class that has this share of the points above `low`."""
        seen = self.seen.copy()
        seen[:low] = -1
        classes, counts = np.unique(seen[seen >= 0], return_counts=True)
        large = classes[counts >= least * counts.sum()]
        return {int(one): _deepest(seen == one) for one in large}


def plane_ground(arrays: Mapping[str, np.ndarray], corners: Sequence[int]) -> Ground:
    """Of a plane as a record holds it (`plane_x`, ...), through three of its nodes."""
    rows, columns = arrays["plane_loss"].shape
    spots = plane_spots(arrays)[list(corners)]
    return Ground(
        arrays["plane_loss"],
        arrays["plane_prediction"],
        np.linalg.inv(np.vstack([spots.T, np.ones(3)])),
        np.array([[1 / (columns - 1), 0, 0], [0, -1 / (rows - 1), 1]]),
        1.05,
        [_ticks(arrays["plane_x"]), _ticks(arrays["plane_y"])],
    )


def plane_spots(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The places (M, 2) of a plane's nodes on its grid."""
    axes = (arrays["plane_x"], arrays["plane_y"])
    first = np.array([axis[0] for axis in axes])
    step = np.array([(axis[-1] - axis[0]) / (len(axis) - 1) for axis in axes])
    return (arrays["plane_nodes"] - first) / step


def hull_ground(weights: np.ndarray, loss: np.ndarray, prediction: np.ndarray) -> Ground:
    """Of all blends of three pictures that `simplex_grid` names, `weights` (Q, 3)."""
    steps = round(1 / np.diff(np.unique(weights[:, 0].round(9))).min())
    i, j = np.rint(weights[:, 1:].T * steps).astype(int)
    losses = np.full((steps + 1, steps + 1), np.nan, np.float32)
    seen = np.full(losses.shape, -1)
    losses[j, i], seen[j, i] = loss, prediction
    shares = np.array([[-1, -1, steps], [1, 0, 0], [0, 1, 0]]) / steps
    width, height = 1 + 2 * ROOM, 3**0.5 / 2 + 2 * ROOM
    corners = np.stack(
        [(TRIANGLE[0] + ROOM) / width, 1 - (TRIANGLE[1] + ROOM) / height],
    )
    return Ground(losses, seen, shares, corners @ shares, width / height)


def _deepest(region: np.ndarray) -> tuple[int, int]:
    """A place (i, j) of the region that outlasts taking its rim away, again and again."""
    left = np.pad(region, 1)
    last = left
    while left.any():
        last = left
        left = left & np.logical_and.reduce(
            [np.roll(left, k, axis) for axis in (0, 1) for k in (-1, 1)]
        )
    j, i = np.argwhere(last)[last.sum() // 2] - 1
    return int(i), int(j)


def _ticks(axis: np.ndarray) -> list[tuple[float, str]]:
    """A few round numbers within an axis: how far along they stand, and their words."""
    span = float(axis[-1] - axis[0])
    step = min(
        (base * 10.0**power for power in range(-6, 7) for base in (1, 2, 5)),
        key=lambda size: abs(span / size - TICKS),
    )
    marks = np.arange(np.ceil(axis[0] / step), np.floor(axis[-1] / step) + 1) * step
    return [(float((mark - axis[0]) / span), f"{mark + 0.0:g}".replace("-", "−")) for mark in marks]
