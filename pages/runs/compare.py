"""Several results side by side: their curves in one chart, their numbers in one table."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.records import Record
from pages.runs.listing import title_of
from pages.shared.chart_block import chart_block
from pages.shared.figures import overlaid_curves
from pages.shared.tracks import Pair
from pages.shared.words import figure


def compare(records: Sequence[Record]) -> None:
    """Their curves in one chart, and their numbers in one table."""
    st.subheader("Side by side", anchor=False)
    pairs = {
        f"{number}: {record.key[:8]}": Pair.of(record)
        for number, record in enumerate(records, start=1)
    }
    chart, data = overlaid_curves(pairs)
    chart_block(
        chart,
        data,
        name="isthmus-comparison",
        alt_text="Loss along the paths of the chosen results, one colour a result",
        key="runs_compare",
        note="Solid: the path found. Dashed: the straight path.",
    )
    st.table(
        {
            name: {
                "Result": title_of(pair.record),
                "Barrier, straight path (nats)": figure(pair.record.summary["height_before"]),
                "Highest loss, path found (nats)": figure(pair.record.summary["height_after"]),
                "Connected": "yes" if pair.record.summary["connected"] else "no",
                "Rounds": str(pair.record.summary["rounds"]),
                "Passes through the network": f"{_passes(pair.record):,}",
            }
            for name, pair in pairs.items()
        },
        alt="The chosen results in numbers",
    )


def _passes(record: Record) -> int:
    return int(record.summary["forward_passes"] + record.summary["backward_passes"])
