"""The path between two modes: its curves, its pictures, and what lies behind them."""

from __future__ import annotations

import streamlit as st

from engine.experiments.synthesis.results import ManifoldResult
from engine.records import Record
from pages.shared import details
from pages.shared.downloads import pair_files, take_away
from pages.shared.pair import drawing


def path_between(record: Record) -> None:
    """The path between two modes: curves, pictures, what the search changed, the loss plane."""
    pair = record.found(ManifoldResult)
    st.subheader("The path between them", anchor=False)
    left, right = st.columns([11, 9], gap="large")
    with left:
        logarithmic = drawing.scale_choice("mf_scale")
        drawing.curves(pair, key="mf_curves", logarithmic=logarithmic)
        st.caption(
            "What is left on the bent path? In the paper, no secondary barrier."
            if pair.final
            else "The straight path is low enough as it is. Another class, seed or classifier may have a "
            "barrier."
        )
    with right:
        drawing.viewer(pair, key="mf_viewer")
    drawing.strip(pair)
    if pair.final:
        details.new_node(pair)
        details.plane(pair, "mf")
        details.rounds(pair)
    take_away(record, "mf_get", pair_files(pair))
