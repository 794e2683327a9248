"""What lies behind a result: the new picture, the search step by step, the rounds."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.images import amplify, to_bytes
from pages.shared.chart_block import chart_block
from pages.shared.figures import search_trace
from pages.shared.strip import data_uri
from pages.shared.words import figure, nats, plain

SIDE = 224
COLUMNS = {
    "round": "Round",
    "segments": "Segments",
    "height": "Highest loss (nats)",
    "gap": "Gap (nats)",
    "position": "Where (t, 0 to 1)",
    "connected": "Connected",
}
BEND_COLUMNS = {
    "round": "Round",
    "segment": "Segment",
    "barrier_before": "Barrier before (nats)",
    "barrier_after": "Barrier after (nats)",
    "steps": "Steps",
    "outside": "Outside [0, 1] by (pixel range)",
    "drift": "Off its hyperplane (share of its segment)",
}


def new_node(pair: PairResult) -> None:
    """B, B′ and their difference: what the search changed."""
    first = pair.tracks[1]
    node = first.farthest
    place = first.stations[[node]]
    before, after = pair.straight.pictures(place)[0], first.nodes[node]
    difference, factor = amplify(after - before)
    change = float(np.sqrt(((after - before) ** 2).mean()))
    st.subheader("The picture that the first round found", anchor=False)
    with st.grid(3, min_column_width=100):
        picture(to_bytes(before), f"**B**, {_at(pair, 0, place)}", "picture B")
        picture(to_bytes(after), f"**B′**, {_at(pair, 1, place)}", "picture B prime")
        picture(difference, f"**B′ − B**, × {figure(factor)}", "B prime minus B, amplified")
    st.caption(
        f"B is the top of the barrier, B′ what the search made of it, by {figure(change)} of the colour "
        "range (root mean square)."
    )


def trace(pair: PairResult, prefix: str) -> None:
    """How the loss of every new picture fell as it was optimised."""
    st.subheader("The search, step by step", anchor=False)
    table = pair.trace
    if table.empty:
        st.caption("There was nothing to search for: the straight path is low enough.")
        return
    chart_block(
        search_trace(table, pair.threshold),
        "Loss of the new picture. Dashed: the threshold.",
        key=f"{prefix}_trace",
        of=pair.key[:8],
    )


def rounds(pair: PairResult, title: str = "Rounds") -> None:
    """The rounds as a table, and every bypass in them."""
    st.subheader(title, anchor=False)
    table = pair.rounds
    st.dataframe(
        table[list(COLUMNS)].rename(columns=COLUMNS),
        hide_index=True,
        alt="Highest loss and gap of the path after every round; round 0 is the straight path",
    )
    st.caption("Round 0 is the straight path. The gap is what a barrier adds to the higher end.")
    with st.expander("Every bypass", icon=":material/alt_route:"):
        bends = pair.bends
        st.dataframe(
            bends[list(BEND_COLUMNS)].rename(columns=BEND_COLUMNS),
            hide_index=True,
            alt="The barrier before and after every bypass, its steps and its accuracy",
        )


def _at(pair: PairResult, number: int, place: np.ndarray) -> str:
    track = pair.tracks[number]
    seen = pair.label(int(track.prediction_at(place)[0]))
    return f"{nats(float(track.loss_at(place)[0]))}, seen as {plain(seen)}"


def picture(image: np.ndarray, caption: str, alt: str) -> None:
    """A picture with words below it, for a column of a grid."""
    # Small pictures are enlarged pixel by pixel here: a browser would blur them.
    st.image(data_uri(image, SIDE), caption=caption, width="stretch", alt=alt)
