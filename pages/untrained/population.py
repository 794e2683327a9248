"""All pairs of untrained networks, and what was joined of them."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from engine.experiments.untrained.results import UntrainedResult
from pages.shared.chart_block import chart_block
from pages.shared.figures import input_traces
from pages.shared.words import figure, nats, share

PAIR_COLUMNS = {
    "seed": "Seed",
    "class": "Class",
    "converged": "Both inputs optimal",
    "loss_a": "Loss of A (nats)",
    "loss_c": "Loss of C (nats)",
    "straight": "Highest, straight (nats)",
    "height": "Highest, path found (nats)",
    "rounds": "Rounds",
    "segments": "Segments",
    "connected": "Connected",
}


def fractions(table: pd.DataFrame) -> None:
    """The share of pairs that is connected after each round."""
    st.markdown("**Connected after each round**, of the pairs with two optimal inputs")
    rows = list(table.itertuples())
    st.table(
        {
            "Path": [f"After round {row.round}" if row.round else "Straight line" for row in rows],
            "Connected": [
                f"{row.connected} of {row.pairs} ({share(row.fraction)})" for row in rows
            ],
            "95 % interval (Wilson)": [f"{share(row.low)} to {share(row.high)}" for row in rows],
        },
        alt="Share of pairs connected by the straight line and after every round",
    )


def every_pair(pairs: pd.DataFrame) -> None:
    """One row a pair."""
    data = pairs[list(PAIR_COLUMNS)].copy()
    for name in ("loss_a", "loss_c", "straight", "height", "rounds", "segments"):
        data[name] = [
            "" if math.isnan(value) else figure(value) for value in data[name].astype(float)
        ]
    st.markdown("**Every pair**")
    st.dataframe(data.rename(columns=PAIR_COLUMNS), hide_index=True, alt="Every pair in numbers")


def inputs(found: UntrainedResult) -> None:
    """The losses of all inputs on their way from noise, those that did not get there too."""
    spec, table = found.spec, found.inputs
    lowest, highest = float(table["lowest"].min()), float(table["highest"].max())
    st.markdown("**How the inputs were made**")
    chart_block(
        input_traces(found.search, spec.threshold),
        f"From noise of standard deviation {figure(spec.noise)}, Adam with step size "
        f"{figure(spec.learning_rate)} until the loss is below {nats(spec.threshold)} (dashed) or for "
        f"{spec.steps:,} steps: {int(table['converged'].sum())} of {len(table)} inputs got there. C "
        f"has a high-frequency penalty of weight {figure(spec.high_frequency)}. Pixels reach from "
        f"{figure(lowest)} to {figure(highest)}. Batch normalisation is in evaluation mode as "
        "initialised.",
        key="ut_inputs",
        of=found.key[:8],
    )
