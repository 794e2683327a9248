"""The paths of a record as figures need them: pictures, losses and predictions by place.

A place is where a picture stands between A (0) and C or K′ (1), measured along the straight line between
them. At equal places the pictures of two paths correspond: B and B′ have the same place (METHOD.md,
sec. 2), though the parameter t of their paths differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from engine.places import stations
from engine.records import Record

REAL_ENDS, ADVERSARIAL_ENDS = ("A", "C"), ("A", "K′")
"""The letters of the pictures at both ends of a path."""

COMPARED = "real_"
"""Begins the names of what a real-adversarial record holds of its real pair."""


@dataclass(frozen=True)
class Track:
    """One path: nodes float32 (M, C, H, W) and its loss curve; `number` counts rounds, 0 is straight."""

    number: int
    nodes: np.ndarray
    t: np.ndarray
    loss: np.ndarray
    prediction: np.ndarray

    @property
    def name(self) -> str:
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
        blend: np.ndarray = values[left] * (1 - share) + values[left + 1] * share
        return blend


def straight_pictures(nodes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pictures (N, C, H, W) at `places` of the straight path between the first and last node."""
    share = places.astype(np.float32).reshape(-1, 1, 1, 1)
    blend: np.ndarray = nodes[0] * (1 - share) + nodes[-1] * share
    return blend


def tracks_of(arrays: Mapping[str, np.ndarray], prefix: str = "") -> list[Track]:
    """The straight path and the path after every round, from a record's arrays of that prefix."""
    tracks: list[Track] = []
    while f"{prefix}loss_{len(tracks)}" in arrays:
        k = len(tracks)
        parts = (arrays[f"{prefix}{name}_{k}"] for name in ("t", "loss", "prediction"))
        tracks.append(Track(k, _nodes(arrays, prefix, k), *parts))
    return tracks


def _nodes(arrays: Mapping[str, np.ndarray], prefix: str, number: int) -> np.ndarray:
    """A path's nodes; where a record holds no pictures, pictures of one value that have their places."""
    if f"{prefix}nodes_{number}" in arrays:
        return arrays[f"{prefix}nodes_{number}"]
    return arrays[f"{prefix}stations_{number}"].reshape(-1, 1, 1, 1)


@dataclass(frozen=True)
class Pair:
    """What a page draws of a pair of images: its record, its paths, the letters of its ends.

    Without `pictured` the record holds no pictures, and what is drawn is curves and numbers.
    """

    record: Record
    tracks: list[Track]
    ends: tuple[str, str] = REAL_ENDS
    pictured: bool = True
    prefix: str = ""

    @classmethod
    def of(cls, record: Record) -> Pair:
        ends = ADVERSARIAL_ENDS if record.kind == "real-adversarial" else REAL_ENDS
        return cls(record, tracks_of(record.arrays), ends, "nodes_0" in record.arrays)

    @classmethod
    def compared(cls, record: Record) -> Pair:
        """The real pair that a real-adversarial record holds for comparison."""
        tracks = tracks_of(record.arrays, COMPARED)
        return cls(record, tracks, REAL_ENDS, f"{COMPARED}nodes_0" in record.arrays, COMPARED)

    @property
    def numbers(self) -> Mapping[str, Any]:
        """What the record's summary says of this pair's paths."""
        summary = self.record.summary
        return summary["real"] if self.prefix == COMPARED else summary

    def table(self, name: str) -> pd.DataFrame:
        """One of the record's tables on this pair: "rounds", "bends" or "trace"."""
        return self.record.tables[f"{self.prefix}{name}"]

    @property
    def straight(self) -> Track:
        return self.tracks[0]

    @property
    def final(self) -> Track | None:
        """The path that the search ended with, None where the straight one was left as it is."""
        return self.tracks[-1] if len(self.tracks) > 1 else None

    @property
    def classes(self) -> list[str]:
        return list(self.record.summary["classes"])

    @property
    def target(self) -> str:
        return str(self.record.summary["target_name"])

    @property
    def threshold(self) -> float:
        return float(self.record.summary["threshold"])

    def label(self, index: int) -> str:
        """The name of a class by its number."""
        return self.classes[index] if 0 <= index < len(self.classes) else f"class {index}"
