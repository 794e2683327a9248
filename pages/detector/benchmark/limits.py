"""Where detectors fail and what they cost: unusual clean images, attacks that know them, passes and time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.experiments.detection.results import BenchmarkResult
from pages.detector.benchmark.notes import adaptive_words, cost_words, negatives_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import accuracy_against_cost, alarm_bars, falls
from pages.shared.figures.costs import COSTS
from pages.shared.words import figure

SHORT = {"milliseconds": "Time", "passes": "Passes"}


def negatives(found: BenchmarkResult) -> None:
    """Clean images that no detector learnt from and that it might take for attacked."""
    table = found.with_titles(found.tables["negatives"])
    if table.empty:
        return
    st.markdown("**Harder clean images**")
    chart, data = alarm_bars(table)
    chart_block(
        chart,
        data,
        name=f"isthmus-negatives-{found.key[:8]}",
        alt_text="Share of clean images that each detector takes for attacked: misclassified ones, and "
        "those with noise",
        key="bm_negatives",
        note=negatives_words(table),
    )


def adaptive(found: BenchmarkResult) -> None:
    """An attack that knows the detector, where the benchmark has one."""
    if "adaptive" not in found.tables:
        return
    table = found.with_titles(found.tables["adaptive"])
    if table.empty:
        return
    st.markdown("**An attack that knows the detector**")
    chart, data = falls(table)
    chart_block(
        chart,
        data,
        name=f"isthmus-adaptive-{found.key[:8]}",
        alt_text="AUC of each detector under an ordinary attack and under one that knows it",
        key="bm_adaptive",
        note=adaptive_words(table),
    )


def costs(found: BenchmarkResult, pixels: str, device: str) -> None:
    """Passes and milliseconds of an image on a device, and what they buy."""
    st.subheader("What it costs", anchor=False)
    table = cost_table(found, pixels)
    left, right = st.columns(2, gap="large")
    with left:
        across = st.segmented_control(
            "Cost",
            list(COSTS),
            default="milliseconds",
            format_func=SHORT.__getitem__,
            key="bm_cost",
            required=True,
            label_visibility="collapsed",
        )
        chart, data = accuracy_against_cost(table, across or "milliseconds")
        chart_block(
            chart,
            data,
            name=f"isthmus-cost-{found.key[:8]}",
            alt_text="Mean AUC of every detector against what one image costs it",
            key="bm_costs",
            note=cost_words(table),
        )
    with right:
        _passes(table, device)


def cost_table(found: BenchmarkResult, pixels: str) -> pd.DataFrame:
    """What an image costs each detector beside its mean AUC."""
    table = found.with_titles(found.tables["cost"])
    return table.assign(
        passes=table["forward_passes"] + table["backward_passes"],
        auc=table["detector"].map(found.means(pixels)),
    )


def _passes(table: pd.DataFrame, device: str) -> None:
    st.table(
        {
            "Detector": table["title"].tolist(),
            "Forward passes": [f"{value:,}" for value in table["forward_passes"]],
            "Backward passes": [f"{value:,}" for value in table["backward_passes"]],
            "Features": [f"{value:,}" for value in table["features"]],
            "Time (ms)": [figure(float(value)) for value in table["milliseconds"]],
        },
        alt="Forward and backward passes, numbers kept and milliseconds of one image, for each detector",
    )
    st.caption(
        f"For one image, in batches, on {device.upper()}. A pass is one image once through the network; "
        "features are the numbers that a detector learns from."
    )
