"""Paths as figures need them: pictures, losses and predictions by place.

A place is where a picture stands between A (0) and C or K′ (1), measured along the straight line between
them. At equal places the pictures of two paths correspond: B and B′ have the same place (METHOD.md,
sec. 2), though the parameter t of their paths differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from engine.places import stations

REAL_ENDS, ADVERSARIAL_ENDS = ("A", "C"), ("A", "K′")
"""The letters of the pictures at both ends of a path."""

ANY = -1


@dataclass(frozen=True)
class Track:
    """One path: nodes float32 (M, C, H, W) and its loss curve.

    `number` counts rounds; 0 is the straight path, `ANY` one of which nothing is known but its nodes.
    """

    number: int
    nodes: np.ndarray
    t: np.ndarray
    loss: np.ndarray
    prediction: np.ndarray

    @property
    def name(self) -> str:
        if self.number == ANY:
            return "Path"
        return f"After round {self.number}" if self.number else "Straight path"

    @cached_property
    def stations(self) -> np.ndarray:
        """The places of the nodes, float64 (M,), never decreasing from 0 to 1."""
        return stations(self.nodes)

    @cached_property
    def places(self) -> np.ndarray:
        """The places of the curve's points, (N,)."""
        return np.interp(self.t, np.linspace(0, 1, len(self.nodes)), self.stations)

    @property
    def top(self) -> int:
        """The index of the curve's highest point."""
        return int(np.argmax(self.loss))

    def loss_at(self, places: np.ndarray) -> np.ndarray:
        """Loss in nats at `places`, interpolated between the curve's points."""
        return np.interp(places, self.places, self.loss)

    def prediction_at(self, places: np.ndarray) -> np.ndarray:
        """The class predicted at the curve's point nearest to each of `places`."""
        right = np.clip(np.searchsorted(self.places, places), 1, len(self.places) - 1)
        nearer = places - self.places[right - 1] < self.places[right] - places
        return self.prediction[np.where(nearer, right - 1, right)]

    def pictures(self, places: np.ndarray) -> np.ndarray:
        """Pictures float32 (N, C, H, W) at `places`."""
        return self._blend(self.nodes, places)

    @cached_property
    def bends(self) -> np.ndarray:
        """How far each node is from the straight path at its place, float32 (M, C, H, W)."""
        away: np.ndarray = self.nodes - straight_pictures(self.nodes, self.stations)
        away[[0, -1]] = 0
        return away

    def bends_at(self, places: np.ndarray) -> np.ndarray:
        """The difference between this path and the straight one at `places`, (N, C, H, W)."""
        return self._blend(self.bends, places)

    @property
    def amplification(self) -> float:
        """The factor by which the largest difference just reaches black or white around mid grey."""
        largest = float(np.abs(self.bends).max(initial=0))
        return 0.5 / largest if largest > 0 else 1.0

    @property
    def farthest(self) -> int:
        """The index of the inner node that lies farthest from the straight line."""
        return int(np.argmax((self.bends**2).reshape(len(self.bends), -1).sum(1)))

    def _blend(self, values: np.ndarray, places: np.ndarray) -> np.ndarray:
        """One value a node, (M, ...), blended linearly to `places`."""
        node = np.interp(places, self.stations, np.arange(len(values)))
        left = np.minimum(node.astype(int), len(values) - 2)
        share = (node - left).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
        return values[left] * (1 - share) + values[left + 1] * share


def straight_pictures(nodes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pictures (N, C, H, W) at `places` of the straight path between the first and last node."""
    share = places.astype(np.float32).reshape(-1, 1, 1, 1)
    return nodes[0] * (1 - share) + nodes[-1] * share


class Paths(Protocol):
    """The paths between two pictures, the straight one first, as figures draw them; `key` names them."""

    @property
    def key(self) -> str: ...
    @property
    def tracks(self) -> Sequence[Track]: ...
    @property
    def straight(self) -> Track: ...
    @property
    def final(self) -> Track | None: ...
    @property
    def ends(self) -> tuple[str, str]: ...
    @property
    def threshold(self) -> float: ...
    def label(self, index: int) -> str:
        """The name of a class by its number."""


@dataclass(frozen=True)
class Drawn:
    """Paths that somebody has at hand, `threshold` in nats, and the classifier's class names."""

    tracks: Sequence[Track]
    threshold: float
    classes: Sequence[str] = ()
    ends: tuple[str, str] = REAL_ENDS
    key: str = ""

    @property
    def straight(self) -> Track:
        return self.tracks[0]

    @property
    def final(self) -> Track | None:
        """The last path, None where the straight one is all there is."""
        return self.tracks[-1] if len(self.tracks) > 1 else None

    def label(self, index: int) -> str:
        """The name of a class by its number."""
        return self.classes[index] if 0 <= index < len(self.classes) else f"class {index}"
