"""A record of a population as the view needs it: pairs by branch, statistics and tests by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from engine.experiments.population.spec import PopulationSpec
from engine.records import Record
from pages.shared.figures.branches import NAMES, samples_of


@dataclass(frozen=True)
class Measured:
    """Pairs of both branches; losses, heights and gaps are in nats."""

    record: Record

    @property
    def spec(self) -> PopulationSpec:
        assert isinstance(self.record.spec, PopulationSpec)
        return self.record.spec

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """A row for each pair that was kept."""
        return self.record.tables["pairs"]

    @property
    def t(self) -> np.ndarray:
        return self.record.arrays["t"]

    @property
    def curves(self) -> dict[str, np.ndarray]:
        """The loss curves (N, points) of each branch, by its name."""
        every = self.record.arrays["curves"]
        branch = self.pairs["branch"].to_numpy()
        return {name: every[branch == key] for key, name in NAMES.items()}

    def samples(self, measure: str) -> dict[str, np.ndarray]:
        """Height or gap of every pair, by the name of its branch."""
        return samples_of(self.pairs, measure)

    def statistics(self, branch: str, measure: str) -> dict[str, Any]:
        """Summary of one branch."""
        table = self.record.tables["statistics"]
        return _row(table[(table["branch"] == branch) & (table["measure"] == measure)])

    def tests(self, measure: str) -> dict[str, Any]:
        """How the branches differ."""
        table = self.record.tables["tests"]
        return _row(table[table["measure"] == measure])

    def counts(self, branch: str) -> dict[str, int]:
        """How many pairs came to what end."""
        found: dict[str, int] = self.record.summary["counts"][branch]
        return found

    def left_out(self, branch: str) -> list[str]:
        """Names of the classes with too few images."""
        return list(self.record.summary["left_out"][branch])


def _row(rows: pd.DataFrame) -> dict[str, Any]:
    return {str(name): value for name, value in rows.iloc[0].items()}
