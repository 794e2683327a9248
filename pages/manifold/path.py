"""The path between two modes: its curves, its pictures, and what lies behind them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.images import amplify, to_bytes
from pages.manifold.pictures import picture
from pages.shared.chart_block import chart_block
from pages.shared.downloads import downloads
from pages.shared.figures import loss_curves, loss_plane
from pages.shared.path_viewer import path_viewer
from pages.shared.strip import image_strip
from pages.shared.tracks import Pair
from pages.shared.words import figure, nats


def path_between(pair: Pair) -> None:
    """The path between two modes: curves, pictures, what the search changed, the loss plane."""
    summary = pair.record.summary
    st.subheader("The path between them", anchor=False)
    left, right = st.columns([11, 9], gap="large")
    with left:
        scale = st.segmented_control(
            "Loss axis",
            ("Linear", "Logarithmic"),
            default="Linear",
            key="mf_scale",
            required=True,
            label_visibility="collapsed",
        )
        chart, data = loss_curves(pair, logarithmic=scale == "Logarithmic")
        chart_block(
            chart,
            data,
            name=f"isthmus-curves-{pair.record.key[:8]}",
            alt_text=f"Loss from A to C: the straight path rises to {nats(summary['height_before'])}, "
            f"the path found to {nats(summary['height_after'])}",
            key="mf_curves",
            note="Look at what is left on the bent path; in the paper, no secondary barrier. The "
            "logarithmic axis shows it best."
            if pair.final
            else "The straight path is low enough as it is, so there was no barrier to bend it "
            "around. Another class, seed or classifier may have one.",
        )
    with right:
        path_viewer(pair, key="mf_viewer")
        st.caption("Drag over the curves, or use the slider and the arrow keys.")
    image_strip(pair)
    if pair.final:
        _node(pair)
        _plane(pair)
        _rounds(pair)
    st.subheader("Take it with you", anchor=False)
    downloads(pair, key="mf_get")


def _node(pair: Pair) -> None:
    """B, B′ and their difference: what the search changed."""
    first = pair.tracks[1]
    node = first.farthest
    place = first.stations[[node]]
    before, after = pair.straight.pictures(place)[0], first.nodes[node]
    difference, factor = amplify(after - before)
    losses = [float(track.loss_at(place)[0]) for track in pair.tracks[:2]]
    st.subheader("What the search changed", anchor=False)
    with st.grid(3, min_column_width=100):
        picture(to_bytes(before), f"**B**, {nats(losses[0])}", "Picture B")
        picture(to_bytes(after), f"**B′**, {nats(losses[1])}", "Picture B prime")
        picture(difference, f"**B′ − B**, × {figure(factor)}", "B prime minus B, amplified")
    change = float(np.sqrt(((after - before) ** 2).mean()))
    st.caption(
        f"B is the top of the barrier, at place {place[0]:.3f}. Look at the difference: a change of "
        f"{figure(change)} of the colour range (root mean square) is enough to remove the barrier."
    )


def _plane(pair: Pair) -> None:
    if "plane_loss" not in pair.record.arrays:
        return
    st.subheader("The loss plane", anchor=False)
    chart, data = loss_plane(pair.record.arrays, pair.threshold, pair.classes)
    chart_block(
        chart,
        data,
        name=f"isthmus-plane-{pair.record.key[:8]}",
        alt_text="Map of the loss in the plane through A, C and B prime, both paths on it",
        key="mf_plane",
        note="Every point is a picture: A, plus a step towards C, plus a step towards B′. Look at the "
        "land, where the loss is low, and how far the barrier reaches into it. White lines part "
        "regions that the classifier sees as different classes; the vertical axis is stretched.",
    )


def _rounds(pair: Pair) -> None:
    table = pair.record.tables["rounds"]
    columns = {
        "round": "Round",
        "segments": "Segments",
        "height": "Highest loss (nats)",
        "gap": "Gap (nats)",
        "position": "Where (t, 0 to 1)",
    }
    st.dataframe(
        table[list(columns)].rename(columns=columns),
        hide_index=True,
        alt="Highest loss and gap of the path after every round; round 0 is the straight path",
    )
