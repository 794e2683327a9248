"""Networks at initialisation: optimal inputs from noise, connected by two rounds of bypass (Fig. 8)."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.experiments.untrained.untrained import SEVERAL, Untrained
from engine.plots.tracks import Drawn
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.downloads import take
from pages.shared.figures import loss_curves
from pages.shared.linked import Linked
from pages.shared.path_viewer import path_viewer
from pages.shared.words import figure
from pages.untrained.population import inputs, population
from pages.untrained.sayings import outcome, search_words, shown_words
from pages.untrained.section import result_of

NODES = {
    2: ("A", "C"),
    3: ("A", "B′", "C"),
    5: ("A", "B″", "B′", "B‴", "C"),
}
"""Names of a path's nodes by their number, as in Fig. 8."""


def networks(link: Linked) -> None:
    """The section: settings, then the pair in depth, all pairs, and the fractions."""
    st.subheader("Before any training", anchor=False)
    st.markdown(
        "A network at initialisation has learnt nothing, and there are no images that it knows. Yet "
        "noise can be changed until the network is sure of a class. Are two such *optimal inputs* of "
        "one class connected? The paper says yes: two rounds of bypass give a path of four segments, "
        "A–B″–B′–B‴–C, whose loss is below 0.0005 everywhere (sec. 4.4, Fig. 8)."
    )
    record = result_of(Untrained, link, "Connect", shown=SEVERAL)
    if record is None:
        return
    spec = record.spec
    assert isinstance(spec, Untrained)
    _verdict(record, spec)
    if "nodes_0" in record.arrays:
        _pair(record)
    population(record)
    inputs(record, spec)
    take(record, key="ut_take")


def _verdict(record: Record, spec: Untrained) -> None:
    summary = record.summary
    words = outcome(summary, spec)
    if not summary["converged"]:
        st.warning(words, icon=":material/warning:")
        return
    st.markdown(words)


@st.fragment
def _pair(record: Record) -> None:
    """The curves of Fig. 8 beside the pictures, and the viewer that moves along them."""
    pair = record.found(PairResult)
    left, right = st.columns([11, 9], gap="large")
    with left:
        scale = st.segmented_control(
            "Loss axis",
            ("Logarithmic", "Linear"),
            default="Logarithmic",
            key="ut_scale",
            required=True,
            label_visibility="collapsed",
        )
        chart, data = loss_curves(pair, logarithmic=scale != "Linear")
        chart_block(
            chart,
            data,
            name=f"isthmus-untrained-{record.key[:8]}",
            alt_text=shown_words(record.summary),
            key="ut_curves",
            note="What to look at: where the straight line rises above the dashed threshold, and "
            "whether the path after the last round stays below it all the way from A to C.",
        )
    drawn, low, high = stretched(pair)
    with right:
        path_viewer(drawn, key="ut_viewer")
        st.caption(
            "Drag over the curves, or use the slider and the arrow keys. These inputs leave the range "
            f"of pictures, so colours are stretched: black is {figure(low)}, white is {figure(high)}."
        )
    _heights(record, pair)
    spec = record.spec
    assert isinstance(spec, Untrained)
    st.caption(search_words(spec))


def stretched(pair: PairResult) -> tuple[Drawn, float, float]:
    """The pair with its pictures stretched to [0, 1], and the values that become black and white.

    One map for all pictures, so places along the path stay where they are.
    """
    low = min(float(track.nodes.min()) for track in pair.tracks)
    high = max(float(track.nodes.max()) for track in pair.tracks)
    tracks = [replace(one, nodes=(one.nodes - low) / (high - low)) for one in pair.tracks]
    return Drawn(tracks, pair.threshold, pair.classes, key=pair.key), low, high


def _heights(record: Record, pair: PairResult) -> None:
    rounds = record.tables["rounds"]
    st.table(
        {
            "Path": [track.name for track in pair.tracks],
            "Nodes": [
                "–".join(NODES.get(len(track.nodes), ("A", f"{len(track.nodes) - 2} nodes", "C")))
                for track in pair.tracks
            ],
            "Highest loss (nats)": [figure(value) for value in rounds["height"]],
            "Above the higher end by (nats)": [figure(value) for value in rounds["gap"]],
        },
        alt="Highest loss of the straight path and of the path after every round",
    )
