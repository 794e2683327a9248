"""Modes made from noise and what joins them, as pages and notebooks ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.experiments.pair.results import PairResult
from engine.experiments.result import Array, Result, Table, Told
from engine.plots.tracks import Drawn, Track

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class ManifoldResult(PairResult):
    """Two unlike modes of a class, and the paths between them where both converged."""

    @property
    def searched(self) -> bool:
        """Whether there are paths at all."""
        return bool(self.tracks)

    images = Array("The two modes, float32 (2, C, H, W).", "modes")

    @property
    def portrait(self) -> Sequence[np.ndarray]:
        return list(self.images) if self.pictured else ()

    modes = Told[list[dict[str, Any]]](
        "Each in numbers: kind, loss in nats, probability of the class, steps, whether it converged."
    )

    synthesis = Table("The loss of each mode at every step as it was made.")

    @property
    def outcome(self) -> str:
        return super().outcome if self.searched else self.status


@dataclass(frozen=True, repr=False)
class ModesResult(Result):
    """N modes of a class, synthetic ones first, then real ones: how they connect, where they lie."""

    images = Array("The modes, float32 (N, C, H, W).", "modes")
    made = Table(
        "A row an image made or taken; those that did not converge have no number.",
        "modes",
    )

    @property
    def modes(self) -> pd.DataFrame:
        """A row for each mode, in the order of their numbers."""
        return self.made[self.made["mode"] >= 0]

    @property
    def explored(self) -> bool:
        """Whether there were two modes at least, and so pairs."""
        return "pairs" in self.tables

    @property
    def portrait(self) -> Sequence[np.ndarray]:
        return list(self.images[:2])

    pairs = Table(
        "A row a pair: heights and gaps in nats before and after the search, whether connected."
    )

    @property
    def hulls(self) -> pd.DataFrame | None:
        """A row for each group of modes whose blends were measured; None where none was."""
        return self.tables.get("hulls")

    threshold = Told[float]("The loss below which a path is connected, nats.")

    classes = Told[list[str]]("What the classifier calls its classes.")

    def label(self, index: int) -> str:
        """The name of a class by its number."""
        return self.classes[index]

    def components(self, before: bool) -> np.ndarray:
        """The component of each mode, (N,): by straight paths alone, or by the paths found."""
        return self.arrays["component_before" if before else "component_after"]

    def paths(self, row: int) -> Drawn:
        """The straight path of a pair, by its row, and where a search bent it the final one."""
        told = self.pairs.iloc[row]
        numbers = [int(told["first"]), int(told["second"])]
        ends = self.images[numbers]
        begin, end = self.arrays["inner_offset"][[row, row + 1]]
        tracks = [self._track(row, 0, "straight", ends)]
        if end > begin:
            nodes = np.concatenate([ends[:1], self.arrays["inner_nodes"][begin:end], ends[1:]])
            tracks.append(self._track(row, int(told["rounds"]), "final", nodes))
        name = "-".join([self.key[:8], *(str(number + 1) for number in numbers)])
        return Drawn(tracks, self.threshold, self.classes, key=name)

    def _track(self, row: int, number: int, name: str, nodes: np.ndarray) -> Track:
        begin, end = self.arrays[f"{name}_offset"][[row, row + 1]]
        t, loss, seen = (
            self.arrays[f"{name}_{column}"][begin:end] for column in ("t", "loss", "prediction")
        )
        return Track(number, nodes, t.astype(np.float64), loss, seen)
