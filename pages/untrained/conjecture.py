"""Conjecture 5.1 on random networks: how many pairs are joined, and what that shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.experiments.theory.conjecture import Conjecture
from engine.experiments.theory.results import ConjectureResult
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import detours, joined_fractions, plane_map
from pages.shared.one_of import one_of
from pages.shared.strip import data_uri
from pages.shared.words import counted, figure, share

NEARLY_ALL = 0.95


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
            format_func=lambda k: f"{k + 1}: {_pair_words(pairs.iloc[k])}",
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
        words = f"Map of f over two inputs with the path of a pair: {_pair_words(row)}"
        st.image(data_uri(drawn), width="stretch", alt=words)


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


def _pair_words(row: Any) -> str:
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
