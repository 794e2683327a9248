"""Conjecture 5.1 on random networks: how many pairs are joined, and what that shows and leaves open."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from engine.experiments.theory.conjecture import Conjecture
from engine.experiments.theory.results import ConjectureResult
from engine.plots.grammar import Drawing
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import detours, joined_fractions, plane_map
from pages.shared.fold import fold
from pages.shared.fragments import fragment
from pages.shared.strip import data_uri
from pages.shared.views import one_of
from pages.shared.words import figure
from pages.untrained.conjecture_words import headline, limits, pair_words, verdict


def conjecture(record: Record) -> None:
    """The figures and sentences of a conjecture record."""
    found = record.found(ConjectureResult)
    if not found.summary["pairs"]:
        st.info("No random pair met the tolerance. Raise it, or the number of networks.")
        return
    _figures(found)
    title = "How it was measured, and what it does not show"
    fold(title, "rule", "cj_method", partial(_method, found))


def _method(found: ConjectureResult) -> None:
    delta = st.session_state.get("cj_delta") or found.summary["deltas"][0]
    st.markdown(verdict(found.spec, found.fractions, found.dimensions, delta))
    st.markdown(method(found.spec, found.dimensions))
    chart_block(
        detours(found.dimensions),
        "How far joining paths leave the straight line, on average.",
        key="cj_detours",
        of=found.key[:8],
    )
    st.markdown("**What this does not show**\n\n" + limits(found.spec))
    if found.mapped is not None:
        _map(found)


@fragment
def _figures(found: ConjectureResult) -> None:
    titles = {delta: figure(delta) for delta in found.summary["deltas"]}
    label = "Tolerance δ, in standard deviations of f"
    delta = one_of(label, titles, "cj_delta", label_visibility="visible")
    st.markdown(headline(found.spec, found.fractions, delta))
    chart_block(
        joined_fractions(found.fractions, found.dimensions, delta),
        "Bars: 95 % intervals. Dashed: percolation theory (P² of app. C).",
        key="cj_fractions",
        of=found.key[:8],
    )


@fragment
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


def conjecture_card(record: Record) -> Drawing:
    """What stands on the card of such a record."""
    found = record.found(ConjectureResult)
    return joined_fractions(found.fractions, found.dimensions, found.summary["deltas"][0])[0]


def method(spec: Conjecture, dimensions: pd.DataFrame) -> str:
    """What was done, in a paragraph."""
    network = (
        f"perceptrons of {spec.depth} hidden layers of {spec.width} units ({spec.activation})"
        if spec.network == "mlp"
        else "small residual CNNs"
    )
    low, high = dimensions["spread"].min(), dimensions["spread"].max()
    return (
        f"{spec.networks} random {network} for each dimension, {spec.pairs} pairs each; inputs N(0, 1) in "
        f"every coordinate. f is the one output, in (0, 1), with a standard deviation of {figure(low)} to "
        f"{figure(high)}, of which δ is a multiple. A pair counts as joined only if a finer grid than the "
        "search used confirms it."
    )
