"""The figures of a population."""

from __future__ import annotations

import streamlit as st

from engine.experiments.population.results import PopulationResult
from engine.plots.branches import MEASURES as TITLES
from engine.plots.branches import NAMES, samples_of
from pages.shared.chart_block import chart_block
from pages.shared.figures import (
    box_plots,
    distribution_functions,
    histograms,
    mean_curves,
    rounds_needed,
)
from pages.shared.views import one_of


def distributions(found: PopulationResult) -> None:
    """Histograms, distribution functions and box plots of the chosen measure."""
    words = "Gap: what the barrier adds to the higher end. Height: the highest loss on the path."
    measure = one_of("Measure", TITLES, "pop_shown", help=words)
    samples = samples_of(found.pairs, measure)
    left, right = st.columns(2, gap="large")
    with left:
        chart_block(
            histograms(samples, measure),
            "How much of the orange lies to the right of the blue? Dashed: the medians.",
            key="pop_histogram",
            of=f"{measure}-{found.key[:8]}",
        )
    with right:
        chart_block(
            distribution_functions(samples, measure),
            "The lower curve is of the pairs with the higher barriers.",
            key="pop_ecdf",
            of=f"{measure}-{found.key[:8]}",
        )
    chart_block(
        box_plots(samples, measure),
        "Boxes: the middle half of the pairs with the median; whiskers: the last pair within 1.5 box "
        "lengths.",
        key="pop_boxes",
        of=f"{measure}-{found.key[:8]}",
    )


def rounds_figure(found: PopulationResult) -> None:
    """How many rounds join the pairs, where they were joined."""
    if found.joined is None:
        return
    st.header("Joining them", anchor=False)
    chart_block(
        rounds_needed(found.joined, found.spec.connect.rounds),
        "0: the straight path is low already. The paper expects one round between real pictures and more to "
        "attacked ones.",
        key="pop_rounds",
        of=found.key[:8],
    )


def mean_curve_figure(found: PopulationResult) -> None:
    """Mean loss along the straight path, with bands of quartiles."""
    st.header("The mean path", anchor=False)
    chart_block(
        mean_curves(found.t, {name: found.curves(key) for key, name in NAMES.items()}),
        "Means (dashed: real–real), and bands with the middle half of the curves. Does the loss rise right "
        "beside t = 1, which in the orange curve is the attacked image?",
        key="pop_means",
        of=found.key[:8],
    )
