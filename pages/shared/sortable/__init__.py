"""A table that one sorts by a click on a column, whose cells say more than the number that sorts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.shared.component import component

_TABLE = component(__file__, "sortable")


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, smaller lines below it, what is told on hover, and what it is sorted by.

    `marked` cells are bold; one without a `value` is sorted by its words, behind those that have one.
    `pictures` are data URIs, `href` is where a click on its words leads.
    """

    words: str
    lines: tuple[str, ...] = ()
    hover: str = ""
    value: float | None = None
    marked: bool = False
    pictures: tuple[str, ...] = ()
    href: str = ""


@dataclass(frozen=True)
class Choice:
    """Rows that can be chosen: the name of each, those that are, and what is told when they change."""

    names: Sequence[str]
    chosen: Sequence[str]
    change: Callable[[list[str]], None]


def sortable(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    by: int,
    label: str,
    key: str,
    choice: Choice | None = None,
    wide: int = 0,
) -> None:
    """Draw the table, sorted by the column number `by`, the highest first; the first cell names its row.

    With `wide`, each row is a card on a narrow screen, without the columns from that number on.
    """

    def chosen() -> None:
        names = (st.session_state.get(key) or {}).get("chosen")
        if choice and isinstance(names, list):
            choice.change([name for name in names if name in choice.names])

    _TABLE(
        key=key,
        data={
            "columns": list(columns),
            "rows": [[asdict(cell) for cell in row] for row in rows],
            "by": by,
            "label": label,
            "wide": wide,
            "names": list(choice.names) if choice else [],
            "chosen": list(choice.chosen) if choice else [],
        },
        on_chosen_change=chosen,
    )
