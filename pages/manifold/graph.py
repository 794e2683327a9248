"""The modes as a graph or a map, the table of all pairs, and the pair that is chosen to walk along."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from pages.manifold.pictures import thumbnails
from pages.shared.chart_block import chart_block
from pages.shared.figures import mode_graph
from pages.shared.figures.graph import KINDS, circle
from pages.shared.one_of import one_of
from pages.shared.words import share

STRAIGHT, FOUND = "Straight paths", "Paths found"
CIRCLE, IMAGES, BARRIERS = "Circle", "By image distance", "By barrier"
NOTES = {
    CIRCLE: "Dark edges: pairs whose straight path crosses a high barrier. Which of them do the paths found "
    "turn into land?",
    IMAGES: "Modes lie as far apart as their pictures differ, as two dimensions can show it (principal "
    "components). Near modes need not be connected.",
    BARRIERS: "Modes lie as far apart as the barrier between them is high, as two dimensions can show it "
    "(classical multidimensional scaling): groups are what straight paths connect.",
}
"""How the modes are laid out, and what to see then."""

BARRIER_AXES = ("First axis of the barriers (nats)", "Second axis of the barriers (nats)")
PAIR_COLUMNS = {
    "pair": "Modes",
    "height_before": "Straight (nats)",
    "height_after": "Found (nats)",
    "rounds": "Rounds",
    "connected_after": "Connected",
    "distance": "Image distance",
}


def graph(found: ModesResult) -> int:
    """The graph with its controls; the row of the pair that is chosen."""
    st.subheader("The modes and the paths between them", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        paths = one_of("Edges", (STRAIGHT, FOUND), "mf_edges", label_visibility="visible")
        layout = one_of("Places", list(NOTES), "mf_places", label_visibility="visible")
    pairs = found.pairs
    before = paths == STRAIGHT
    left, right = st.columns([11, 9], gap="large")
    with right:
        row = _table(pairs)
    edge = pairs.iloc[row]
    nodes, titles = mode_table(found, layout, before)
    edges = pd.DataFrame(
        {
            "first": pairs["first"] + 1,
            "second": pairs["second"] + 1,
            "height": pairs["height_before" if before else "height_after"],
            "connected": pairs["connected_before" if before else "connected_after"],
        }
    )
    marked = (int(edge["first"]) + 1, int(edge["second"]) + 1)
    with left:
        chart_block(
            mode_graph(nodes, edges, found.threshold, titles, marked),
            NOTES[layout],
            key="mf_graph",
            of=found.key[:8],
            alt_text=f"Graph of {len(nodes)} modes, edges coloured by the highest loss on the "
            f"{'straight paths' if before else 'paths found'}",
        )
    return row


def mode_table(
    found: ModesResult, layout: str, before: bool
) -> tuple[pd.DataFrame, tuple[str, str] | None]:
    """One row a mode as the graph draws it, and the titles of the axes, None for a circle."""
    rows = found.modes
    titles = None
    if layout == IMAGES:
        spots = found.arrays["map_images"]
        shares = found.summary["map_shares"]
        words = [
            f"Principal axis {k + 1} (image distance), {share(part)} of variance"
            for k, part in enumerate(shares)
        ]
        titles = (words[0], words[1])
    elif layout == BARRIERS:
        spots, titles = found.arrays["map_barriers"], BARRIER_AXES
    else:
        spots = circle(len(rows))
    groups = found.components(before)
    nodes = pd.DataFrame(
        {
            "number": np.arange(1, len(rows) + 1),
            "x": spots[:, 0],
            "y": spots[:, 1],
            "kind": rows["kind"].map(KINDS).to_numpy(),
            "image": thumbnails(found.images),
            "loss": rows["loss"].to_numpy(),
            "group": groups + 1,
        }
    )
    return nodes, titles


def _table(pairs: pd.DataFrame) -> int:
    """All pairs; the row that is selected, else that of the highest barrier."""
    names = [f"{a + 1} to {b + 1}" for a, b in zip(pairs["first"], pairs["second"], strict=True)]
    picked = st.dataframe(
        pairs.assign(pair=names)[list(PAIR_COLUMNS)].rename(columns=PAIR_COLUMNS),
        hide_index=True,
        height=420,
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
        st.session_state["mf_edge_row"] = start
    st.caption("Highest loss on the straight path and on the path found, for every pair.")
    row = st.selectbox(
        "Walk along", choices, format_func=lambda k: f"Modes {names[k]}", key="mf_edge_row"
    )
    return int(row)
