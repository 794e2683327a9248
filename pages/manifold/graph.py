"""The modes as a wall, the table of all pairs, and the pair that is chosen to walk along."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from engine.records import Record
from pages.manifold.neighbours import NEAR_WORDS
from pages.manifold.wall import wall

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
    st.subheader("The modes and the paths between them", anchor=False)
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
