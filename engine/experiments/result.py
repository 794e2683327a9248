"""What an experiment found, with names and types: the base that the results of every kind extend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Kind = TypeVar("Kind")


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

    @property
    def portrait(self) -> Sequence[np.ndarray]:
        """The few pictures that stand for it in a list, float32 (C, H, W) each; none for most."""
        return ()

    @property
    def sketch(self) -> Sequence[np.ndarray]:
        """The few lines (N,), on one scale, that stand for it where it has no picture."""
        return ()


class _Held(Generic[Kind]):
    """A property of a result: what its record holds under the property's name, or under `name`."""

    part: str

    def __init__(self, words: str, name: str = "") -> None:
        self.__doc__, self._name = words, name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    def __get__(self, result: Result | None, owner: type) -> Kind:
        held: Any = self if result is None else getattr(result, self.part)[self._name]
        return held


class Told(_Held[Kind]):
    """One of the values of its summary."""

    part = "summary"


class Array(_Held[np.ndarray]):
    """One of its arrays."""

    part = "arrays"


class Table(_Held["pd.DataFrame"]):
    """One of its tables."""

    part = "tables"


def row_where(table: pd.DataFrame, **values: str) -> dict[str, Any]:
    """The first row of a table in which the columns named have these values; KeyError without one."""
    fits = np.all([table[name].to_numpy() == value for name, value in values.items()], axis=0)
    if not fits.any():
        raise KeyError(f"There is no row with {values}.")
    return {str(name): value for name, value in table[fits].iloc[0].items()}
