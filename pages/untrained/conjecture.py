"""Conjecture 5.1 on random networks: how many pairs are joined, and what that shows and leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.experiments.theory.conjecture import Conjecture
from engine.experiments.theory.results import ConjectureResult
from engine.plots.grammar import Drawing
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import detours, joined_fractions, plane_map
from pages.shared.strip import data_uri
from pages.shared.views import one_of
from pages.shared.words import counted, figure, share


def conjecture(record: Record) -> None:
    """The figures and sentences of a conjecture record."""
    found = record.found(ConjectureResult)
    if not found.summary["pairs"]:
        st.info("No random pair met the tolerance. Raise it, or the number of networks.")
        return
    _figures(found)
    with st.expander("How it was measured, and what it does not show", icon=":material/rule:"):
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


@st.fragment
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


def conjecture_card(record: Record) -> Drawing:
    """What stands on the card of such a record."""
    found = record.found(ConjectureResult)
    return joined_fractions(found.fractions, found.dimensions, found.summary["deltas"][0])[0]


NEARLY_ALL = 0.95


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


def headline(spec: Conjecture, fractions: pd.DataFrame, delta: float) -> str:
    """What became of the share that is joined as dimensions were added, in a sentence."""
    table = fractions[np.isclose(fractions["delta"], delta)].dropna(subset=["fraction"])
    final = table[table["round"] == spec.rounds]
    if final.empty:
        return "No pair met this tolerance."
    first, last = final.iloc[0], final.iloc[-1]
    return (
        f"Of pairs in {last['dimension']:,.0f} dimensions paths join **{share(last['fraction'])}**, in "
        f"{first['dimension']:.0f} dimensions {share(first['fraction'])}."
    )


def verdict(
    spec: Conjecture, fractions: pd.DataFrame, dimensions: pd.DataFrame, delta: float
) -> str:
    """What the numbers of one tolerance say, as a list."""
    table = fractions[np.isclose(fractions["delta"], delta)].dropna(subset=["fraction"])
    beside = dimensions[np.isclose(dimensions["delta"], delta)].set_index("dimension")
    straight, final = (
        table[table["round"] == number].set_index("dimension") for number in (0, spec.rounds)
    )
    lines = [f"**Straight lines** join {_span(straight)}."] if len(straight) else []
    if len(final):
        if spec.rounds:
            after = f"**After {counted(spec.rounds, 'rounds')}** paths join"
            lines.append(f"{after} {_span(final)}; {_nearly_all(final['fraction'])}.")
        theory = beside.loc[final.index, "theory"]
        lines.append(
            f"**Independent sites**, {share(beside.loc[final.index, 'occupied'].mean())} of them occupied, "
            f"would join {share(theory.iloc[0])} and {share(theory.iloc[-1])}."
        )
    if 2 in beside.index and pd.notna(on_grid := beside.loc[2, "on_grid"]) and 2 in final.index:
        lines.append(
            f"**On the map** of two dimensions {share(on_grid)} of the pairs are connected; the search "
            f"joined {share(final.loc[2, 'fraction'])}."
        )
    return "\n".join(f"- {line}" for line in lines)


def limits(spec: Conjecture) -> str:
    """What the measurement leaves open, as a list."""
    lines = [
        "A path that was not found may exist: fractions are lower bounds. Dimensions end at "
        f"{spec.dimensions[-1]:,}: a trend is measured, no limit.",
        "Outputs of a network are correlated and smooth, the proof's sites are independent: that the "
        "fractions agree with percolation does not make it the reason.",
        "Pairs of one network share it: the intervals are somewhat too narrow.",
    ]
    if spec.network == "mlp" and spec.dimensions[-1] > spec.width:
        lines.append(
            f"The first layer has {spec.width} units, so beyond {spec.width} inputs the dimension that "
            "counts grows no more."
        )
    return "\n".join(f"- {line}" for line in lines)


def pair_words(row: Any) -> str:
    """How a pair on the map ended: "joined after 2 rounds"."""
    if row["joined"] == 0:
        return "joined by the straight line"
    if row["joined"] > 0:
        return f"joined after {counted(row['joined'], 'rounds')}"
    return (
        "not joined, though the map shows a way" if row["on_grid"] else "not connected on the map"
    )


def _span(table: pd.DataFrame) -> str:
    """The share joined in the fewest and in the most dimensions, with its intervals."""
    ends = [
        f"{share(row['fraction'])} ({share(row['low'])} to {share(row['high'])})"
        for _, row in table.iloc[[0, -1]].iterrows()
    ]
    first, last = table.index[[0, -1]]
    return f"{ends[0]} of the pairs in {first:,} dimensions, {ends[1]} in {last:,}"


def _nearly_all(fractions: pd.Series) -> str:
    """Whether the share grows towards 1, as the conjecture states."""
    fewer = np.flatnonzero(fractions < NEARLY_ALL)
    if len(fewer) and fewer[-1] == len(fractions) - 1:
        return f"{share(NEARLY_ALL)} is not reached"
    since = fractions.index[fewer[-1] + 1 if len(fewer) else 0]
    return f"from {since:,} dimensions on at least {share(NEARLY_ALL)}"
