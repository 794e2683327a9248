"""The stored results as rows of a table: what, how it ended, when, how long, how large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from engine.experiments.groups import GROUPS, Group
from engine.records import Record
from engine.records.names import IMPORTED
from pages.shared.words import size

DAMAGED = Group("Damaged", "Damaged")


def group_of(record: Record) -> Group:
    """What a record is listed under."""
    return DAMAGED if record.damage else record.spec.group


def offered(records: Sequence[Record]) -> dict[str, Group]:
    """What can be listed, by title: the usual groups, and others where a record belongs to one."""
    groups = dict.fromkeys((*GROUPS, DAMAGED, *map(group_of, records)))
    return {group.title: group for group in groups}


def rows(records: Sequence[Record]) -> pd.DataFrame:
    """One row a record, in the given order."""
    return pd.DataFrame([_row(record) for record in records])


def title_of(record: Record) -> str:
    """A record in one line, for choosing it from a list."""
    if record.damage:
        return f"damaged {record.kind} {record.key[:8]}"
    if record.imported:
        return f"{record.spec.words()} (imported {record.key.removeprefix(IMPORTED)[:8]})"
    return f"{record.spec.words()} ({record.key[:8]})"


def table(data: pd.DataFrame, key: str, on_select: Any) -> None:
    """The sortable table; selecting rows calls `on_select`."""
    st.dataframe(
        data,
        hide_index=True,
        key=key,
        on_select=on_select,
        selection_mode="multi-row",
        column_config={
            "what": st.column_config.TextColumn("What"),
            "outcome": st.column_config.TextColumn("Outcome"),
            "when": st.column_config.DatetimeColumn("When (UTC)", format="YYYY-MM-DD HH:mm"),
            "seconds": st.column_config.NumberColumn("Time (s)", format="%.1f"),
            "megabytes": st.column_config.NumberColumn("Size (MB)", format="%.2f"),
            "kind": st.column_config.TextColumn("Kind"),
            "origin": st.column_config.TextColumn("Origin"),
            "key": st.column_config.TextColumn("Key"),
        },
        alt="Stored results, newest first",
    )


def size_of(record: Record) -> int:
    """Bytes on disk."""
    try:
        return sum(path.stat().st_size for path in record.path.iterdir())
    except OSError:
        return 0


def size_words(record: Record) -> str:
    return size(size_of(record))


def _origin(record: Record) -> str:
    if record.shipped:
        return "ships with Isthmus"
    if record.imported:
        return "imported, unchecked"
    return "computed here, older revision" if record.outdated else "computed here"


def _row(record: Record) -> dict[str, Any]:
    whole = not record.damage
    return {
        "what": record.spec.words() if whole else f"{record.kind} {record.key}",
        "outcome": record.outcome,
        "when": record.created.replace(tzinfo=None),
        "seconds": record.environment.get("seconds") if whole else None,
        "megabytes": size_of(record) / 1e6,
        "kind": group_of(record).one,
        "origin": _origin(record),
        "key": record.key,
    }
