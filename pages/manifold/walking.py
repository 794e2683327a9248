"""One path between two modes, walked from picture to picture."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from pages.shared.chart_block import chart_block
from pages.shared.figures import loss_curves
from pages.shared.living_map import path_map
from pages.shared.words import nats


def walk(found: ModesResult, row: int) -> None:
    """The pictures and losses along the edge of `row` of the record's pairs."""
    pair = found.paths(row)
    edge = found.pairs.iloc[row]
    first, second = int(edge["first"]) + 1, int(edge["second"]) + 1
    st.header(f"From mode {first} to mode {second}", anchor=False)
    st.markdown(_words(edge, first, second))
    left, right = st.columns([11, 9], gap="large")
    with left:
        chart_block(
            loss_curves(pair),
            f"A is mode {first}, C is mode {second}.",
            key="mf_edge",
            of=pair.key,
            alt_text=f"Loss from mode {first} to mode {second}: the straight path rises to "
            f"{nats(edge['height_before'])}, the path found to {nats(edge['height_after'])}",
        )
    with right:
        path_map(pair, {}, key="mf_walk")
        st.caption("Drag over the curves, or use the slider and the arrow keys.")


def _words(edge: Any, first: int, second: int) -> str:
    before, after = float(edge["height_before"]), float(edge["height_after"])
    if edge["connected_before"]:
        return (
            f"The straight path is one of low loss already: at most {nats(before)}. Blends of modes "
            f"{first} and {second} are modes, too."
        )
    rounds = int(edge["rounds"])
    bent = f"after {rounds} round{'s' if rounds != 1 else ''} the path reaches {nats(after)}"
    verdict = "and is connected" if edge["connected_after"] else "and is still not connected"
    return f"The straight path rises to **{nats(before)}**; {bent} at most {verdict}."
