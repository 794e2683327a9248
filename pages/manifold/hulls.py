"""The hull of three modes: blends of them, measured and shown as a map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from pages.detector.verdict.state import ask
from pages.shared.chart_block import tools
from pages.shared.living_map import hull_map, hull_table
from pages.shared.words import nats, share

COLUMNS = {
    "modes": "Modes",
    "size": "Corners",
    "blends": "Blends",
    "highest": "Highest loss (nats)",
    "mean": "Mean loss (nats)",
    "below": "Share below the threshold",
}


def hull_view(found: ModesResult) -> None:
    """The triangle of any three modes, and the table of all groups."""
    st.header("Between three modes and more", anchor=False)
    table = found.hulls
    if table is None:
        st.caption("Hulls need at least three modes, and steps on their grid (More, Hull steps).")
        return
    left, right = st.columns([11, 9], gap="large")
    with left:
        _triangle(found)
    with right:
        st.dataframe(
            table[list(COLUMNS)].rename(columns=COLUMNS),
            hide_index=True,
            height=420,
            column_config={
                COLUMNS["below"]: st.column_config.NumberColumn(format="percent"),
                COLUMNS["highest"]: st.column_config.NumberColumn(format="%.3g"),
                COLUMNS["mean"]: st.column_config.NumberColumn(format="%.3g"),
            },
            alt="Highest and mean loss over the blends of every three and four modes and of all",
        )
        whole = table.iloc[-1]
        of = f"all {whole['size']}" if whole["size"] > 4 else whole["modes"]
        st.caption(
            f"Over blends of modes {of}, {share(float(whole['below']))} have a loss below "
            f"{nats(found.threshold)}. Where that falls as corners are added, the modes do not lie in one "
            "convex piece of low loss, even if paths join them."
        )


def _triangle(found: ModesResult) -> None:
    arrays, count, threshold = found.arrays, len(found.images), found.threshold
    numbers = list(range(1, count + 1))
    name = "mf_corners"
    if any(number > count for number in st.session_state.get(name, [])):
        del st.session_state[name]
    chosen = st.multiselect(
        "Three modes",
        numbers,
        default=_widest(found),
        key=name,
        max_selections=3,
        format_func=lambda number: f"Mode {number}",
        help="The corners of the triangle.",
    )
    if len(chosen) != 3:
        st.info("Choose three modes to see the loss over all their blends.")
        return
    corners = sorted(number - 1 for number in chosen)
    row = int(np.flatnonzero((arrays["hull_corners"] == corners).all(1))[0])
    loss = arrays["hull_loss"][row]
    ask(hull_map(found, row, key="mf_hull"), found.spec.classifier)
    st.caption(
        f"Every point is a blend of the three. {share(float((loss <= threshold).mean()))} of them "
        f"have a loss below {nats(threshold)}; the highest is {nats(float(loss.max()))}."
    )
    tools(
        lambda: hull_table(found, row),
        key="mf_hull",
        of=found.key[:8],
        alt_text="the losses of the blends",
    )


def _widest(found: ModesResult) -> list[int]:
    """The three modes whose blends differ most in loss: the most telling triangle to begin with."""
    highest = found.arrays["hull_loss"].max(axis=1)
    return [int(k) + 1 for k in found.arrays["hull_corners"][int(np.argmax(highest))]]
