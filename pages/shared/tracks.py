"""The paths of a record as figures need them: pictures, losses and predictions by place.

A place is where a picture stands between A (0) and C or K′ (1), measured along the straight line between
them. At equal places the pictures of two paths correspond: B and B′ have the same place (METHOD.md,
sec. 2), though the parameter t of their paths differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.plots.tracks import ADVERSARIAL_ENDS, REAL_ENDS, Track
from engine.records import Record

COMPARED = "real_"
"""Begins the names of what a real-adversarial record holds of its real pair."""


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


def attacked_and_clean(record: Record) -> dict[str, np.ndarray]:
    """The pictures of an attack by name, the attacked one first; float32 (C, H, W) each."""
    arrays = record.arrays
    return {
        "K′, attacked": arrays["adversarial"],
        "K, before the attack": arrays["source"],
        "A": tracks_of(arrays)[0].nodes[0],
    }


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
