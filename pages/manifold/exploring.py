"""Several modes of one class: how many hold together, their wall, a walk, what they span."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from engine.records import Record
from pages.manifold.hulls import hull_view
from pages.manifold.walking import walk
from pages.manifold.wall import NEAR_WORDS, wall
from pages.shared.downloads import File, array_files, take
from pages.shared.pair import drawing
from pages.shared.words import counted, nats


def many_modes(record: Record) -> Callable[[], None]:
    """What one sees first of a record of several modes; draws the rest when it is called."""
    found, summary = record.found(ModesResult), record.summary
    drawing.verdict(summary["connected"], summary["status"])
    if summary["rejected"]:
        st.caption(
            f"{counted(summary['rejected'], 'synthetic images')} did not converge: no mode, and left "
            "out of everything below."
        )
    if not found.explored:
        return lambda: take(record, "mf_take")
    row = graph(record, found)
    return lambda: _rest(record, found, row)


def _rest(record: Record, found: ModesResult, row: int) -> None:
    walk(found, row)
    _numbers(record.summary)
    hull_view(found)
    pairs = File(
        "Pairs (CSV)",
        "-pairs.csv",
        lambda: found.pairs,
        "Barriers (nats), rounds and distance of every pair, modes counted from 0.",
    )
    take(record, "mf_take", lambda: (*array_files("Modes", "modes", found.images), pairs))


def _numbers(summary: dict[str, Any]) -> None:
    with st.grid(4, min_column_width=165):
        drawing.metric("Modes", str(summary["modes"]), "Synthetic and real together.")
        drawing.metric(
            "Pairs connected",
            f"{summary['connected_before']} → {summary['connected_after']} of {summary['pairs']}",
            f"By straight paths, and by the paths found. The threshold is {nats(summary['threshold'])}.",
        )
        drawing.metric(
            "Components",
            f"{summary['components_before']} → {summary['components_after']}",
            "Groups of modes that hold together, by straight paths and by the paths found.",
        )
        drawing.metric(
            "Barrier (nats)",
            f"{summary['height_before']:.2f} → {summary['height_after']:.2f}",
            "The highest loss on any straight path, and on any path found. The longest search took "
            f"{counted(summary['most_rounds'], 'rounds')}.",
        )


ROW = "mf_edge_row"
PAIR_COLUMNS = {
    "pair": "Modes",
    "height_before": "Straight (nats)",
    "height_after": "Found (nats)",
    "rounds": "Rounds",
    "connected_after": "Connected",
    "distance": "Image distance",
}


def graph(record: Record, found: ModesResult) -> int:
    """The wall beside the table of pairs; the row of the pair that is chosen."""
    st.header("The modes and the paths between them", anchor=False)
    left, right = st.columns([11, 9], gap="large")
    with right:
        row = _table(found.pairs)
    with left:
        wall(record, row, key="mf_wall", on_edge=_walk)
        st.caption(
            f"Drag pictures, click an edge to walk it. Small: {NEAR_WORDS[0].lower()}{NEAR_WORDS[1:]}."
        )
    return row


def _walk(row: int) -> None:
    """An edge was clicked: walk along it below, too."""
    st.session_state[ROW] = row


def _table(pairs: pd.DataFrame) -> int:
    """All pairs; the row that is selected, else that of the highest barrier."""
    names = [f"{a + 1} to {b + 1}" for a, b in zip(pairs["first"], pairs["second"], strict=True)]
    picked = st.dataframe(
        pairs.assign(pair=names)[list(PAIR_COLUMNS)].rename(columns=PAIR_COLUMNS),
        hide_index=True,
        height=360,
        key="mf_pairs",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            PAIR_COLUMNS[name]: st.column_config.NumberColumn(format="%.3g")
            for name in ("distance", "height_before", "height_after")
        },
        alt="Barriers between every two modes before and after the search",
    )
    highest = int(pairs["height_before"].to_numpy().argmax())
    choices = list(range(len(pairs)))
    rows = picked["selection"]["rows"]
    start = rows[0] if rows and rows[0] < len(pairs) else highest
    if st.session_state.get("mf_picked") != (start, len(pairs)):
        st.session_state["mf_picked"] = (start, len(pairs))
        st.session_state[ROW] = start
    row = st.selectbox("Walk along", choices, format_func=lambda k: f"Modes {names[k]}", key=ROW)
    return int(row)
