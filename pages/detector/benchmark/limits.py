"""Where detectors fail and what they cost: unusual clean images, attacks that know them, passes and time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.experiments.detection.results import BenchmarkResult
from pages.detector.benchmark.notes import adaptive_words, cost_words, negatives_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import accuracy_against_cost, alarm_bars, falls
from pages.shared.one_of import one_of
from pages.shared.words import figure

SHORT = {"milliseconds": "Time", "passes": "Passes"}


def negatives(found: BenchmarkResult) -> None:
    """Clean images that no detector learnt from and that it might take for attacked."""
    table = found.with_titles(found.harder())
    if table.empty:
        return
    st.markdown("**Harder clean images**")
    chart_block(alarm_bars(table), negatives_words(table), key="bm_negatives", of=found.key[:8])


def adaptive(found: BenchmarkResult) -> None:
    """An attack that knows the detector, where the benchmark has one."""
    if "adaptive" not in found.tables:
        return
    table = found.with_titles(found.tables["adaptive"])
    if table.empty:
        return
    st.markdown("**An attack that knows the detector**")
    chart_block(falls(table), adaptive_words(table), key="bm_adaptive", of=found.key[:8])


def costs(found: BenchmarkResult, pixels: str, device: str) -> None:
    """Passes and milliseconds of an image on a device, and what they buy."""
    table = cost_table(found, pixels)
    left, right = st.columns(2, gap="large")
    with left:
        across = one_of("Cost", SHORT, "bm_cost")
        chart_block(
            accuracy_against_cost(table, across),
            cost_words(table),
            key="bm_costs",
            of=found.key[:8],
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
        f"For one image, in batches, on {device.upper()}. Features: the numbers that a detector learns from."
    )
