"""The stored results as rows of a table: what, how it ended, when, how long, how large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from engine.records import Record
from engine.records.names import IMPORTED
from pages.runs.outcomes import outcome
from pages.shared import words
from pages.shared.words import size, spec_words

CONNECTIONS, POPULATIONS, STRAIGHT = "Connections", "Populations", "Straight paths"
EXPLORATIONS, THEORY, DETECTION, RANKINGS = "Explorations", "Theory", "Detection", "Rankings"
PARTS, DAMAGED = "Parts of sweeps", "Damaged"
KINDS = (
    CONNECTIONS,
    POPULATIONS,
    EXPLORATIONS,
    THEORY,
    DETECTION,
    STRAIGHT,
    RANKINGS,
    PARTS,
    DAMAGED,
)
AT_FIRST = [CONNECTIONS, POPULATIONS, EXPLORATIONS, THEORY, DETECTION, DAMAGED]
"""What is listed until somebody chooses otherwise."""


GROUPS = {
    "survey": RANKINGS,
    "modes": EXPLORATIONS,
    **dict.fromkeys(words.THEORY, THEORY),
    **dict.fromkeys(words.DETECTION, DETECTION),
    **dict.fromkeys(words.POPULATIONS, POPULATIONS),
    **dict.fromkeys((*words.PARTS, "evolution-part"), PARTS),
}
"""Kind of experiment -> what its records are listed under; others hold paths."""


def kind_of(record: Record) -> str:
    """Which of KINDS a record is listed under."""
    if record.damage:
        return DAMAGED
    rounds = record.spec.to_dict().get("connect", {}).get("rounds", 1)
    return GROUPS.get(record.kind, CONNECTIONS if rounds else STRAIGHT)


def rows(records: Sequence[Record]) -> pd.DataFrame:
    """One row a record, in the given order."""
    return pd.DataFrame([_row(record) for record in records])


def title_of(record: Record) -> str:
    """A record in one line, for choosing it from a list."""
    if record.damage:
        return f"damaged {record.kind} {record.key[:8]}"
    if record.imported:
        return f"{spec_words(record.spec)} (imported {record.key.removeprefix(IMPORTED)[:8]})"
    return f"{spec_words(record.spec)} ({record.key[:8]})"


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
        "what": spec_words(record.spec) if whole else f"{record.kind} {record.key}",
        "outcome": outcome(record.summary) if whole else f"Damaged: {record.damage}",
        "when": record.created.replace(tzinfo=None),
        "seconds": record.environment.get("seconds") if whole else None,
        "megabytes": size_of(record) / 1e6,
        "kind": "Part of a sweep"
        if kind_of(record) == PARTS
        else kind_of(record).removesuffix("s"),
        "origin": _origin(record),
        "key": record.key,
    }
