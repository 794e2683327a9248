"""Conjecture 5.1 on random networks: how many pairs are joined, and what that shows."""

from __future__ import annotations

import streamlit as st

from engine.experiments.theory.conjecture import Conjecture
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.downloads import take
from pages.shared.figures import detours, joined_fractions, plane_map
from pages.shared.linked import Linked
from pages.shared.strip import data_uri
from pages.shared.words import figure
from pages.untrained.method import limits, method
from pages.untrained.section import result_of
from pages.untrained.sentences import pair_words, verdict

PREFERRED = 0
"""The tolerance that is shown first: the tightest."""


def conjecture(link: Linked) -> None:
    """The section: settings, then the figures and sentences of a conjecture record."""
    st.subheader("Conjecture 5.1, measured", anchor=False)
    st.markdown(
        "The paper conjectures: take a network at initialisation and two random inputs to which it "
        "gives nearly the same output, |f(x₀) − f(x₁)| < δ. Then a path on which |f(x) − f(x₀)| < 2δ "
        "joins them, with a probability that goes to 1 as the inputs get more dimensions. It leaves "
        "the measurement open (sec. 5, app. C and F); here it is."
    )
    record = result_of(Conjecture, link, "Measure")
    if record is None:
        return
    if not record.summary["pairs"]:
        st.info("No random pair met the tolerance. Raise it, or the number of networks.")
        return
    spec = record.spec
    assert isinstance(spec, Conjecture)
    st.markdown(method(spec, record.tables["dimensions"]))
    _figures(record, spec)
    if "map_pairs" in record.tables:
        _map(record)
    st.markdown("**What this does not show**\n\n" + limits(spec))
    take(record, key="cj_take")


@st.fragment
def _figures(record: Record, spec: Conjecture) -> None:
    deltas = record.summary["deltas"]
    delta = st.segmented_control(
        "Tolerance δ, in standard deviations of f",
        deltas,
        default=deltas[PREFERRED],
        format_func=figure,
        key="cj_delta",
        required=True,
    )
    delta = delta or deltas[PREFERRED]
    fractions, dimensions = record.tables["fractions"], record.tables["dimensions"]
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart, data = joined_fractions(fractions, dimensions, delta)
        chart_block(
            chart,
            data,
            name=f"isthmus-conjecture-{record.key[:8]}",
            alt_text="Share of pairs joined against input dimension, one line a round of bypass, beside "
            "mean-field theory",
            key="cj_fractions",
            note="What to look at: whether a line rises to 1 towards the right. Bars are Wilson's 95 % "
            "intervals. The dashed line is app. C of the paper with p as measured: P², the "
            "chance that both inputs are in the infinite cluster. The paper has no such figure.",
        )
    with right:
        chart, data = detours(dimensions)
        chart_block(
            chart,
            data,
            name=f"isthmus-detours-{record.key[:8]}",
            alt_text="How far the bent paths leave the straight line, against input dimension",
            key="cj_detours",
            note="What to look at: in many dimensions a path needs to leave the straight line by a "
            "small part of its length only (mean over the pairs joined by a bent path).",
        )
    st.markdown("**What this shows**\n\n" + verdict(spec, fractions, dimensions, delta))


@st.fragment
def _map(record: Record) -> None:
    """Two dimensions can be drawn whole: the land on which a path may go, and the path found."""
    pairs = record.tables["map_pairs"]
    left, right = st.columns(2, gap="large")
    with right:
        st.markdown("**Two dimensions, drawn**")
        number = st.selectbox(
            "Pair",
            pairs["pair"].tolist(),
            format_func=lambda k: f"{k + 1}: {pair_words(pairs.iloc[k])}",
            key="cj_pair",
        )
        row = pairs.iloc[number or 0]
        reach = float(record.arrays["map_reach"])
        st.caption(
            "All inputs of the first network in two dimensions, each coordinate from "
            f"−{reach:g} to {reach:g}. Sand: |f(x) − f(x₀)| < 2δ, where a path may go; blue: outside, the "
            "darker the farther. Orange: the straight line between x₀ and x₁; blue line: the path at the "
            "end of the search. What to look at: whether one piece of land holds both ends. In two "
            "dimensions it may well not; with more, there are more ways around."
        )
    with left:
        nodes = record.arrays[f"map_nodes_{number or 0}"]
        drawn = plane_map(record.arrays["map_values"], reach, nodes, row["level"], row["goal"])
        st.image(
            data_uri(drawn),
            width="stretch",
            alt=f"Map of f over two inputs with the path of a pair: {pair_words(row)}",
        )
