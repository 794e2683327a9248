"""What an experiment found, with names and types: the base that the results of every kind extend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """The findings of `spec` as the record `key` holds them: arrays, tables, and a summary of plain values.

    A kind's own class adds what its pages and its users ask for, by name; `plot()`, where it has a figure.
    """

    spec: Any
    arrays: Mapping[str, np.ndarray]
    tables: Mapping[str, pd.DataFrame]
    summary: Mapping[str, Any]
    key: str = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.outcome or self.spec.words()}>"

    @property
    def outcome(self) -> str:
        """How it ended, in a few words for a row of a list; empty where there is nothing to tell."""
        return str(self.summary.get("status", ""))


def row_where(table: pd.DataFrame, **values: str) -> dict[str, Any]:
    """The first row of a table in which the columns named have these values; KeyError without one."""
    fits = np.all([table[name].to_numpy() == value for name, value in values.items()], axis=0)
    if not fits.any():
        raise KeyError(f"There is no row with {values}.")
    return {str(name): value for name, value in table[fits].iloc[0].items()}
