"""The order parameter in 2 to 7 dimensions beside mean field, and the thresholds beside literature."""

from __future__ import annotations

import streamlit as st

from engine.experiments.theory.percolation import Percolation
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.downloads import take
from pages.shared.figures import order_parameter
from pages.shared.linked import Linked
from pages.shared.words import share
from pages.untrained.section import result_of

MEASURES = {"largest": "Largest cluster", "spanning": "Spanning cluster"}
AXES = {"p": "Against p", "neighbours": "Against 2dp"}
METHODS = {"spanning": "spanning, two sizes", "invasion": "invasion"}


def percolation(link: Linked) -> None:
    """The section: settings, then the figures of a percolation record."""
    st.subheader("The more dimensions, the less it takes", anchor=False)
    st.markdown(
        "In *d* dimensions a site has 2*d* neighbours. If one is occupied among them on average, 2*dp* "
        "= 1, clusters already begin to go on for ever: that is mean-field theory, which neglects "
        "closed loops and on which the paper's conjecture rests (app. C)."
    )
    record = result_of(Percolation, link, "Compute")
    if record:
        _order(record)
        _thresholds(record)
        take(record, key="pc_take")


@st.fragment
def _order(record: Record) -> None:
    with st.container(horizontal=True):
        measure = _choice("Measure", MEASURES, "pc_measure")
        axis = _choice("Axis", AXES, "pc_axis")
    chart, data = order_parameter(record.tables["order"], measure, axis)  # type: ignore[arg-type]
    chart_block(
        chart,
        data,
        name=f"isthmus-percolation-{record.key[:8]}",
        alt_text="Order parameter of site percolation against the share of occupied sites, one colour "
        "a number of dimensions, Monte Carlo beside mean field",
        key="pc_order",
        note="What to look at: how far to the left each curve rises, and how close the solid line "
        f"(mean of {record.summary['lattices']} lattices, band: 95 % interval of the mean) comes to "
        "the dashed one, the solution of 1 − P = (1 − pP)²ᵈ. The more dimensions, the closer. The "
        "quantity is the P of the paper's app. C; the paper draws no such figure. A click on a number "
        "in the legend singles it out.",
    )


def _thresholds(record: Record) -> None:
    table = record.tables["thresholds"]
    st.markdown("**Thresholds**, the least *p* at which an infinite cluster exists")
    st.table(
        {
            "Dimensions": table["dimension"].astype(str).tolist(),
            "Measured here": [
                f"{row.estimate:.5f} ± {row.error:.5f}" for row in table.itertuples()
            ],
            "How": [METHODS[method] for method in table["method"]],
            "Literature": [f"{value:.6f}" for value in table["literature"]],
            "Off by": [
                f"{100 * (row.estimate / row.literature - 1):+.2f} %".replace("-", "−")
                for row in table.itertuples()
            ],
            "Mean field, 1/(2d)": [f"{value:.4f}" for value in table["mean_field"]],
            "Series in 1/(2d − 1)": [f"{value:.4f}" for value in table["series"]],
        },
        alt="Percolation thresholds by dimension: measured, from literature, and from two theories",
    )
    first, last = table.iloc[0], table.iloc[-1]
    st.caption(
        "± is one standard error. All measured thresholds lie within "
        f"{100 * record.summary['worst_threshold']:.1f} % of the literature (Jacobsen 2015; Xu et "
        "al. 2014; Mertens and Moore 2018). The mean-field one is too low by "
        f"{share(1 - first['mean_field'] / first['literature'])} in {first['dimension']:.0f} dimensions "
        f"and by {share(1 - last['mean_field'] / last['literature'])} in {last['dimension']:.0f}. "
        "Spanning: where the probabilities that lattices of two sizes are spanned cross. Invasion: the "
        "share of tested sites that a growing cluster takes; it comes from below. The series holds for "
        "many dimensions only."
    )


def _choice(label: str, names: dict[str, str], key: str) -> str:
    """A choice among the keys of `names`, shown by their values."""
    chosen = st.segmented_control(
        label,
        list(names),
        default=next(iter(names)),
        format_func=names.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
    )
    return chosen or next(iter(names))
