"""Percolation and the conjecture measured, as pages and notebooks ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.experiments.result import Array, Result, Table
from engine.words import share

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class PercolationResult(Result):
    """Site percolation in several dimensions, beside mean field."""

    order = Table(
        "A row for each dimension, measure and p: the share with its interval, and mean field's."
    )
    thresholds = Table(
        "A row for each dimension: the estimate, its error, the literature, both theories."
    )

    @property
    def sketch(self) -> list[np.ndarray]:
        largest = self.order[self.order["measure"] == "largest"]
        return [one["share"].to_numpy() for _, one in largest.groupby("dimension")]

    @property
    def outcome(self) -> str:
        worst = 100 * self.summary["worst_threshold"]
        return f"Thresholds within {worst:.1f} % of the literature"


@dataclass(frozen=True, repr=False)
class ConjectureResult(Result):
    """How often random inputs of random networks are joined."""

    fractions = Table(
        "A row for each dimension, tolerance and round: the share of pairs joined by then."
    )
    dimensions = Table("A row for each dimension and tolerance: what goes with the fractions.")

    @property
    def mapped(self) -> pd.DataFrame | None:
        """A row for each pair on the map of two dimensions; None where there is no map."""
        return self.tables.get("map_pairs")

    map_values = Array(
        "f at the centres of the map's cells (side, side), from -`reach` to `reach`."
    )

    @property
    def reach(self) -> float:
        return float(self.arrays["map_reach"])

    def map_path(self, pair: int) -> np.ndarray:
        """The nodes (M, 2) of a pair's path on the map."""
        return self.arrays[f"map_nodes_{pair}"]

    @property
    def sketch(self) -> list[np.ndarray]:
        strict = self.fractions[self.fractions["delta"] == self.fractions["delta"].min()]
        return [one["fraction"].to_numpy() for _, one in strict.groupby("round")]

    @property
    def outcome(self) -> str:
        joined = self.summary["joined"]
        told = "" if joined is None else f", {share(joined)} joined"
        return f"{self.summary['pairs']:,} pairs{told}"
