"""Two results side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.records import Record
from pages.runs.listing import title_of
from pages.shared.chart_block import chart_block
from pages.shared.figures import overlaid_curves
from pages.shared.words import figure


def compare(records: Sequence[Record]) -> None:
    """Their curves in one chart, and their numbers in one table."""
    st.header("Side by side", anchor=False)
    named = {
        f"{number}: {record.key[:8]}": record for number, record in enumerate(records, start=1)
    }
    pairs = {name: record.found(PairResult) for name, record in named.items()}
    chart_block(
        overlaid_curves(pairs),
        "Solid: the path found. Dashed: the straight path.",
        key="runs_compare",
    )
    st.table(
        {
            name: {
                "Result": title_of(named[name]),
                "Barrier, straight path (nats)": figure(pair.summary["height_before"]),
                "Highest loss, path found (nats)": figure(pair.summary["height_after"]),
                "Connected": "yes" if pair.connected else "no",
                "Rounds": str(pair.summary["rounds"]),
                "Passes through the network": f"{pair.passes:,}",
            }
            for name, pair in pairs.items()
        },
        alt="The chosen results in numbers",
    )
