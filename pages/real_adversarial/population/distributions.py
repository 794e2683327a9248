"""The distributions of gap and height in both branches, and the mean curves behind them."""

from __future__ import annotations

import streamlit as st

from engine.experiments.population.results import PopulationResult
from pages.shared.chart_block import chart_block
from pages.shared.figures import box_plots, distribution_functions, histograms, mean_curves
from pages.shared.figures.branches import MEASURES, NAMES, samples_of
from pages.shared.words import figure


def distributions(found: PopulationResult) -> None:
    """Histograms, distribution functions and box plots of the chosen measure."""
    st.subheader("Distributions", anchor=False)
    measure = st.segmented_control(
        "Measure",
        list(MEASURES),
        format_func=lambda name: MEASURES[name],
        default="gap",
        key="pop_shown",
        required=True,
        label_visibility="collapsed",
        help="Gap: what the barrier adds to the higher end. Height: the highest loss on the path.",
    )
    samples = samples_of(found.pairs, measure)
    stem = f"isthmus-{measure}-{found.key[:8]}"
    left, right = st.columns(2, gap="large")
    with left:
        chart, table = histograms(samples, measure)
        chart_block(
            chart,
            table,
            name=f"{stem}-histogram",
            alt_text=f"Histograms of the {measure}: {_medians(found, measure)}",
            key="pop_histogram",
            note="Look at how much of the orange lies to the right of the blue. Dashed: the medians.",
        )
    with right:
        chart, table = distribution_functions(samples, measure)
        chart_block(
            chart,
            table,
            name=f"{stem}-distribution",
            alt_text=f"Share of pairs at or below every {measure}: {_medians(found, measure)}",
            key="pop_ecdf",
            note="The lower of two curves is of the pairs with the higher barriers; where they cross "
            "50 % are the medians.",
        )
    chart, table = box_plots(samples, measure)
    chart_block(
        chart,
        table,
        name=f"{stem}-boxes",
        alt_text=f"Box plots of the {measure}: {_medians(found, measure)}",
        key="pop_boxes",
        note="The box holds the middle half of the pairs, the white line is the median; whiskers reach "
        "the last pair within 1.5 box lengths, marks beyond are single pairs.",
    )


def mean_curve_figure(found: PopulationResult) -> None:
    """Mean loss along the straight path, with bands of quartiles."""
    st.subheader("The mean path", anchor=False)
    chart, table = mean_curves(found.t, {name: found.curves(key) for key, name in NAMES.items()})
    chart_block(
        chart,
        table,
        name=f"isthmus-mean-curves-{found.key[:8]}",
        alt_text="Mean loss along the straight path and the band between the quartiles, for real–real "
        "and real–adversarial pairs",
        key="pop_means",
        note="Lines are means (dashed: real–real), bands hold the middle half of the curves. A mean "
        "above its band comes from a few high barriers. Look at whether the loss rises soon after the "
        "second end, t = 1: in the orange curve that is the attacked image.",
    )


def _medians(found: PopulationResult, measure: str) -> str:
    real, attacked = (
        figure(found.statistics(branch, measure)["median"]) for branch in ("real", "adversarial")
    )
    return f"the median is {attacked} nats for real–adversarial and {real} for real–real pairs"
