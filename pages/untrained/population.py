"""All pairs of all untrained networks: fractions with intervals, one row a pair, how inputs were made."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from engine.experiments.untrained.untrained import Untrained
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import input_traces
from pages.shared.words import figure, nats, share
from pages.untrained.sayings import inputs_words

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


def population(record: Record) -> None:
    """The fractions connected after each round, and every pair behind them."""
    fractions = record.tables["fractions"]
    if record.summary["converged"]:
        st.markdown("**All pairs:** connected after each round, of those with two optimal inputs")
        st.table(
            {
                "Path": [f"After round {k}" if k else "Straight line" for k in fractions["round"]],
                "Connected": [
                    f"{row.connected} of {row.pairs} ({share(row.fraction)})"
                    for row in fractions.itertuples()
                ],
                "95 % interval (Wilson)": [
                    f"{share(row.low)} to {share(row.high)}" for row in fractions.itertuples()
                ],
            },
            alt="Share of pairs connected by the straight line and after every round",
        )
    with st.expander("Every pair", icon=":material/table:"):
        st.dataframe(
            _readable(record.tables["pairs"]),
            hide_index=True,
            alt="Seed, class, losses, rounds and verdict of every pair",
        )


def _readable(pairs: pd.DataFrame) -> pd.DataFrame:
    data = pairs[list(PAIR_COLUMNS)].copy()
    for name in ("loss_a", "loss_c", "straight", "height"):
        data[name] = ["" if math.isnan(value) else figure(value) for value in data[name]]
    return data.rename(columns=PAIR_COLUMNS)


def inputs(record: Record, spec: Untrained) -> None:
    """The losses of all inputs on their way from noise, those that did not get there too."""
    with st.expander("How the inputs were made", icon=":material/blur_on:"):
        chart, data = input_traces(record.tables["search"], spec.threshold)
        chart_block(
            chart,
            data,
            name=f"isthmus-inputs-{record.key[:8]}",
            alt_text="Loss of every input against the step of its optimisation from noise, threshold "
            f"{nats(spec.threshold)}",
            key="ut_inputs",
            note=inputs_words(spec, record.tables["inputs"]),
        )
