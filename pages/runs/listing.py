"""The stored results as rows of a table: what, how it ended, when, how long, how large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from engine.records import Record
from pages.shared.words import figure, nats, share, size, spec_words

CONNECTIONS, EXPLORATIONS = "Connections", "Explorations"
STRAIGHT, RANKINGS, DAMAGED = "Straight paths", "Rankings", "Damaged"
KINDS = (CONNECTIONS, EXPLORATIONS, STRAIGHT, RANKINGS, DAMAGED)


def kind_of(record: Record) -> str:
    """Which of KINDS a record is listed under."""
    if record.damage:
        return DAMAGED
    if record.kind == "survey":
        return RANKINGS
    if record.kind == "modes":
        return EXPLORATIONS
    rounds = record.spec.to_dict().get("connect", {}).get("rounds", 1)
    return CONNECTIONS if rounds else STRAIGHT


def rows(records: Sequence[Record]) -> pd.DataFrame:
    """One row a record, in the given order."""
    return pd.DataFrame([_row(record) for record in records])


def title_of(record: Record) -> str:
    """A record in one line, for choosing it from a list."""
    if record.damage:
        return f"damaged {record.kind} {record.key[:8]}"
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


def _row(record: Record) -> dict[str, Any]:
    whole = not record.damage
    return {
        "what": spec_words(record.spec) if whole else f"{record.kind} {record.key}",
        "outcome": _status(record.summary) if whole else f"Damaged: {record.damage}",
        "when": record.created.replace(tzinfo=None),
        "seconds": record.environment.get("seconds") if whole else None,
        "megabytes": size_of(record) / 1e6,
        "kind": kind_of(record).removesuffix("s"),
        "origin": "ships with Isthmus" if record.shipped else "this store",
        "key": record.key,
    }


def _status(summary: dict[str, Any]) -> str:
    if "accuracy" in summary:
        right = (
            "" if summary["accuracy"] is None else f", {share(summary['accuracy'])} seen rightly"
        )
        return f"{summary['count']:,} images{right}"
    if summary.get("rounds"):
        before, after = figure(summary["height_before"]), nats(summary["height_after"])
        verdict = "Connected" if summary["connected"] else "Not connected"
        return f"{verdict}: {before} to {after}"
    if "height_before" not in summary or "components_after" in summary:
        return str(summary.get("status", ""))
    peak = nats(summary["height_before"])
    return f"Connected already: {peak}" if summary["connected"] else f"Barrier of {peak}"
