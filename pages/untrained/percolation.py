"""The order parameter in 2 to 7 dimensions beside mean field, and the thresholds beside literature."""

from __future__ import annotations

from functools import partial

import streamlit as st

from engine.experiments.theory.results import PercolationResult
from engine.plots.grammar import Drawing
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import order_parameter
from pages.shared.fold import fold
from pages.shared.fragments import fragment
from pages.shared.views import one_of
from pages.shared.words import share

MEASURES = {"largest": "Largest cluster", "spanning": "Spanning cluster"}
AXES = {"p": "Against p", "neighbours": "Against 2dp"}
METHODS = {"spanning": "spanning, two sizes", "invasion": "invasion"}

TERMS = {
    "site": "vertex (node)",
    "bond": "edge",
    "cluster": "connected component",
    "infinite cluster": "infinite connected component",
    "percolation threshold": "critical probability",
    "order parameter": "size of the largest component",
    "lattice animal": "connected subgraph (not infinite)",
}
"""Table 2 of the paper: statistical physics -> graph theory."""


def percolation(record: Record) -> None:
    """The figures of a percolation record."""
    found = record.found(PercolationResult)
    _order(found)
    title = "The thresholds in numbers, and two languages"
    fold(title, "table", "pc_numbers", partial(_thresholds, found))


@fragment
def _order(found: PercolationResult) -> None:
    with st.container(horizontal=True):
        measure = one_of("Measure", MEASURES, "pc_measure")
        axis = one_of("Axis", AXES, "pc_axis")
    chart_block(
        order_parameter(found.order, measure, axis),
        f"Solid: mean of {found.summary['lattices']} lattices. Dashed: mean-field theory (app. C).",
        key="pc_order",
        of=found.key[:8],
    )


def _thresholds(found: PercolationResult) -> None:
    table = found.thresholds
    st.markdown("The least *p* at which an infinite cluster exists:")
    off = 100 * (table["estimate"] / table["literature"] - 1)
    st.table(
        {
            "Dimensions": table["dimension"].astype(str).tolist(),
            "Measured here": [
                f"{row.estimate:.5f} ± {row.error:.5f}" for row in table.itertuples()
            ],
            "How": [METHODS[method] for method in table["method"]],
            "Literature": [f"{value:.6f}" for value in table["literature"]],
            "Off by": [f"{value:+.2f} %".replace("-", "−") for value in off],
            "Mean field, 1/(2d)": [f"{value:.4f}" for value in table["mean_field"]],
            "Series in 1/(2d − 1)": [f"{value:.4f}" for value in table["series"]],
        },
        alt="Percolation thresholds by dimension: measured, from literature, and from two theories",
    )
    low = 1 - table["mean_field"] / table["literature"]
    st.caption(
        "± is one standard error; all lie within "
        f"{100 * found.summary['worst_threshold']:.1f} % of the literature (Jacobsen 2015; Xu et al. "
        f"2014; Mertens and Moore 2018). Mean field is too low by {share(low.iloc[0])} in "
        f"{table['dimension'].iloc[0]} dimensions and by {share(low.iloc[-1])} in "
        f"{table['dimension'].iloc[-1]}. Spanning: where the probabilities that lattices of two sizes are "
        "spanned cross. Invasion: the share of tested sites that a growing cluster takes."
    )
    st.markdown("Two languages for the same things (Table 2 of the paper):")
    st.table(
        {"Statistical physics": list(TERMS), "Graph theory": list(TERMS.values())},
        alt="Terms of statistical physics and their names in graph theory",
    )


def percolation_card(record: Record) -> Drawing:
    """What stands on the card of such a record."""
    return order_parameter(record.found(PercolationResult).order, "largest", "p")[0]
