"""Tables as files for a spreadsheet, in which a cell that begins like a formula is not one."""

from __future__ import annotations

from typing import Any

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes a text that begins so for something to work out; names that people chose may."""


def as_csv(table: pd.DataFrame) -> bytes:
    """The table as CSV, without its index. Texts that would be formulas get an apostrophe before them."""
    guarded = table.map(_guarded).rename(columns=_guarded)
    # With both characters at the end of a line, either of them in a cell is quoted.
    return guarded.to_csv(index=False, lineterminator="\r\n").encode()


def _guarded(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
