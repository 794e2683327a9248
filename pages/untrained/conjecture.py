"""Conjecture 5.1 on random networks: how many pairs are joined, and what that shows."""

from __future__ import annotations

import streamlit as st

from engine.experiments.theory.results import ConjectureResult
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import detours, joined_fractions, plane_map
from pages.shared.one_of import one_of
from pages.shared.strip import data_uri
from pages.shared.words import figure
from pages.untrained.conjecture_words import limits, method, pair_words, verdict


def conjecture(record: Record) -> None:
    """The figures and sentences of a conjecture record."""
    found = record.found(ConjectureResult)
    if not found.summary["pairs"]:
        st.info("No random pair met the tolerance. Raise it, or the number of networks.")
        return
    st.markdown(method(found.spec, found.dimensions))
    _figures(found)
    if found.mapped is not None:
        _map(found)
    st.markdown("**What this does not show**\n\n" + limits(found.spec))


@st.fragment
def _figures(found: ConjectureResult) -> None:
    titles = {delta: figure(delta) for delta in found.summary["deltas"]}
    label = "Tolerance δ, in standard deviations of f"
    delta = one_of(label, titles, "cj_delta", label_visibility="visible")
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart_block(
            joined_fractions(found.fractions, found.dimensions, delta),
            "Does a line rise to 1 towards the right? Bars: Wilson's 95 % intervals. Dashed: P² of app. C "
            "with p as measured, the chance that both inputs are in the infinite cluster.",
            key="cj_fractions",
            of=found.key[:8],
        )
    with right:
        chart_block(
            detours(found.dimensions),
            "How far bent paths leave the straight line, mean over the pairs that they join: in many "
            "dimensions by a small part of its length.",
            key="cj_detours",
            of=found.key[:8],
        )
    words = verdict(found.spec, found.fractions, found.dimensions, delta)
    st.markdown("**What this shows**\n\n" + words)


@st.fragment
def _map(found: ConjectureResult) -> None:
    """Two dimensions can be drawn whole: the land on which a path may go, and the path found."""
    pairs, reach = found.mapped, found.reach
    assert pairs is not None
    left, right = st.columns(2, gap="large")
    with right:
        st.markdown("**Two dimensions, drawn**")
        number = st.selectbox(
            "Pair",
            pairs["pair"].tolist(),
            format_func=lambda k: f"{k + 1}: {pair_words(pairs.iloc[k])}",
            key="cj_pair",
        )
        row = pairs.iloc[number]
        st.caption(
            f"All inputs of the first network, each coordinate from −{reach:g} to {reach:g}. Sand: |f(x) − "
            "f(x₀)| < 2δ, where a path may go; blue: outside, the darker the farther. Orange: the straight "
            "line; blue line: the path at the end of the search. Does one piece of land hold both ends?"
        )
    with left:
        drawn = plane_map(
            found.map_values, reach, found.map_path(number), row["level"], row["goal"]
        )
        words = f"Map of f over two inputs with the path of a pair: {pair_words(row)}"
        st.image(data_uri(drawn), width="stretch", alt=words)
